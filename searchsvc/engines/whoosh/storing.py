"""Packed articles on their way into a segment: a dictionary is made of some, all are compressed.

In: blocks of articles that stand end to end, and their sizes. Out: the arrays that ``stored``
reads. Two threads may compress a half each.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import zstandard

from searchsvc.engines.whoosh.stored import (
    SAMPLES,
    compressor_with,
    dictionary_of,
    levels_of,
    starts_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.container import Given


class Packed(NamedTuple):
    """Packed articles end to end in blocks, and the size of each article."""

    blocks: Sequence[bytes]
    sizes: NDArray[np.int64]

    def halves(self) -> tuple[Packed, Packed]:
        """Cut them in two, between blocks."""
        middle = len(self.blocks) // 2
        first = sum(map(len, self.blocks[:middle]))
        size = int(np.searchsorted(np.cumsum(self.sizes), first, "right"))
        return (
            Packed(self.blocks[:middle], self.sizes[:size]),
            Packed(self.blocks[middle:], self.sizes[size:]),
        )


class Frames(NamedTuple):
    """Compressed articles end to end, and the size of each."""

    data: bytes
    sizes: NDArray[np.int64]


def dictionary_for(packed: Packed, dictionary: bytes) -> bytes:
    """Give the dictionary, made of the articles where it is empty."""
    return dictionary or dictionary_of(list(_samples(*packed)), int(packed.sizes.sum()))


def compressed(packed: Packed, dictionary: Callable[[], bytes]) -> Frames:
    """Compress packed articles, each by itself."""
    frames = _frames(*packed, dictionary()) if packed.sizes.size else []
    sizes = np.fromiter(map(len, frames), np.int64, len(frames))
    return Frames(b"".join(frames), sizes)


def stored_arrays(dictionary: bytes, several: Sequence[Frames]) -> dict[str, Given]:
    """Lay out what was compressed."""
    return {
        "stored/dictionary": np.frombuffer(dictionary, np.uint8),
        "stored/starts": starts_of(np.concatenate([frames.sizes for frames in several])),
        "stored/bytes": [np.frombuffer(frames.data, np.uint8) for frames in several],
    }


def _parted(
    blocks: Sequence[bytes], sizes: NDArray[np.int64]
) -> Iterator[tuple[bytes, NDArray[np.int64]]]:
    """Give each block with the places where its articles begin, and its end."""
    ends = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    first = 0
    for block in blocks:
        last = int(np.searchsorted(ends, ends[first] + len(block), "right")) - 1
        yield block, ends[first : last + 1] - ends[first]
        first = last


def _samples(blocks: Sequence[bytes], sizes: NDArray[np.int64]) -> Iterator[bytes]:
    """Give articles at equal steps, as few as make a dictionary."""
    step, number = -(-sizes.size // SAMPLES), 0
    for block, places in _parted(blocks, sizes):
        ranges = list(pairwise(places.tolist()))
        yield from (block[start:end] for start, end in ranges[-number % step :: step])
        number += len(ranges)


def _frames(blocks: Sequence[bytes], sizes: NDArray[np.int64], dictionary: bytes) -> list[Any]:
    """Compress each by itself, a level in one call: it leaves the interpreter to other threads."""
    found: list[Any] = [b""] * sizes.size
    for level, numbers in levels_of(sizes):
        collection = _collected(blocks, sizes, numbers)
        frames = compressor_with(dictionary, level).multi_compress_to_buffer(collection, threads=1)
        for place, number in enumerate(numbers.tolist()):
            found[number] = frames[place]
    return found


def _collected(
    blocks: Sequence[bytes], sizes: NDArray[np.int64], numbers: NDArray[np.int64]
) -> zstandard.BufferWithSegmentsCollection:
    """Collect articles by their numbers, which ascend."""
    given, first = [], 0
    for block, places in _parted(blocks, sizes):
        last = first + places.size - 1
        own = numbers[slice(*numbers.searchsorted((first, last)))] - first
        if own.size:
            rows = np.stack((places[own], places[own + 1] - places[own]), axis=1)
            given.append(zstandard.BufferWithSegments(block, rows.astype(np.uint64).tobytes()))
        first = last
    return zstandard.BufferWithSegmentsCollection(*given)  # type: ignore[no-untyped-call]
