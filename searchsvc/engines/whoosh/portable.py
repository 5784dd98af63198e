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
"""

from __future__ import annotations

import math
import time
from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import sets
from searchsvc.engines.whoosh.layout import SAMPLED, UNDATED
from searchsvc.engines.whoosh.sets import Scored

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import (
        Buffer,
        Found,
        Items,
        Operand,
        Operands,
        Order,
        Range,
        Stream,
        Streams,
    )

DOC_SHIFT = 32


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
    impacts = np.frombuffer(table, np.float32)
    added = [_scored(operand, size, impacts, deadline) for operand in should]
    if mode == "O":
        found = sets.union(added, size, best=best) if added else sets.nothing()
    else:
        needed = [_scored(operand, size, impacts, deadline) for operand in must]
        found = sets.intersection(needed) if mode == "A" else sets.everything(size)
        for part in added:
            found = sets.boosted(found, part)
    for operand in without:
        found = sets.difference(found, _scored(operand, size, impacts, deadline).docs)
    found = _passing(found, range_, dead)
    return _first(found, order, after, wanted)


def _scored(operand: Operand, size: int, table: NDArray[np.float32], deadline: float) -> Scored:
    if time.monotonic() > deadline:
        raise TimeoutError("the deadline has passed")
    weight, rows = operand
    lists = [(np.frombuffer(docs, np.int32), codes, scores) for docs, codes, scores in rows]
    for docs, _, _ in lists:
        if docs.size and not (docs[0] >= 0 and docs[-1] < size and (np.diff(docs) > 0).all()):
            raise ValueError("a posting list is damaged")
    if not lists:
        return sets.nothing()
    docs, first, scores = lists[0]
    if first is None:
        given = np.frombuffer(scores, np.float32) if scores is not None else None
        return sets.unscored(docs) if given is None else Scored(docs, given)
    codes = np.frombuffer(first, np.uint16)
    if len(lists) > 1:
        parts = [
            (own, np.frombuffer(code, np.uint16)) for own, code, _ in lists if code is not None
        ]
        docs, codes = _united(parts, size)
    return Scored(docs, np.float32(weight) * table[codes])


def _united(
    parts: list[tuple[NDArray[np.int32], NDArray[np.uint16]]], size: int
) -> tuple[NDArray[np.int32], NDArray[np.uint16]]:
    tf = np.zeros(size, np.int64)
    lengths = np.zeros(size, np.int64)
    for docs, codes in parts:
        tf[docs] += codes >> 8
        lengths[docs] = codes & 255
    docs = np.flatnonzero(tf).astype(np.int32)
    codes = (np.minimum(tf[docs], 255) << 8 | lengths[docs]).astype(np.uint16)
    return docs, codes


def _passing(found: Scored, range_: Range, dead: Buffer | None) -> Scored:
    first, last, low, high = range_
    keep = np.ones(found.docs.size, np.bool_)
    if first is not None and last is not None:
        begins = np.frombuffer(first, np.int32)[found.docs]
        ends = np.frombuffer(last, np.int32)[found.docs]
        keep &= (begins != UNDATED) & (begins >= low) & (ends <= high)
    if dead is not None:
        keep &= np.frombuffer(dead, np.uint8)[found.docs] == 0
    return Scored(found.docs[keep], found.scores[keep])


def _first(found: Scored, order: Order, after: tuple[float, int], wanted: int) -> Found:
    keys = _keys(found, order)
    later = (keys > after[0]) | ((keys == after[0]) & (found.docs > after[1]))
    places = np.flatnonzero(later)
    if 0 <= wanted < places.size:
        border = np.partition(keys[places], wanted - 1)[wanted - 1] if wanted else -math.inf
        places = places[keys[places] <= border]
    if wanted >= 0:
        places = places[np.lexsort((found.docs[places], keys[places]))][:wanted]
    return found.docs.size, found.docs[places].tobytes(), found.scores[places].tobytes()


def _keys(found: Scored, order: Order) -> NDArray[np.float64]:
    if order[0] is None:
        return -found.scores.astype(np.float64)
    minutes = np.frombuffer(order[0], np.int64)[found.docs]
    return np.where(minutes == UNDATED, np.inf, minutes * np.float64(order[1]))


def spans(
    size: int,
    table: Buffer,
    lengths: Buffer,
    weight: float,
    distance: int,
    streams: Streams,
    items: Items,
    deadline: float,
    /,
) -> Found:
    """Find a phrase, or two items close by; give documents and scores."""
    every = [[np.frombuffer(docs, np.int32) for _, docs, _ in item] for item in items]
    among = _common(every, size)
    keys: list[NDArray[np.int64]] = []
    for item in items:
        if time.monotonic() > deadline:
            raise TimeoutError("the deadline has passed")
        parts = [_keys_of(streams[number], docs, place, among) for number, docs, place in item]
        keys.append(np.unique(np.concatenate(parts)))
    places = _side_by_side(keys) if distance < 0 else _close_by(keys[0], keys[1], distance)
    docs, counts = np.unique((places >> DOC_SHIFT).astype(np.int32), return_counts=True)
    codes = np.minimum(counts, 255) << 8 | np.frombuffer(lengths, np.uint8)[docs]
    scores = np.float32(weight) * np.frombuffer(table, np.float32)[codes]
    return docs.size, docs.tobytes(), scores.tobytes()


def _common(items: list[list[NDArray[np.int32]]], size: int) -> NDArray[np.int32]:
    together = np.ones(size, np.bool_)
    for lists in items:
        own = np.zeros(size, np.bool_)
        for docs in lists:
            own[docs] = True
        together &= own
    return np.flatnonzero(together).astype(np.int32)


def _keys_of(
    stream: Stream, buffer: Buffer, place: int, among: NDArray[np.int32]
) -> NDArray[np.int64]:
    docs = np.frombuffer(buffer, np.int32)
    chosen = sets.places(docs, among)[0]
    starts, counts = located(stream, chosen + place)
    positions = np.frombuffer(stream[2], np.uint32 if stream[3] else np.uint16)
    keys: NDArray[np.int64] = np.repeat(docs[chosen].astype(np.int64) << DOC_SHIFT, counts)
    return np.bitwise_or(keys, positions[sets.spread(starts, counts)].astype(np.int64))


def located(
    stream: Stream, postings: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give where the positions of postings (ascending) begin, and how many each has."""
    tf, samples = np.frombuffer(stream[0], np.uint8), np.frombuffer(stream[1], np.int64)
    if not postings.size:
        return postings, postings
    first = int(postings[0]) // SAMPLED
    counts = tf[first * SAMPLED : int(postings[-1]) + 1].astype(np.int64)
    over, true = np.frombuffer(stream[4], np.int64), np.frombuffer(stream[5], np.uint32)
    inside = slice(*np.searchsorted(over, (first * SAMPLED, int(postings[-1]) + 1)).tolist())
    counts[over[inside] - first * SAMPLED] = true[inside]
    ends = samples[first] + np.cumsum(counts)
    chosen = postings - first * SAMPLED
    return ends[chosen] - counts[chosen], counts[chosen]


def _side_by_side(items: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    found = items[0]
    for offset, keys in enumerate(items[1:], 1):
        found = np.intersect1d(found, keys - offset, assume_unique=True)
    return found


def _close_by(one: NDArray[np.int64], two: NDArray[np.int64], distance: int) -> NDArray[np.int64]:
    before = np.searchsorted(two, one - distance) < np.searchsorted(two, one)
    after = np.searchsorted(two, one, "right") < np.searchsorted(two, one + distance, "right")
    close = before | after
    return one[close]


def find(blob: Buffer, offsets: Buffer, key: bytes, /) -> tuple[int, bool]:
    """Find a string: the number of the first that is not before it, and whether it is it."""
    data, starts = memoryview(blob).cast("B"), np.frombuffer(offsets, np.int64)

    def string(number: int) -> bytes:
        return bytes(data[int(starts[number]) : int(starts[number + 1])])

    number = bisect_left(range(starts.size - 1), key, key=string)
    return number, number < starts.size - 1 and string(number) == key
