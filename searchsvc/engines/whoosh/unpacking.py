"""Posting lists out of the arrays of a segment's file; the other half of ``packing``.

In: the arrays of one field. Out: documents, frequencies and positions as numpy arrays. What lies
outside the arrays raises ValueError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.buffers import DAMAGED
from searchsvc.engines.whoosh.bulk import compiled
from searchsvc.engines.whoosh.container import MEND
from searchsvc.engines.whoosh.documents import CHUNK, NEAR, ROOM, documents
from searchsvc.engines.whoosh.packing import FRAME, MARGIN, PLAIN, RARE, TITLED
from searchsvc.engines.whoosh.sets import spread
from searchsvc.errors import IndexDamaged

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.container import ArrayFile

    Numbers = NDArray[np.int64]

DTYPES: dict[str, type[np.generic]] = {
    "lists": np.uint32,
    "chunks": np.uint16,
    "blocks": np.uint32,
    "lows": np.uint16,
    "large": np.uint32,
    "large_before": np.uint32,
    "large_at": np.uint32,
    "large_near": np.uint32,
    "words": np.uint64,
    "freqs": np.uint8,
    "rare_at": np.uint32,
    "rare_tf": np.uint32,
    "rare_title": np.uint16,
    "frames": np.uint32,
    "widths": np.uint8,
    "positions": np.uint8,
}
"""The arrays of a posting field, beside its lexicon; ``lists`` and ``chunks`` only where a segment
has more than one chunk."""

AT_ONCE = 500_000
"""Postings that are counted at once."""

FREQS = slice(9, 13)
"""The place of frequencies and of rare ones among a field's arrays."""

TF = np.array([*range(1, PLAIN + 1), *range(1, TITLED + 1), 0], np.int64)
TITLE_TF = np.array([0] * PLAIN + [1] * TITLED + [0], np.int64)
"""What nibbles stand for; 15 is looked up."""


class Packed(NamedTuple):
    """The arrays of one field; ``lists`` and ``chunks`` are empty for a segment of one chunk."""

    lists: NDArray[np.uint32]
    chunks: NDArray[np.uint16]
    blocks: NDArray[np.uint32]
    lows: NDArray[np.uint16]
    large: NDArray[np.uint32]
    large_before: NDArray[np.uint32]
    large_at: NDArray[np.uint32]
    large_near: NDArray[np.uint32]
    words: NDArray[np.uint64]
    freqs: NDArray[np.uint8]
    rare_at: NDArray[np.uint32]
    rare_tf: NDArray[np.uint32]
    rare_title: NDArray[np.uint16]
    frames: NDArray[np.uint32]
    widths: NDArray[np.uint8]
    positions: NDArray[np.uint8]

    @property
    def postings(self) -> int:
        """How many postings the field has."""
        return self.blocks.item(-1)


def packed(array: Callable[[str], NDArray[np.generic]], *, whole: bool) -> Packed:
    """Gather a field's arrays by their names; ``whole`` segments have one chunk.

    Raises ValueError where their types or sizes do not fit together.
    """
    absent = {"lists", "chunks"} if whole else set()
    parts: dict[str, Any] = {
        part: np.zeros(0, dtype) if part in absent else _typed(array(part), dtype)
        for part, dtype in DTYPES.items()
    }
    found = Packed(**parts)
    check(found, whole=whole)
    return found


def packed_field(file: ArrayFile, name: str, size: int) -> Packed:
    """Gather a field's arrays of a segment of ``size`` documents; raises IndexDamaged."""
    try:
        return packed(lambda part: file[f"{name}/{part}"], whole=size <= CHUNK)
    except ValueError:
        raise IndexDamaged(f"the postings of {name} do not fit together; {MEND}") from None


def _typed(array: NDArray[np.generic], dtype: type[np.generic]) -> NDArray[np.generic]:
    if array.dtype != dtype:
        raise ValueError(DAMAGED)
    return array


