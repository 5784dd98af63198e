"""Two runs over the same queries: who is better how often, and how sure the difference is."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from searchsvc.evaluation.measuring import Measured

SEED = 1
RESAMPLES = 10_000
SURE = 0.95
"""The part of the resampled differences that lies in the interval."""

EQUAL = 1e-9


class Comparison(NamedTuple):
    """One measure of two runs, query by query; ``low`` to ``high`` is the interval at 95 %."""

    measure: str
    ours: float
    theirs: float
    wins: int
    losses: int
    low: float
    high: float

    @property
    def difference(self) -> float:
        """How much ours is better."""
        return self.ours - self.theirs


def compare(ours: Measured, theirs: Measured, seed: int = SEED) -> Comparison:
    """Compare two runs; the same seed gives the same interval.

    The interval is the percentile bootstrap of the mean difference over queries (Efron 1979;
    Sakai, SIGIR 2006, for paired runs).
    """
    differences = [a - b for a, b in zip(ours.values, theirs.values, strict=True)]
    low, high = interval(differences, seed)
    return Comparison(
        measure=ours.measure,
        ours=ours.mean,
        theirs=theirs.mean,
        wins=sum(difference > EQUAL for difference in differences),
        losses=sum(difference < -EQUAL for difference in differences),
        low=low,
        high=high,
    )


def interval(differences: list[float], seed: int = SEED) -> tuple[float, float]:
    """Resample the mean of some differences; gives the bounds of its middle 95 %."""
    if not any(differences):
        return 0.0, 0.0
    chance = random.Random(seed)  # noqa: S311 - no secret depends on it
    count = len(differences)
    means = sorted(sum(chance.choices(differences, k=count)) / count for _ in range(RESAMPLES))
    outside = round(RESAMPLES * (1 - SURE) / 2)
    return means[outside], means[-1 - outside]
