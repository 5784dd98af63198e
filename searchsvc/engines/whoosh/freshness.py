"""Freshness: what an article gains by being new, where a setting asks for it.

In: documents of a segment and what the newest article gains. Out: what each of them gains. Ages are
counted from the newest article of the index, not from a clock: the same index answers the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh.layout import UNDATED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Hits
    from searchsvc.engines.whoosh.operands import Index

HALF_LIFE = 30.0
"""Days after which half of the gain is left: a month. News are mostly asked for in the weeks after
them; a year later a 4,000th is left, so that archives are ordered by their words alone."""

MINUTES = 24 * 60


def ages(index: Index, number: int, docs: NDArray[np.int32]) -> NDArray[np.float64]:
    """Give documents' ages in days before the newest living article; undated: infinity."""
    newest = max((segment.newest for segment in index.segments), default=UNDATED)
    minutes = index.segments[number].column("minute")[docs].astype(np.float64)
    found: NDArray[np.float64] = np.where(minutes == UNDATED, np.inf, (newest - minutes) / MINUTES)
    return found


def freshness(
    index: Index, number: int, docs: NDArray[np.int32], weight: float
) -> NDArray[np.float64]:
    """Give what documents of a segment gain: ``weight * 0.5 ** (age / HALF_LIFE)``."""
    gained: NDArray[np.float64] = weight * np.exp2(-ages(index, number, docs) / HALF_LIFE)
    return gained


def freshened(index: Index, bases: Sequence[int], hits: Hits, weight: float) -> Hits:
    """Order hits (key, number in the generation, score) by their scores and what they gain."""
    if not weight:
        return hits
    numbers = np.array([number for _, number, _ in hits], np.int64)
    owners = np.searchsorted(bases, numbers, "right") - 1
    totals = np.array([score for _, _, score in hits], np.float64)
    for owner in np.unique(owners).tolist():
        own = owners == owner
        docs = (numbers[own] - bases[owner]).astype(np.int32)
        totals[own] += freshness(index, owner, docs, weight)
    pairs = zip(numbers.tolist(), totals.tolist(), strict=True)
    return sorted((-total, number, total) for number, total in pairs)
