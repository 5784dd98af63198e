"""Sets of documents with scores, and how they combine.

``docs`` is sorted and distinct, shape (n,); ``scores`` float32 of the same shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Scored(NamedTuple):
    """Documents that match, each with its score."""

    docs: NDArray[np.int32]
    scores: NDArray[np.float32]

    def at(self, chosen: NDArray[np.bool_]) -> Scored:
        """Keep some of them."""
        return Scored(self.docs[chosen], self.scores[chosen])


def unscored(docs: NDArray[np.int32]) -> Scored:
    """Give documents the score 0."""
    return Scored(docs, np.zeros(docs.size, np.float32))


def nothing() -> Scored:
    """Give no document."""
    return unscored(np.zeros(0, np.int32))


def everything(size: int) -> Scored:
    """Give every document of a segment, all with the score 0."""
    return unscored(np.arange(size, dtype=np.int32))


def spread(begins: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """List the numbers of the ranges ``begins[i] … begins[i] + lengths[i] - 1``, end to end.

    >>> spread(np.array([5, 9]), np.array([2, 1])).tolist()
    [5, 6, 9]
    """
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if ends.size else 0
    numbers: NDArray[np.int64] = np.arange(total) + np.repeat(begins - (ends - lengths), lengths)
    return numbers


def places(docs: NDArray[np.int32], among: NDArray[np.int32]) -> tuple[NDArray[np.int64], ...]:
    """Find which of ``docs`` are ``among`` others: their indices in both."""
    found = np.searchsorted(among, docs)
    inside = np.flatnonzero(found < among.size)
    inside = inside[among[found[inside]] == docs[inside]]
    return inside, found[inside]


def among(docs: NDArray[Any], others: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which of ``docs`` are among others, both ascending."""
    if not others.size:
        return np.zeros(docs.size, np.bool_)
    found = np.searchsorted(others, docs)
    found[found == others.size] = 0
    same: NDArray[np.bool_] = others[found] == docs
    return same


def common(lists: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    """Keep what is in all lists, from the shortest on."""
    docs, *others = sorted(lists, key=len)
    for other in others:
        if other is not docs:
            docs = docs[among(docs, other)]
    return docs


def counted(docs: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Give the different ones of ascending documents, and how often each is there.

    >>> [column.tolist() for column in counted(np.array([3, 5, 5], np.int32))]
    [[3, 5], [1, 2]]
    """
    heads = np.flatnonzero(np.diff(docs, prepend=np.int32(-1)))
    return docs[heads], np.diff(heads, append=docs.size)


def union(parts: Sequence[Scored], size: int, *, best: bool = False) -> Scored:
    """Keep the documents of any part; scores add up, or the ``best`` counts.

    ``size`` is the number of documents of the segment.
    """
    if len(parts) == 1:
        return parts[0]
    scores = np.full(size, -np.inf if best else 0, np.float32)
    present = np.zeros(size, np.bool_)
    for part in parts:
        present[part.docs] = True
        own = scores[part.docs]
        scores[part.docs] = np.maximum(own, part.scores) if best else own + part.scores
    docs = np.flatnonzero(present).astype(np.int32)
    return Scored(docs, scores[docs])


def difference(first: Scored, docs: NDArray[np.int32]) -> Scored:
    """Keep the documents that are not among ``docs``."""
    keep = np.ones(first.docs.size, np.bool_)
    keep[places(first.docs, docs)[0]] = False
    return Scored(first.docs[keep], first.scores[keep])


def boosted(first: Scored, part: Scored) -> Scored:
    """Add a part's scores where it has the same documents."""
    own, others = places(first.docs, part.docs)
    scores = first.scores.copy()
    scores[own] += part.scores[others]
    return Scored(first.docs, scores)
