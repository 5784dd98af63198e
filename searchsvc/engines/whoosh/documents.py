"""Documents of posting lists, block by block: packed into arrays, and read back.

In: the documents of blocks, end to end; or the arrays of a field and a range of blocks. Out: the
other. A block is what a term has in a chunk of 65,536 documents; it is laid out in one of three
ways, whichever is small:

- an array: the low 16 bits of each document, in ``lows``;
- a rack, of more than 384 postings: the postings before each 16 shelves (16 bits), how many are on
  each of 256 shelves (8 bits), then the low 8 bits of each. A shelf has the documents of 256
  numbers; where all of them are there, the block stays an array;
- a bitmap, of more than 4,096 postings: 65,536 bits, then the bits set before each 512 (16 bits).

Racks and bitmaps, the larger blocks, stand in ``words`` of 64 bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.buffers import DAMAGED
from searchsvc.engines.whoosh.bulk import compiled
from searchsvc.engines.whoosh.sets import spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.unpacking import Packed

    Numbers = NDArray[np.int64]

CHUNK_BITS = 16
CHUNK = 1 << CHUNK_BITS
"""Documents of a chunk: their numbers in it are 16 bits."""

SPARSE = 4_096
"""The most postings of an array or a rack; more take less as a bitmap of 8 KiB."""

RACKED = 384
"""The most postings of an array: 57,000 articles take 3.8 MB less than with arrays of up to 4,096,
and a document is found in a rack with one look instead of twelve."""

SHELVES = 256
"""Shelves of a rack, each of 256 documents."""

RANKED_SHELVES = 16
"""Shelves between two ranks of a rack."""

RACK = (2 * SHELVES // RANKED_SHELVES + SHELVES) // 8
"""Words of a rack before its low bytes."""

RANKED = 512
"""Bits between two entries of a bitmap's rank directory."""

