"""Freshness: what an article gains by being new, where a setting asks for it.

In: documents of a segment and what the newest article gains. Out: what each of them gains. Ages are
counted from the newest article that is not dated after the index was made, not from a clock: the
same index answers the same.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh.layout import UNDATED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.operands import Index

HALF_LIFE = 30.0
"""Days after which half of the gain is left: a month. News are mostly asked for in the weeks after
them; a year later a 4,000th is left, so that archives are ordered by their words alone."""

MINUTES = 24 * 60


def latest_of(created: str) -> float:
    """Give the last minute that an article of an index made then may be dated, in any zone."""
    return datetime.fromisoformat(created).timestamp() / 60 + MINUTES


def ages(index: Index, number: int, docs: NDArray[np.int32]) -> NDArray[np.float64]:
    """Give documents' ages in days before the newest living article; undated: infinity."""
    minutes = index.segments[number].column("minute")[docs].astype(np.float64)
    since = np.maximum(index.newest - minutes, 0) / MINUTES
    found: NDArray[np.float64] = np.where(minutes == UNDATED, np.inf, since)
    return found


def freshness(
    index: Index, number: int, docs: NDArray[np.int32], weight: float
) -> NDArray[np.float64]:
    """Give what documents of a segment gain: ``weight * 0.5 ** (age / HALF_LIFE)``."""
    gained: NDArray[np.float64] = weight * np.exp2(-ages(index, number, docs) / HALF_LIFE)
    return gained


def gains(index: Index, weight: float) -> tuple[NDArray[np.float32], ...] | None:
    """Give what all documents of each segment gain, counted once; None without a weight."""
    if not weight:
        return None
    found = index.fresh.get(weight)
    if found is None:
        every = (np.arange(segment.size, dtype=np.int32) for segment in index.segments)
        found = tuple(
            freshness(index, number, docs, weight).astype(np.float32)
            for number, docs in enumerate(every)
        )
        index.fresh[weight] = found
    return found
