"""Numbering: strings by number; each new one has the next.

In: strings as lines, UTF-8 joined by line feeds; no bytes are no lines. Out: their numbers, and the
strings of numbers, as lines or as a lexicon stores them. ``_numbering`` makes no Python object of a
string: a build has half a million new ones, each of which takes 2 µs otherwise.
"""

from __future__ import annotations

import os
from collections import defaultdict
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.letters import key_of
from searchsvc.engines.whoosh.lexicon import SHARED, laid_out, pack_keys
from searchsvc.engines.whoosh.portable_lexicon import GROUP

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.lexicon import Laid

try:
    from searchsvc.engines.whoosh import _numbering

    compiled: ModuleType | None = _numbering
except ImportError:
    compiled = None


class Sorted(NamedTuple):
    """Strings in order: where each of them comes, and the arrays of their lexicon."""

    ranks: NDArray[np.int32]
    lexicon: Laid


class Numbered:
    """Strings by number, from 0 on; with ``portable`` the compiled one is left out."""

    def __init__(self, *, portable: bool = False) -> None:
        secret = int.from_bytes(os.urandom(8))
        self._compiled: _numbering.Numbered | None = (
            None if portable or compiled is None else compiled.Numbered(secret)
        )
        self._numbers: defaultdict[str, int] = defaultdict(count().__next__)
        self._strings: list[str] = []

    def __len__(self) -> int:
        return len(self._numbers if self._compiled is None else self._compiled)

    def numbers(self, lines: bytes) -> NDArray[np.int32]:
        """Give the number of each line, int32."""
        if self._compiled is not None:
            return np.frombuffer(self._compiled.number(lines), np.int32)
        strings = parted(lines)
        return np.fromiter(map(self._numbers.__getitem__, strings), np.int32, len(strings))

    def lines(self, first: int, last: int) -> bytes:
        """Give the strings of a range of numbers, all of them there."""
        if self._compiled is not None:
            return self._compiled.lines(first, last)
        return joined(self._listed()[first:last])

    def chosen(self, numbers: NDArray[np.int32]) -> bytes:
        """Give the strings of some numbers, all of them there."""
        if self._compiled is not None:
            return self._compiled.chosen(np.ascontiguousarray(numbers, np.int32))
        strings = self._listed()
        return joined(strings[number] for number in numbers.tolist())

    def sorted(self, numbers: NDArray[np.int32]) -> Sorted:
        """Sort the strings of distinct numbers."""
        if self._compiled is None:
            return self._sorted(numbers)
        found = self._compiled.sorted(np.ascontiguousarray(numbers, np.int32), GROUP, SHARED)
        terms = np.frombuffer(found[1], np.uint8)
        ranks, sizes, shared = (np.frombuffer(found[which], np.int32) for which in (0, 2, 3))
        return Sorted(ranks, laid_out(terms, sizes, shared))

    def _sorted(self, numbers: NDArray[np.int32]) -> Sorted:
        strings = self._listed()
        keys = [key_of(strings[number]) for number in numbers.tolist()]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        ranks = np.empty(len(order), np.int32)
        ranks[order] = np.arange(len(order), dtype=np.int32)
        return Sorted(ranks, pack_keys([keys[number] for number in order]))

    def _listed(self) -> list[str]:
        if len(self._strings) < len(self._numbers):
            self._strings = list(self._numbers)
        return self._strings


def joined(strings: Iterable[str]) -> bytes:
    """Join strings, none of which is empty or has a line feed in it."""
    return "\n".join(strings).encode("utf-8", "surrogatepass")


def parted(lines: bytes) -> list[str]:
    """Part what is joined; raises UnicodeDecodeError."""
    return lines.decode("utf-8", "surrogatepass").split("\n") if lines else []
