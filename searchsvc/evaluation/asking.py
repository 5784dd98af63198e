"""Evaluation, second step: queries go in, what the service answers comes out, with times.

Queries go the way of a reader's: through ``Service.search``, a page of 100 with its snippets.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.errors import QueryError
from searchsvc.evaluation.runs import Ranking
from searchsvc.query.parser import parse
from searchsvc.searching.answer import Question

if TYPE_CHECKING:
    from collections.abc import Iterable

    from searchsvc.evaluation.dataset import JudgedQuery
    from searchsvc.query.limits import Limits
    from searchsvc.searching.service import Service

DEPTH = 100
"""Hits asked for a query: the most that a page has, and as many as R@100 looks at."""


class Asked(NamedTuple):
    """What was found, how long each answer took in milliseconds, how many queries were cut."""

    rankings: tuple[Ranking, ...]
    times: tuple[float, ...]
    cut: int


def ask(service: Service, queries: Iterable[JudgedQuery], limits: Limits) -> Asked:
    """Ask every query; raises IndexMissing, EngineUnavailable."""
    rankings: list[Ranking] = []
    times: list[float] = []
    cut = 0
    service.ready()
    for query in queries:
        text = fitting(query.text, limits)
        cut += len(text) < len(query.text)
        started = time.perf_counter()
        answer = service.search(Question(text=text, size=DEPTH))
        times.append((time.perf_counter() - started) * 1000)
        rankings.append(Ranking(query.id, tuple(found.article.id for found in answer.hits)))
    return Asked(tuple(rankings), tuple(times), cut)


def fitting(text: str, limits: Limits) -> str:
    """Write a judged sentence as a query, and cut it at a word so that it passes no limit.

    Straight quotes are an operator of the query language and mere punctuation in a headline, which
    other marks stand for: ``"Зенит" победил`` is asked as ``„Зенит„ победил``.

    The service refuses longer ones, and then a reader shortens them: to raise the limits instead
    would measure a service that nobody is served by.
    """
    text = text.replace('"', "„")
    if len(text) > limits.length:
        text = text[: limits.length + 1].rpartition(" ")[0] or text[: limits.length]
    while text and _refused(text, limits):
        text = text.rstrip().rpartition(" ")[0]
    return text


def _refused(text: str, limits: Limits) -> bool:
    try:
        parse(text, limits)
    except QueryError:
        return True
    return False
