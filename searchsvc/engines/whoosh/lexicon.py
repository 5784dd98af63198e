"""A sorted list of strings in four arrays, searched by halving without unpacking it.

Strings stand in groups of 16. In a group each says how many bytes it shares with the one before
it; the others are in ``terms``, end to end. ``term_offsets`` tell where groups begin there. What
is stored are keys; see ``letters``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import fuzzy, portable_lexicon
from searchsvc.engines.whoosh.bulk import compiled
from searchsvc.engines.whoosh.columns import narrowed
from searchsvc.engines.whoosh.kernel import best
from searchsvc.engines.whoosh.letters import AFTER, key_of, text_of
from searchsvc.engines.whoosh.portable_lexicon import GROUP, Packed
from searchsvc.engines.whoosh.sets import spread
from searchsvc.engines.whoosh.shapes import Shapes, shapes
from searchsvc.errors import IndexDamaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.container import ArrayFile
    from searchsvc.engines.whoosh.kernel import Kernel
    from searchsvc.engines.whoosh.portable_lexicon import Numbers

SHARED = 32
"""The most bytes that are not repeated."""

DAMAGED = "a lexicon's arrays do not fit together; run `make index`"

LONGEST = 4_096
"""Bytes of the longest key that the compiled kernel looks for; longer ones are strange."""

UNPACKED = 1 << 12
"""Keys that are unpacked at once."""


Laid = dict[str, "NDArray[np.generic]"]
"""The arrays of a lexicon by name."""


def pack(strings: Sequence[str]) -> Laid:
    """Lay out strings, sorted by the caller: the arrays by name."""
    return pack_keys([key_of(string) for string in strings])


def pack_keys(keys: Sequence[bytes]) -> Laid:
    """Lay out sorted keys: the arrays by name."""
    lengths = np.fromiter(map(len, keys), np.int64, len(keys))
    shared = _shared(keys, lengths)
    sizes = lengths - shared
    starts = np.cumsum(lengths) - lengths
    blob = np.frombuffer(b"".join(keys), np.uint8)
    return laid_out(blob[spread(starts + shared, sizes)], sizes, shared)


def laid_out(terms: NDArray[np.uint8], sizes: Numbers, shared: Numbers) -> Laid:
    """Lay out what keys do not share, how many bytes that is of each, and how many it shares."""
    ends = np.cumsum(sizes, dtype=np.int64)
    if ends.size and ends[-1] >= 1 << 32:
        raise ValueError("a lexicon has less than 4 GiB")
    return {
        "terms": terms,
        "term_offsets": np.concatenate((ends[::GROUP] - sizes[::GROUP], ends[-1:])).astype(
            np.uint32
        )
        if ends.size
        else np.zeros(1, np.uint32),
        "shared": narrowed(shared),
        "sizes": narrowed(sizes),
    }


def _shared(keys: Sequence[bytes], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the first bytes that each key has in common with the one before it in its group."""
    shared = np.zeros(lengths.size, np.int64)
    if lengths.size:
        rows = np.array(keys, f"S{SHARED}").view(np.uint8).reshape(-1, SHARED)
        same = np.zeros((lengths.size - 1, SHARED + 1), np.bool_)
        np.equal(rows[1:], rows[:-1], out=same[:, :-1])
        shared[1:] = np.minimum(same.argmin(axis=1), np.minimum(lengths[1:], lengths[:-1]))
        shared[::GROUP] = 0
    return shared


class Lexicon:
    """A sorted list of strings over mapped arrays; thread-safe. Damage raises IndexDamaged."""

    def __init__(self, packed: Packed, kernel: Kernel = best) -> None:
        groups = -(-packed.sizes.size // GROUP)
        offsets = packed.term_offsets
        if (
            packed.shared.size != packed.sizes.size
            or offsets.size != groups + 1
            or offsets[-1] != packed.terms.size
        ):
            raise IndexDamaged(DAMAGED)
        self._packed = packed
        self._buffers = tuple(part.data for part in packed)  # 0.3 µs a call less than arrays
        self._kernel = kernel
        self._size = packed.sizes.size

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[str]:
        return self.between(0, self._size)

    def __getitem__(self, number: int) -> str:
        return text_of(self._keys(number, number + 1)[0])

    def strings(self, numbers: list[int]) -> list[str]:
        """Give some strings by their numbers."""
        # ASCII is itself, and most ids are nothing else.
        return [
            key.decode("ascii") if key.isascii() else text_of(key) for key in self.some(numbers)
        ]

    def some(self, numbers: list[int]) -> list[bytes]:
        """Give some keys by their numbers."""
        if compiled is None:
            return [self._keys(number, number + 1)[0] for number in numbers]
        try:
            return compiled.some_keys(self._buffers, numbers)
        except ValueError as error:
            raise IndexDamaged(DAMAGED) from error

    def between(self, low: int, high: int) -> Iterator[str]:
        """List the strings of a range of numbers, much faster than one by one."""
        return map(text_of, self.keys(low, high))

    def keys(self, low: int, high: int) -> Iterator[bytes]:
        """List the keys of a range of numbers."""
        for first in range(low, high, UNPACKED):
            yield from self._keys(first, min(high, first + UNPACKED))

    def find(self, string: str) -> int:
        """Give the number of a string, or -1."""
        number, there = self._place(key_of(string))
        return number if there else -1

    def prefixed(self, prefix: str) -> range:
        """Give the numbers of the strings that begin with a prefix."""
        key = key_of(prefix)
        return range(self._place(key)[0], self._place(key + AFTER)[0])

    def lower_bound(self, text: bytes) -> int:
        """Give the number of the first string that is not before a text (UTF-8)."""
        return self._place(key_of(text.decode("utf-8", "surrogatepass")))[0]

    def near(self, text: str, edits: int) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Give the numbers of the strings within some edits of a text, and how many each is.

        Edits are those of ``fuzzy.distances``. Two of them over 320,000 forms take 0.8 ms.
        """
        key = key_of(text)
        if compiled is None or len(key) > LONGEST:
            return fuzzy.near(self, self._shapes, text, edits)
        try:
            numbers, distances = compiled.near(self._packed, key, edits)
        except ValueError as error:
            raise IndexDamaged(DAMAGED) from error
        return np.frombuffer(numbers, np.int32), np.frombuffer(distances, np.uint8)

    @cached_property
    def _shapes(self) -> Shapes:
        return shapes(self)

    def _keys(self, low: int, high: int) -> list[bytes]:
        try:
            if compiled is not None:
                return compiled.keys(self._buffers, low, high)
            return portable_lexicon.keys(self._packed, low, high)
        except ValueError as error:
            raise IndexDamaged(DAMAGED) from error

    def _place(self, key: bytes) -> tuple[int, bool]:
        try:
            return self._kernel.find(self._packed, key)
        except ValueError as error:
            raise IndexDamaged(DAMAGED) from error


def lexicon_of(file: ArrayFile, name: str, kernel: Kernel = best) -> Lexicon:
    """Open a sorted list of strings of a segment."""
    parts = (file[f"{name}/{part}"] for part in Packed._fields)
    return Lexicon(Packed(*parts), kernel)  # type: ignore[arg-type]
