"""A sorted list of strings as two arrays, searched by halving without unpacking it.

In: UTF-8 bytes of all strings one after another, and their offsets. The order is that of code
points, which is that of UTF-8 bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from searchsvc.engines.whoosh.kernel import best
from searchsvc.errors import IndexDamaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.container import ArrayFile
    from searchsvc.engines.whoosh.kernel import Kernel


DAMAGED = "a lexicon's offsets do not fit its bytes; run `make index`"


def encoded_text(text: str) -> bytes:
    """Encode any text, halves of surrogate pairs too: an id or a file's name may have one."""
    return text.encode("utf-8", "surrogatepass")


def pack(strings: Sequence[str]) -> dict[str, NDArray[np.generic]]:
    """Lay strings (sorted by the caller) end to end: the bytes, and offsets of shape (n + 1,)."""
    encoded = [encoded_text(string) for string in strings]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(item) for item in encoded], out=offsets[1:])
    return {"terms": np.frombuffer(b"".join(encoded), np.uint8), "term_offsets": offsets}


class Lexicon:
    """A sorted list of strings over mapped arrays; thread-safe. Damage raises IndexDamaged."""

    def __init__(
        self, blob: NDArray[np.uint8], offsets: NDArray[np.int64], kernel: Kernel = best
    ) -> None:
        if offsets.size == 0 or offsets[0] != 0 or offsets[-1] != blob.size:
            raise IndexDamaged(DAMAGED)
        self._blob = blob.data
        self._find = kernel.find
        self._offsets = offsets

    def __len__(self) -> int:
        return self._offsets.size - 1

    def __iter__(self) -> Iterator[str]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> str:
        try:
            return self._bytes(number).decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise IndexDamaged(DAMAGED) from error

    def _bytes(self, number: int) -> bytes:
        start, end = int(self._offsets[number]), int(self._offsets[number + 1])
        return bytes(self._blob[start:end])

    def find(self, string: str) -> int:
        """Give the number of a string, or -1."""
        number, there = self._place(encoded_text(string))
        return number if there else -1

    def prefixed(self, prefix: str) -> range:
        """Give the numbers of the strings that begin with a prefix."""
        key = encoded_text(prefix)
        return range(self.lower_bound(key), self.lower_bound(key + b"\xff"))

    def lower_bound(self, key: bytes) -> int:
        """Give the number of the first string that is not before a key (UTF-8)."""
        return self._place(key)[0]

    def _place(self, key: bytes) -> tuple[int, bool]:
        try:
            return self._find(self._blob, self._offsets, key)
        except ValueError as error:
            raise IndexDamaged(DAMAGED) from error


def lexicon_of(file: ArrayFile, name: str, kernel: Kernel = best) -> Lexicon:
    """Open a sorted list of strings of a segment."""
    return Lexicon(
        cast("NDArray[np.uint8]", file[f"{name}/terms"]),
        cast("NDArray[np.int64]", file[f"{name}/term_offsets"]),
        kernel,
    )
