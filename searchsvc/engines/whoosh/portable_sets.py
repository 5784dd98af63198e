"""Documents of a segment that match, each with its score, and how they combine.

In: documents, ascending and distinct, in int64: numpy picks with these three times as fast as with
int32. Out: the same of several together; scores (float32) add up in the order they are given in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Docs = NDArray[np.int64]
    Scores = NDArray[np.float32]
    Flags = NDArray[np.bool_]

FEW = 32
ONES = np.ones(FEW, np.int64)
"""How often so few documents are there, when they are all different, as they mostly are."""

HALVED = 16
"""To find a document among many by halving takes some 20 ns; to lay one out in a table, or to clear
as many places of it, about 1 ns."""


class Matched:
    """Documents that match, and their scores; what is made is not changed."""

    __slots__ = ("docs", "scores")

    def __init__(self, docs: Docs, scores: Scores) -> None:
        self.docs = docs
        self.scores = scores

    def has(self, docs: Docs) -> Flags:
        """Tell which of some documents match."""
        return found_in(docs, self.docs)

    def scores_of(self, docs: Docs) -> Scores:
        """Give the scores of some documents that match."""
        if docs.size == self.docs.size:
            return self.scores
        if _many(docs, self.docs):
            return self.scores[laid_out(docs, self.docs.item(-1) + 1)[self.docs]]
        return self.scores[self.docs.searchsorted(docs)]


def found_in(docs: Docs, among: Docs) -> Flags:
    """Tell which of some documents are among others."""
    if not (docs.size and among.size):
        return np.zeros(docs.size, np.bool_)
    if _many(docs, among):
        return laid_out(among, max(among.item(-1), docs.item(-1)) + 1)[docs]
    found: Flags = among.take(among.searchsorted(docs), mode="clip") == docs
    return found


def _many(docs: Docs, among: Docs) -> bool:
    return docs.size * HALVED > among.size + among.item(-1) // HALVED


def laid_out(docs: Docs, size: int) -> Flags:
    """Give a table of documents up to a size: which are there."""
    table = np.zeros(size, np.bool_)
    table[docs] = True
    return table


def unscored(docs: Docs) -> Matched:
    """Give documents the score 0."""
    return Matched(docs, np.zeros(docs.size, np.float32))


def nothing() -> Matched:
    """Give no document."""
    return unscored(np.zeros(0, np.int64))


def everything(size: int) -> Matched:
    """Give every document of a segment, all with the score 0."""
    return unscored(np.arange(size))


def together(parts: Sequence[Matched]) -> Matched:
    """Keep the documents of all parts, found from the fewest on; scores add up."""
    if len(parts) == 1:
        return parts[0]
    first, *others = sorted(parts, key=_size)
    docs = first.docs
    for other in others:
        docs = docs[other.has(docs)]
        if not docs.size:
            return nothing()
    scores = parts[0].scores_of(docs)
    for part in parts[1:]:
        scores = scores + part.scores_of(docs)
    return Matched(docs, scores)


def _size(part: Matched) -> int:
    return part.docs.size


def union(parts: Sequence[Matched], size: int, *, best: bool = False) -> Matched:
    """Keep the documents of any part; scores add up, or the ``best`` counts.

    ``size`` is the number of documents of the segment.
    """
    if len(parts) == 1:
        return parts[0]
    scores = np.zeros(size, np.float32)
    present = np.zeros(size, np.bool_)
    for part in parts:
        present[part.docs] = True
        if best:
            scores[part.docs] = np.maximum(scores[part.docs], part.scores)
        else:
            scores[part.docs] += part.scores
    docs = present.nonzero()[0]
    return Matched(docs, scores[docs])


def difference(first: Matched, other: Matched) -> Matched:
    """Keep the documents that the other has not."""
    kept = ~other.has(first.docs)
    return Matched(first.docs[kept], first.scores[kept])


def boosted(first: Matched, part: Matched) -> Matched:
    """Add a part's scores where it has the same documents."""
    own = part.has(first.docs).nonzero()[0]
    scores = first.scores.copy()
    scores[own] += part.scores_of(first.docs[own])
    return Matched(first.docs, scores)


def counted(docs: Docs) -> tuple[Docs, NDArray[np.int64]]:
    """Give the different ones of ascending documents, and how often each is there.

    >>> [column.tolist() for column in counted(np.array([3, 5, 5]))]
    [[3, 5], [1, 2]]
    """
    if docs.size <= FEW and len(set(docs.tolist())) == docs.size:
        return docs, ONES[: docs.size]
    first = np.empty(docs.size + 1, np.bool_)
    first.fill(True)
    np.not_equal(docs[1:], docs[:-1], out=first[1:-1])
    heads = first.nonzero()[0]
    return docs[heads[:-1]], heads[1:] - heads[:-1]
