"""Evaluation, last step: a run and judgments go in, measures for each query come out.

The measures are ir-measures' (trec_eval's, and MS MARCO's for the reciprocal rank).
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any, NamedTuple

from searchsvc.errors import ConfigError

if TYPE_CHECKING:
    from searchsvc.evaluation.dataset import Dataset
    from searchsvc.evaluation.runs import Run

MEASURES = {
    "nDCG@10": "nDCG@10",
    "MRR@10": "RR@10",
    "MAP@10": "AP@10",
    "R@10": "R@10",
    "R@100": "R@100",
}
"""Names in tables, and ir-measures' own."""


class Measured(NamedTuple):
    """One measure of a run: a value a query, in the order of the data set's queries."""

    measure: str
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean over all queries; one without any article counts as 0."""
        return statistics.fmean(self.values)


class Judge:
    """Measures runs over one data set."""

    def __init__(self, dataset: Dataset) -> None:
        """Take the judgments; raises ConfigError where ir-measures is not installed."""
        self._library = _library()
        self._queries = [query.id for query in dataset.queries]
        self._measures = {
            name: self._library.parse_measure(theirs) for name, theirs in MEASURES.items()
        }
        qrels = [self._library.Qrel(*qrel) for qrel in dataset.qrels]
        self._evaluator = self._library.evaluator(list(self._measures.values()), qrels)

    def measure(self, run: Run) -> tuple[Measured, ...]:
        """Measure a run; queries it does not have count as 0."""
        scored = [
            self._library.ScoredDoc(ranking.query_id, article_id, -float(number))
            for ranking in run.rankings
            for number, article_id in enumerate(ranking.article_ids)
        ]
        values = {
            (metric.measure, metric.query_id): float(metric.value)
            for metric in self._evaluator.iter_calc(scored)
        }
        return tuple(
            Measured(name, tuple(values.get((measure, query), 0.0) for query in self._queries))
            for name, measure in self._measures.items()
        )


def _library() -> Any:
    try:
        import ir_measures  # noqa: PLC0415 - optional
    except ImportError:
        message = "evaluation needs ir-measures: pip install 'searchsvc[eval]' (or ir-measures)"
        raise ConfigError(message) from None
    return ir_measures
