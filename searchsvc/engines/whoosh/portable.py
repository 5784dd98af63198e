"""The kernel's functions in numpy: what takes over without a compiler, and the kernel's oracle.

``boolean`` combines words and finished sets. ``mode`` is "A" (all of ``must``, with ``should``
adding to the scores), "O" (any of ``should``; ``best`` takes the best score instead of the sum)
or "E" (every document). Nothing of ``without``, nothing ``dead``, nothing outside the range of
days passes. It gives the ``wanted`` first documents in ascending order of (key, document) after a
place in that order; the key is minus the score, or the minute; undated documents are at infinity.
With ``wanted`` -1 it gives all, by document.

``spans`` gives the documents where all items stand side by side, or, with a ``distance``, where
the two items' positions are 1 to ``distance`` apart; the score counts the places, or the first
item's positions that have such a neighbour.

Scores are float32, added in one order: ``must`` from the fewest postings to the most, then
``should`` as given. So both implementations give the same bits, and the same documents where
scores are next to equal. A word's lists count as one term: occurrences add up to 255 at most, the
length is that of the last list. Where scores are not numbers, or nothing is sound to count on,
both raise ValueError; they need not find the same damage. Nothing comes after a place whose key
is not a number. The clock is looked at when work begins and now and then.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import sets
from searchsvc.engines.whoosh.buffers import DAMAGED, array_of, documents_of, in_time
from searchsvc.engines.whoosh.layout import CODES, SIZES, UNDATED
from searchsvc.engines.whoosh.portable_spans import located, spans
from searchsvc.engines.whoosh.sets import Scored

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import (
        Buffer,
        Found,
        List,
        Operand,
        Operands,
        Order,
        Range,
    )

    Codes = NDArray[np.uint16]
    Scores = NDArray[np.float32]

__all__ = ["boolean", "find", "located", "spans"]

MODES = ("A", "O", "E")


@np.errstate(over="ignore", invalid="ignore")
def boolean(  # noqa: PLR0913, PLR0917
    mode: str,
    size: int,
    table: Buffer,
    must: Operands,
    should: Operands,
    without: Operands,
    range_: Range,
    dead: Buffer | None,
    order: Order,
    after: tuple[float, int],
    wanted: int,
    best: bool,
    deadline: float,
    /,
) -> Found:
    """Combine words and sets; give the total and the wanted documents with their scores."""
    if not 0 <= size < SIZES or mode not in MODES or (mode == "A" and not must):
        raise ValueError("a conjunction needs an operand, a segment a size")
    impacts = array_of(table, np.float32, CODES)
    in_time(deadline)
    added = [_scored(operand, size, impacts, deadline) for operand in should]
    if mode == "O":
        found = sets.union(added, size, best=best) if added else sets.nothing()
    else:
        ordered = sorted(must, key=_cost)
        needed = [_scored(operand, size, impacts, deadline) for operand in ordered]
        found = sets.intersection(needed) if mode == "A" else sets.everything(size)
        for part in added:
            found = sets.boosted(found, part)
    for operand in without:
        found = sets.difference(found, _scored(operand, size, impacts, deadline).docs)
    found = _passing(found, size, range_, dead)
    if np.isnan(found.scores).any():
        raise ValueError(DAMAGED)
    return _first(found, size, order, after, wanted)


def _cost(operand: Operand) -> int:
    _, rows = operand
    return sum(array_of(docs, np.int32).size for docs, _, _ in rows)


def _scored(operand: Operand, size: int, table: NDArray[np.float32], deadline: float) -> Scored:
    in_time(deadline)
    weight, rows = operand
    lists = [_list(row, size) for row in rows]
    if not lists:
        return sets.nothing()
    coded = [(docs, codes) for docs, codes, _ in lists if codes is not None]
    if not coded and len(lists) == 1:
        docs, _, scores = lists[0]
        return sets.unscored(docs) if scores is None else Scored(docs, scores)
    if len(coded) < len(lists):
        raise ValueError("a finished set stands alone")
    docs, codes = coded[0] if len(coded) == 1 else _united(coded, size)
    return Scored(docs, np.float32(weight) * table[codes])


def _list(row: List, size: int) -> tuple[NDArray[np.int32], Codes | None, Scores | None]:
    buffer, codes, scores = row
    docs = documents_of(buffer, size)
    return (
        docs,
        None if codes is None else array_of(codes, np.uint16, docs.size),
        None if scores is None else array_of(scores, np.float32, docs.size),
    )


def _united(
    parts: list[tuple[NDArray[np.int32], Codes]], size: int
) -> tuple[NDArray[np.int32], Codes]:
    present = np.zeros(size, np.bool_)
    tf = np.zeros(size, np.int64)
    lengths = np.zeros(size, np.int64)
    for docs, codes in parts:
        present[docs] = True
        tf[docs] += codes >> 8
        lengths[docs] = codes & 255
    docs = np.flatnonzero(present).astype(np.int32)
    codes = (np.minimum(tf[docs], 255) << 8 | lengths[docs]).astype(np.uint16)
    return docs, codes


def _passing(found: Scored, size: int, range_: Range, dead: Buffer | None) -> Scored:
    first, last, low, high = range_
    keep = np.ones(found.docs.size, np.bool_)
    if first is not None:
        begins = array_of(first, np.int32, size)[found.docs]
        ends = array_of(last, np.int32, size)[found.docs]
        keep &= (begins != UNDATED) & (begins >= low) & (ends <= high)
    if dead is not None:
        keep &= array_of(dead, np.uint8, size)[found.docs] == 0
    return Scored(found.docs[keep], found.scores[keep])


def _first(found: Scored, size: int, order: Order, after: tuple[float, int], wanted: int) -> Found:
    keys = _keys(found, size, order)
    key, number = after
    later = (keys > key) | ((keys == key) & (found.docs > number))
    places = np.flatnonzero(later)
    if 0 <= wanted < places.size:
        border = np.partition(keys[places], wanted - 1)[wanted - 1] if wanted else -math.inf
        places = places[keys[places] <= border]
    if wanted >= 0:
        places = places[np.lexsort((found.docs[places], keys[places]))][:wanted]
    return found.docs.size, found.docs[places].tobytes(), found.scores[places].tobytes()


def _keys(found: Scored, size: int, order: Order) -> NDArray[np.float64]:
    column, sign = order
    if column is None:
        return -found.scores.astype(np.float64)
    minutes = array_of(column, np.int64, size)[found.docs]
    return np.where(minutes == UNDATED, np.inf, minutes * np.float64(sign))


def find(blob: Buffer, offsets: Buffer, key: bytes, /) -> tuple[int, bool]:
    """Find a string: the number of the first that is not before it, and whether it is it."""
    data, starts = array_of(blob, np.uint8).data, array_of(offsets, np.int64)

    def string(number: int) -> bytes:
        begin, end = starts.item(number), starts.item(number + 1)
        if not 0 <= begin <= end <= data.nbytes:
            raise ValueError(DAMAGED)
        return bytes(data[begin:end])

    number = bisect_left(range(starts.size - 1), key, key=string)
    return number, number < starts.size - 1 and string(number) == key
