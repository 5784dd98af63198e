"""Sets of documents with scores, and how they combine.

``docs`` is sorted and distinct, shape (n,); ``scores`` float32 of the same shape. The portable
kernel has documents in int64 inside: numpy picks with these three times as fast as with int32.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Docs = NDArray[np.signedinteger]


class Scored(NamedTuple):
    """Documents that match, each with its score."""

    docs: NDArray[np.signedinteger]
    scores: NDArray[np.float32]

    def at(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Scored:
        """Keep some of them."""
        return Scored(self.docs[chosen], self.scores[chosen])


def unscored(docs: Docs) -> Scored:
    """Give documents the score 0."""
    return Scored(docs, np.zeros(docs.size, np.float32))


def nothing() -> Scored:
    """Give no document."""
    return unscored(np.zeros(0, np.int64))


def everything(size: int) -> Scored:
    """Give every document of a segment, all with the score 0."""
    return unscored(np.arange(size))


def spread(begins: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """List the numbers of the ranges ``begins[i] … begins[i] + lengths[i] - 1``, end to end.

    >>> spread(np.array([5, 9]), np.array([2, 1])).tolist()
    [5, 6, 9]
    """
    ends: NDArray[np.int64] = lengths.cumsum()
    total = int(ends[-1]) if ends.size else 0
    numbers: NDArray[np.int64] = np.arange(total) + (begins - (ends - lengths)).repeat(lengths)
    return numbers


def places(docs: Docs, among: Docs) -> tuple[NDArray[np.int64], Docs]:
    """Find which of ``docs`` are ``among`` others: their indices in both.

    Few are looked up by halving, about 20 ns each. For many, the others are laid out in a table,
    about 1 ns for each and for 16 numbers of its length.
    """
    if not among.size:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    length = among.item(-1) + 1
    if docs.size < (among.size + length // 16) // 16:
        found: Docs = among.searchsorted(docs)
        found[found == among.size] = 0
        inside = (among[found] == docs).nonzero()[0]
    else:
        table = np.full(length + 1, -1, np.int32)
        table[among] = np.arange(among.size, dtype=np.int32)
        found = table[np.minimum(docs, length)]
        inside = (found >= 0).nonzero()[0]
    return inside, found[inside]


def common(lists: Sequence[Docs]) -> Docs:
    """Keep what is in all lists, from the shortest on."""
    docs, *others = sorted(lists, key=len)
    for other in others:
        docs = docs[places(docs, other)[0]]
    return docs


def counted(docs: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the different ones of ascending documents, and how often each is there.

    >>> [column.tolist() for column in counted(np.array([3, 5, 5]))]
    [[3, 5], [1, 2]]
    """
    first = np.ones(docs.size + 1, np.bool_)
    first[1:-1] = docs[1:] != docs[:-1]
    heads = first.nonzero()[0]
    return docs[heads[:-1]], heads[1:] - heads[:-1]


def union(parts: Sequence[Scored], size: int, *, best: bool = False) -> Scored:
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
    return Scored(docs, scores[docs])


def difference(first: Scored, docs: Docs) -> Scored:
    """Keep the documents that are not among ``docs``."""
    keep = np.ones(first.docs.size, np.bool_)
    keep[places(first.docs, docs)[0]] = False
    return first.at(keep)


def boosted(first: Scored, part: Scored) -> Scored:
    """Add a part's scores where it has the same documents."""
    own, others = places(first.docs, part.docs)
    scores = first.scores.copy()
    scores[own] += part.scores[others]
    return Scored(first.docs, scores)


def together(parts: Sequence[Scored]) -> Scored:
    """Keep the documents of all parts, found from the fewest on; scores add up in their order."""
    if len(parts) == 1:
        return parts[0]
    first, *others = sorted(range(len(parts)), key=lambda number: parts[number].docs.size)
    docs = parts[first].docs
    rows: dict[int, Docs] = {first: np.arange(docs.size)}
    for number in others:
        kept, own = places(docs, parts[number].docs)
        docs = docs[kept]
        rows = {one: before[kept] for one, before in rows.items()}
        rows[number] = own
    scores = np.zeros(docs.size, np.float32)
    for number, part in enumerate(parts):
        scores += part.scores[rows[number]]
    return Scored(docs, scores)
