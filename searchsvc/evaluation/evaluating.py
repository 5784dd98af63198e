"""The evaluation, the door: a data set and an index go in, figures and a run come out."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.errors import NotFound
from searchsvc.evaluation.asking import DEPTH, ask
from searchsvc.evaluation.runs import Run
from searchsvc.query.limits import Limits
from searchsvc.searching.service import Service

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from searchsvc.config import Settings
    from searchsvc.evaluation.dataset import Dataset
    from searchsvc.evaluation.measuring import Judge, Measured

PATIENCE = 60.0
"""Seconds for one query: a busy machine must not change what is found."""


class Latency(NamedTuple):
    """Milliseconds of a query, a page of 100 hits with snippets."""

    mean: float
    p95: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How good the answers over one data set are.

    ``empty`` counts queries that found nothing, ``cut`` those that were longer than the service
    allows, ``unindexed`` relevant articles that the index does not have.
    """

    run: Run
    articles: int
    measured: tuple[Measured, ...]
    latency: Latency
    empty: int
    cut: int
    unindexed: int

    @property
    def queries(self) -> int:
        """How many queries were asked."""
        return len(self.run.rankings)


def evaluate(dataset: Dataset, judge: Judge, index: Path, settings: Settings) -> Evaluation:
    """Ask every query of a data set of an index, as HTTP does, one after another.

    The page size is raised to 100 and the time of a query to a minute, where they are below.
    Freshness is off: judgements know of no newest article.
    Raises IndexMissing, EngineUnavailable.
    """
    settings = replace(
        settings,
        index=index,
        page_size=max(settings.page_size, DEPTH),
        window=max(settings.window, DEPTH),
        query_seconds=max(settings.query_seconds, PATIENCE),
        freshness=0.0,
    )
    service = Service(settings)
    try:
        asked = ask(service, dataset.queries, Limits.of(settings))
        articles = service.ready().articles
        unindexed = _unindexed(service, dataset)
    finally:
        service.close()
    run = Run("searchsvc", asked.rankings)
    return Evaluation(
        run=run,
        articles=articles,
        measured=judge.measure(run),
        latency=_latency(asked.times),
        empty=sum(not ranking.article_ids for ranking in asked.rankings),
        cut=asked.cut,
        unindexed=unindexed,
    )


def _latency(times: Sequence[float]) -> Latency:
    place = math.ceil(len(times) * 0.95) - 1
    return Latency(statistics.fmean(times), sorted(times)[place])


def _unindexed(service: Service, dataset: Dataset) -> int:
    relevant = {qrel.article_id for qrel in dataset.qrels if qrel.grade > 0}
    return sum(not _has(service, article_id) for article_id in relevant)


def _has(service: Service, article_id: str) -> bool:
    try:
        service.article(article_id)
    except NotFound:
        return False
    return True