BITMAP = (CHUNK // 8 + 2 * CHUNK // RANKED) // 8
"""Words of a bitmap and its ranks."""

ROOM = np.zeros(2, np.uint64)
"""What stands behind all words, so that 16 bytes may be read from any that counts."""

NEAR = 64
"""Blocks between two that tell how many larger blocks are before them."""


class Documents(NamedTuple):
    """The documents of blocks, packed; ``counts`` are the words of each, 0 for arrays."""

    lows: NDArray[np.uint16]
    words: NDArray[np.uint64]
    counts: NDArray[np.uint32]


def pack_documents(docs: NDArray[np.int32], sizes: Numbers) -> Documents:
    """Pack the documents of blocks that stand end to end."""
    if compiled is None:
        return portable_documents(docs, sizes)
    lows, words, counts = compiled.pack_documents(docs, sizes)
    return Documents(
        np.frombuffer(lows, np.uint16),
        np.frombuffer(words, np.uint64),
        np.frombuffer(counts, np.uint32),
    )


def portable_documents(docs: NDArray[np.int32], sizes: Numbers) -> Documents:
    """Do the same without the compiled kernel."""
    lows = docs.astype(np.uint16)
    heads = np.cumsum(sizes) - sizes
    larger: list[NDArray[np.uint64]] = []
    counts = np.zeros(sizes.size, np.uint32)
    for block in np.flatnonzero(sizes > RACKED).tolist():
        own = lows[heads[block] : heads[block] + sizes[block]]
        words = _bitmap_of(own) if own.size > SPARSE else _rack_of(own)
        counts[block] = words.size
        larger.append(words)
    listed = lows[np.repeat(counts == 0, sizes)]
    return Documents(listed, np.concatenate((np.zeros(0, np.uint64), *larger)), counts)


def _bitmap_of(lows: NDArray[np.uint16]) -> NDArray[np.uint64]:
    bits = np.zeros(CHUNK, np.bool_)
    bits[lows] = True
    counts = bits.reshape(-1, RANKED).sum(axis=1)
    ranks = (np.cumsum(counts) - counts).astype("<u2")
    return np.concatenate((np.packbits(bits, bitorder="little").view("<u8"), ranks.view("<u8")))


def _rack_of(lows: NDArray[np.uint16]) -> NDArray[np.uint64]:
    """Make a rack; nothing where a shelf is full, whose size would be one more than a byte."""
    sizes = np.bincount(lows >> 8, minlength=SHELVES)
    if sizes.max() >= SHELVES:
        return np.zeros(0, np.uint64)
    ranks = (np.cumsum(sizes) - sizes)[::RANKED_SHELVES].astype("<u2")
    rest = np.zeros(-lows.size % 8, np.uint8)
    parts = (ranks.view(np.uint8), sizes.astype(np.uint8), lows.astype(np.uint8), rest)
    return np.concatenate(parts).view("<u8")


def arrays_before(field: Packed, blocks: Numbers) -> Numbers:
    """Count the postings of arrays before each of some blocks."""
    before = field.large_before[field.large.searchsorted(blocks.astype(np.uint32))]
    return field.blocks[blocks].astype(np.int64) - before


def documents(field: Packed, first: int, last: int) -> NDArray[np.int32]:
    """Give the documents of a range of blocks, end to end; raises ValueError."""
    if not 0 <= first <= last < field.blocks.size:
        raise ValueError(DAMAGED)
    ends = field.blocks[first : last + 1].astype(np.int64)
    sizes = np.diff(ends)
    start, end = arrays_before(field, np.array((first, last))).tolist()
    # Before room is made: one damaged number may claim 16 GB.
    if (sizes < 0).any() or ends.item(-1) > field.postings:
        raise ValueError(DAMAGED)
    if not 0 <= start <= end <= field.lows.size:
        raise ValueError(DAMAGED)
    low, high = field.large.searchsorted(np.array((first, last), np.uint32)).tolist()
    listed = np.ones(sizes.size, np.bool_)
    larger = field.large[low:high].astype(np.int64) - first
    listed[larger[(larger >= 0) & (larger < sizes.size)]] = False
    if sizes[listed].sum() != end - start or listed.sum() + larger.size != sizes.size:
        raise ValueError(DAMAGED)
    found = np.empty(int(sizes.sum()), np.int32)
    found[listed.repeat(sizes)] = field.lows[start:end]
    for number, block in enumerate(larger.tolist(), low):
        begin, size = int(ends[block] - ends[0]), sizes.item(block)
        found[begin : begin + size] = _of_large(field, number, size)
    if field.chunks.size:
        found |= np.repeat(field.chunks[first:last].astype(np.int32) << CHUNK_BITS, sizes)
    return found


def _of_large(field: Packed, number: int, size: int) -> NDArray[np.integer]:
    """Give the documents of a larger block, by its place among these."""
    begin = field.large_at.item(number)
    taken = BITMAP if size > SPARSE else RACK + (size + 7) // 8
    words = field.words[begin : begin + taken]
    if words.size != taken or begin + taken > field.words.size - ROOM.size:
        raise ValueError(DAMAGED)
    lows = _lows_of_bitmap(words) if size > SPARSE else _lows_of_rack(words.view(np.uint8), size)
    if lows.size != size:
        raise ValueError(DAMAGED)
    return lows


def _lows_of_bitmap(words: NDArray[np.uint64]) -> Numbers:
    bits = np.unpackbits(words[: CHUNK // 64].view(np.uint8), bitorder="little")
    return bits.nonzero()[0]


def _lows_of_rack(rack: NDArray[np.uint8], size: int) -> NDArray[np.uint16]:
    sizes, lows = rack[8 * RACK - SHELVES : 8 * RACK], rack[8 * RACK : 8 * RACK + size]
    high = np.repeat(np.arange(SHELVES, dtype=np.uint16) << 8, sizes)
    if high.size != size:
        raise ValueError(DAMAGED)
    return high | lows


def arrays_of(field: Packed, blocks: Numbers) -> Numbers:
    """Give the documents of some blocks that are arrays, end to end; raises ValueError."""
    sizes = field.blocks[blocks + 1].astype(np.int64) - field.blocks[blocks]
    starts = arrays_before(field, blocks)
    if starts.size and not 0 <= starts.min() <= (starts + sizes).max() <= field.lows.size:
        raise ValueError(DAMAGED)
    docs: Numbers = field.lows[spread(starts, sizes)].astype(np.int64)
    if field.chunks.size:
        docs |= (field.chunks[blocks].astype(np.int64) << CHUNK_BITS).repeat(sizes)
    return docs
