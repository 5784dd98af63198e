"""The portable kernel's phrases and pairs: what ``spans`` means is said in ``portable``.

An occurrence is one 64-bit key, ``document << 32 | position``.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import sets
from searchsvc.engines.whoosh.buffers import DAMAGED, array_of, documents_of, in_time
from searchsvc.engines.whoosh.layout import CODES, SAMPLED, SIZES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Buffer, Found, Items, Stream, Streams

DOC_SHIFT = 32
FARTHEST = (1 << DOC_SHIFT) - 1


@np.errstate(over="ignore", invalid="ignore")
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
    if not 0 <= size < SIZES or not items or (distance >= 0 and len(items) != 2):
        raise ValueError("a phrase needs items, a pair two")
    impacts, norms = array_of(table, np.float32, CODES), array_of(lengths, np.uint8, size)
    among = _common([[documents_of(docs, size) for _, docs, _ in item] for item in items], size)
    keys: list[NDArray[np.int64]] = []
    for item in items:
        in_time(deadline)
        parts = [_keys_of(streams, row, among) for row in item]
        keys.append(np.unique(np.concatenate([np.zeros(0, np.int64), *parts])))
    places = _side_by_side(keys) if distance < 0 else _close_by(keys[0], keys[1], distance)
    docs, counts = np.unique((places >> DOC_SHIFT).astype(np.int32), return_counts=True)
    codes = np.minimum(counts, 255) << 8 | norms[docs]
    scores = np.float32(weight) * impacts[codes]
    if np.isnan(scores).any():
        raise ValueError(DAMAGED)
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
    streams: Streams, row: tuple[int, Buffer, int], among: NDArray[np.int32]
) -> NDArray[np.int64]:
    number, buffer, place = row
    docs = array_of(buffer, np.int32)
    if not 0 <= number < len(streams):
        raise ValueError("a posting list lies outside its stream")
    tf, _, positions, wide, _, _ = stream = streams[number]
    if not 0 <= place <= array_of(tf, np.uint8).size - docs.size:
        raise ValueError("a posting list lies outside its stream")
    chosen = sets.places(docs, among)[0]
    starts, counts = located(stream, chosen + operator.index(place))
    values = array_of(positions, np.uint32 if wide else np.uint16)
    keys: NDArray[np.int64] = np.repeat(docs[chosen].astype(np.int64) << DOC_SHIFT, counts)
    return np.bitwise_or(keys, values[sets.spread(starts, counts)].astype(np.int64))


def located(
    stream: Stream, postings: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give where the positions of postings (ascending) begin, and how many each has.

    Raises ValueError where they lie outside the stream's positions or overlap.
    """
    tf, samples = array_of(stream[0], np.uint8), array_of(stream[1], np.int64)
    positions = array_of(stream[2], np.uint32 if stream[3] else np.uint16).size
    if not postings.size:
        return postings, postings
    first, last = int(postings[0]) // SAMPLED, int(postings[-1])
    if postings[0] < 0 or last >= tf.size or first >= samples.size:
        raise ValueError(DAMAGED)
    begin = samples.item(first)
    if not 0 <= begin <= positions:
        raise ValueError(DAMAGED)
    counts = tf[first * SAMPLED : last + 1].astype(np.int64)
    over, true = array_of(stream[4], np.int64), array_of(stream[5], np.uint32)
    inside = slice(*np.searchsorted(over, (first * SAMPLED, last + 1)).tolist())
    places = over[inside] - first * SAMPLED
    if over.size != true.size or ((places < 0) | (places >= counts.size)).any():
        raise ValueError(DAMAGED)
    counts[places] = true[inside]
    ends = begin + np.cumsum(counts)
    chosen = postings - first * SAMPLED
    starts, counts = ends[chosen] - counts[chosen], counts[chosen]
    if ends[-1] > positions or counts.sum() > positions:
        raise ValueError(DAMAGED)
    return starts, counts


def _side_by_side(items: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    found = items[0]
    for offset, keys in enumerate(items[1:], 1):
        inside = keys[(keys & FARTHEST) >= offset]
        found = np.intersect1d(found, inside - offset, assume_unique=True)
    return found


def _close_by(one: NDArray[np.int64], two: NDArray[np.int64], distance: int) -> NDArray[np.int64]:
    here = one & FARTHEST
    low = one - np.minimum(here, min(distance, FARTHEST))
    high = one + np.minimum(FARTHEST - here, min(distance, FARTHEST))
    before = np.searchsorted(two, low) < np.searchsorted(two, one)
    after = np.searchsorted(two, one, "right") < np.searchsorted(two, high, "right")
    close: NDArray[np.int64] = one[before | after]
    return close