def check(field: Packed, *, whole: bool) -> None:
    """Compare the sizes of a field's arrays; raises ValueError where they do not fit together."""
    frames, large = field.widths.size, field.large.size
    ends = (field.blocks, field.frames, field.large_before, field.large_at)
    if not all(array.size for array in ends):
        raise ValueError(DAMAGED)
    fits = (
        (whole or (field.lists.size > 0 and field.chunks.size == field.blocks.size - 1))
        and field.large_before.size == field.large_at.size == large + 1
        and field.large_near.size == (field.blocks.size - 1) // NEAR + 1
        and field.words.size == field.large_at.item(-1) + ROOM.size
        and field.lows.size + field.large_before.item(-1) == field.postings
        and field.freqs.size == (field.postings + 1) // 2
        and field.rare_at.size == field.rare_tf.size == field.rare_title.size
        and frames == -(-field.postings // FRAME)
        and field.frames.size == frames + 1
        and field.frames.item(-1) + MARGIN == field.positions.size
    )
    if not fits:
        raise ValueError(DAMAGED)


def blocks_of(field: Packed, low: int, high: int) -> tuple[int, int]:
    """Give the first block of a range of terms and the one after its last."""
    if not field.lists.size:
        return low, high
    return field.lists.item(low), field.lists.item(high)


def frequencies_of_terms(field: Packed, low: int, high: int) -> Numbers:
    """Count the postings of each term of a range."""
    first, last = blocks_of(field, low, high)
    ends = field.blocks[first : last + 1].astype(np.int64)
    if field.lists.size:
        ends = ends[field.lists[low : high + 1].astype(np.int64) - first]
    return np.diff(ends)


def living_frequencies(field: Packed, alive: NDArray[np.bool_]) -> Numbers:
    """Count the postings of every term whose documents are alive; ``alive`` tells of each."""
    terms = (field.lists if field.lists.size else field.blocks).size - 1
    counts = frequencies_of_terms(field, 0, terms)
    if alive.all():
        return counts
    ends = np.cumsum(counts)
    first = 0
    while first < terms:
        before = int(ends[first] - counts[first])
        last = max(first + 1, int(np.searchsorted(ends, before + AT_ONCE, "right")))
        docs = documents(field, *blocks_of(field, first, last))
        sums = np.concatenate((np.zeros(1, np.int64), np.cumsum(alive[docs])))
        places = ends[first:last] - before
        counts[first:last] = sums[places] - sums[places - counts[first:last]]
        first = last
    return counts


def frequencies(field: Packed, first: int, last: int) -> tuple[Numbers, Numbers]:
    """Give tf and title tf of a range of postings."""
    pairs = field.freqs[first // 2 : (last + 1) // 2]
    every = np.empty(2 * pairs.size, np.uint8)
    every[::2], every[1::2] = pairs & 15, pairs >> 4
    nibbles = every[first % 2 : first % 2 + last - first]
    tf, title_tf = TF[nibbles], TITLE_TF[nibbles]
    # Of another type, all of them would be converted: sixty times as long.
    ends = np.array((first, last), field.rare_at.dtype)
    inside = slice(*field.rare_at.searchsorted(ends).tolist())
    places = field.rare_at[inside].astype(np.int64) - first
    if not np.array_equal(places, np.flatnonzero(nibbles == RARE)):
        raise ValueError(DAMAGED)
    tf[places], title_tf[places] = field.rare_tf[inside], field.rare_title[inside]
    return tf, title_tf


def postings(
    field: Packed, first: int, last: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint32]]:
    """Give tf, title tf and positions of a range of postings."""
    if compiled is None:
        tf, title_tf = frequencies(field, first, last)
        return tf.astype(np.int32), title_tf.astype(np.int32), positions(field, first, last)
    arrays = (*field[FREQS], field.frames, field.widths, field.positions)
    found = compiled.unpack(arrays, first, last, field.postings)
    return (
        np.frombuffer(found[0], np.int32),
        np.frombuffer(found[1], np.int32),
        np.frombuffer(found[2], np.uint32),
    )


def positions(field: Packed, first: int, last: int) -> NDArray[np.uint32]:
    """Give the positions of a range of postings, end to end."""
    return occurrences(field, first, last)[1]


def occurrences(field: Packed, first: int, last: int) -> tuple[Numbers, NDArray[np.uint32]]:
    """Give how many positions each of a range of postings has, and all of them, end to end."""
    if last <= first:
        return np.zeros(0, np.int64), np.zeros(0, np.uint32)
    begin = first - first % FRAME
    end = min(last + -last % FRAME, field.postings)
    tf, _ = frequencies(field, begin, end)
    counts = np.add.reduceat(tf, np.arange(0, tf.size, FRAME))
    own = tf[first - begin : last - begin]
    skipped, wanted = int(tf[: first - begin].sum()), int(own.sum())
    chosen = slice(begin // FRAME, -(-end // FRAME))
    gaps = _read(field, np.arange(chosen.start, chosen.stop), counts)
    return own, summed(gaps, tf)[skipped : skipped + wanted]


def summed(gaps: NDArray[np.uint32], counts: Numbers) -> NDArray[np.uint32]:
    """Add up the gaps between positions, ``counts`` for each posting; the first is its place."""
    sums = np.cumsum(gaps, dtype=np.int64)
    heads = np.cumsum(counts) - counts
    before = np.repeat(sums[heads] - gaps[heads], counts)
    values: NDArray[np.uint32] = (sums - before).astype(np.uint32)
    return values


def _read(field: Packed, frames: Numbers, counts: Numbers) -> NDArray[np.uint32]:
    widths = field.widths[frames].astype(np.int64)
    starts = field.frames[frames].astype(np.int64)
    ends = field.frames[frames + 1].astype(np.int64)
    if ((widths < 1) | (widths > 32) | (ends - starts != (counts * widths + 7) >> 3)).any():
        raise ValueError(DAMAGED)
    within = spread(np.zeros_like(counts), counts)
    bits = np.repeat(starts * 8, counts) + within * np.repeat(widths, counts)
    return gathered(field.positions, bits, np.repeat(widths, counts))


def gathered(data: NDArray[np.uint8], bits: Numbers, widths: Numbers) -> NDArray[np.uint32]:
    """Read each value from the eight bytes that hold it."""
    places = bits >> 3
    if bits.size and not 0 <= places.min() <= places.max() <= data.size - MARGIN:
        raise ValueError(DAMAGED)
    words: NDArray[np.uint64] = np.ndarray(data.size - MARGIN + 1, "<u8", data, strides=(1,))[
        places
    ]
    shifted = words >> (bits & 7).astype(np.uint64)
    masks = (np.uint64(1) << widths.astype(np.uint64)) - np.uint64(1)
    values: NDArray[np.uint32] = (shifted & masks).astype(np.uint32)
    return values
