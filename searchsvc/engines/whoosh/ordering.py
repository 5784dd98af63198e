"""The order of hits: the first of many by score or by date, from a place on.

Every order is an ascending (key, number): minus the score, minus the minute, or the minute, with
undated articles at infinity; the number is the article's in the generation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.protocol import Cursor, Sort
from searchsvc.engines.whoosh.layout import UNDATED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.segment import Segment
    from searchsvc.engines.whoosh.sets import Scored


class Ordered(NamedTuple):
    """One article of the order: where it is and what placed it there."""

    segment: int
    doc: int
    score: float
    cursor: Cursor


def first_hits(
    segments: Sequence[Segment],
    results: Sequence[Scored],
    sort: Sort,
    wanted: slice,
    after: Cursor | None,
    *,
    ordered: bool = False,
) -> list[Ordered]:
    """Give the hits of a slice of the order, or of what comes ``after`` a place in it.

    ``results`` are all matches by document, or the first ones of each segment in their order.
    """
    if not results:
        return []
    if ordered and len(results) == 1:
        return _only(segments[0], results[0], sort)[wanted.start : wanted.stop]
    bases = np.cumsum([0, *(segment.size for segment in segments)])
    keys = np.concatenate([_keys(*pair, sort) for pair in zip(segments, results, strict=True)])
    numbers = np.concatenate([part.docs + base for part, base in zip(results, bases, strict=False)])
    scores = np.concatenate([part.scores for part in results])
    if after is not None:
        later = (keys > after.key) | ((keys == after.key) & (numbers > after.number))
        keys, numbers, scores = keys[later], numbers[later], scores[later]
    chosen = _smallest(keys, numbers, wanted.stop)[wanted.start :]
    owners = np.searchsorted(bases, numbers[chosen], side="right") - 1
    return [
        Ordered(
            segment=int(owner),
            doc=int(numbers[place] - bases[owner]),
            score=float(scores[place]),
            cursor=Cursor(float(keys[place]), int(numbers[place])),
        )
        for place, owner in zip(chosen, owners, strict=True)
    ]


def _only(segment: Segment, found: Scored, sort: Sort) -> list[Ordered]:
    keys, docs, scores = _keys(segment, found, sort).tolist(), found.docs.tolist(), found.scores
    rows = zip(keys, docs, scores.tolist(), strict=True)
    return [Ordered(0, doc, score, Cursor(key, doc)) for key, doc, score in rows]


def _keys(segment: Segment, found: Scored, sort: Sort) -> NDArray[np.float64]:
    if sort is Sort.RELEVANCE:
        return -found.scores.astype(np.float64)
    minutes = segment.column("minute")[found.docs]
    signed = minutes.astype(np.float64) * (-1 if sort is Sort.DATE else 1)
    return np.where(minutes == UNDATED, np.inf, signed)


def _smallest(
    keys: NDArray[np.float64], numbers: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Give the indices of the ``count`` smallest (key, number) in order."""
    if count < keys.size:
        border = np.partition(keys, count - 1)[count - 1] if count else -np.inf
        candidates = np.flatnonzero(keys <= border)
    else:
        candidates = np.arange(keys.size)
    order = np.lexsort((numbers[candidates], keys[candidates]))
    return candidates[order[:count]]
