"""Packed articles on their way into a segment: a dictionary is made of some, all are compressed.

In: blocks of articles that stand end to end, and their sizes. Out: the arrays that ``stored``
reads.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import zstandard

from searchsvc.engines.whoosh.stored import SAMPLES, compressor_with, dictionary_of, starts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray


def block_arrays(
    blocks: Sequence[bytes], sizes: NDArray[np.int64], dictionary: bytes
) -> dict[str, NDArray[np.generic]]:
    """Compress packed articles, with a dictionary made of them where none is given."""
    dictionary = dictionary or dictionary_of(list(_samples(blocks, sizes)), int(sizes.sum()))
    frames = _frames(blocks, sizes, dictionary) if sizes.size else []
    lengths = np.fromiter(map(len, frames), np.int64, len(frames))
    return {
        "stored/dictionary": np.frombuffer(dictionary, np.uint8),
        "stored/starts": starts_of(lengths),
        "stored/bytes": np.frombuffer(b"".join(frames), np.uint8),
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
    """Compress each by itself, in one call, which leaves the interpreter to other threads."""
    given = [
        zstandard.BufferWithSegments(
            block, np.stack((places[:-1], np.diff(places)), axis=1).astype(np.uint64).tobytes()
        )
        for block, places in _parted(blocks, sizes)
        if block
    ]
    collection = zstandard.BufferWithSegmentsCollection(*given)  # type: ignore[no-untyped-call]
    frames = compressor_with(dictionary).multi_compress_to_buffer(collection, threads=1)
    return [frames[number] for number in range(sizes.size)]
