"""Work on inputs, in this process or in others: parse and make ready for the engine.

In: batches of inputs. Out: what each gave, in the order of the inputs. Processes are started only
when there is work enough to pay for them.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from itertools import islice
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.errors import BuildRefused
from searchsvc.parsing.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from searchsvc.engines.protocol import Prepared
    from searchsvc.model import Article, Failure, Input

    Prepare = Callable[[Article], Prepared]

BATCH_INPUTS = 64
BATCH_CHARACTERS = 500_000
ALONE = 200
"""Inputs worked on before other processes are started: those take about a second to begin."""


class Ready(NamedTuple):
    """What one article is to the report, and what the engine takes of it."""

    language: str
    dated: bool
    prepared: Prepared


class Outcome(NamedTuple):
    """What one input gave."""

    ready: tuple[Ready, ...]
    promos: int
    failures: tuple[Failure, ...]


def work(item: Input, prepare: Prepare) -> Outcome:
    """Parse one input and make its articles ready."""
    parsed = parse(item)
    ready = tuple(
        Ready(article.language, article.date is not None, prepare(searchable(article)))
        for article in parsed.articles
    )
    return Outcome(ready, parsed.promos, parsed.failures)


def searchable(article: Article) -> Article:
    """Put a lead that the text does not have before the text, so that its words are found."""
    if not article.lead or article.lead in article.text or article.lead == article.title:
        return article
    text = f"{article.lead}\n{article.text}".rstrip("\n")
    return replace(article, text=text, title_made=False)


def outcomes(inputs: Iterable[Input], prepare: Prepare, processes: int) -> Iterator[Outcome]:
    """Work on all inputs in order, the first ones here, many with ``processes`` others."""
    inputs = iter(inputs)
    most = None if processes <= 1 else ALONE
    for item in islice(inputs, most):
        yield work(item, prepare)
    for first in inputs:
        yield from _spread(_batches(_chain(first, inputs)), prepare, processes)


def _chain(first: Input, rest: Iterator[Input]) -> Iterator[Input]:
    yield first
    yield from rest


def _batches(inputs: Iterator[Input]) -> Iterator[list[Input]]:
    batch: list[Input] = []
    weight = 0
    for item in inputs:
        batch.append(item)
        weight += len(item.content) if isinstance(item.content, str) else 2_000
        if len(batch) >= BATCH_INPUTS or weight >= BATCH_CHARACTERS:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _spread(batches: Iterator[list[Input]], prepare: Prepare, processes: int) -> Iterator[Outcome]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _begin, (prepare,)) as pool:
        waiting: deque[Future[list[Outcome]]] = deque()
        try:
            for batch in batches:
                waiting.append(pool.submit(_work_all, batch))
                if len(waiting) > 2 * processes:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        except BrokenProcessPool:
            message = "a process that parses died (is there memory enough?); nothing was replaced"
            raise BuildRefused(message) from None
        finally:
            for future in waiting:
                future.cancel()


_worker: list[Prepare] = []
"""What a worker process makes articles ready with; its caches live as long as the process."""


def _begin(prepare: Prepare) -> None:
    _worker[:] = [prepare]
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the build that started it is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _work_all(batch: Sequence[Input]) -> list[Outcome]:
    return [work(item, _worker[0]) for item in batch]
