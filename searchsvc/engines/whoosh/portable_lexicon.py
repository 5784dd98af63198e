"""The portable kernel's part of a lexicon: its groups unpacked, and a key found by halving.

In: the four arrays of a lexicon; see ``lexicon``. Arrays that do not fit raise ValueError.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any, NamedTuple

from searchsvc.engines.whoosh.buffers import DAMAGED

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.integer]

GROUP = 16
"""Strings of a group. 320,000 forms take 7.0 MB end to end in UTF-8, 2.5 in groups of 16."""


class Packed(NamedTuple):
    """The arrays of a lexicon, named as in the file."""

    terms: NDArray[np.uint8]
    term_offsets: NDArray[np.uint32]
    shared: Numbers
    sizes: Numbers


def find(lexicon: tuple[Any, ...], key: bytes, /) -> tuple[int, bool]:
    """Find a key: the number of the first that is not before it, and whether it is it."""
    packed = Packed(*lexicon)

    def head(group: int) -> bytes:
        return _head(packed, group)

    count = packed.sizes.size
    # Of equal keys the first counts, so a group that begins with the key is not entered.
    group = bisect_left(range(-(-count // GROUP)), key, key=head) - 1
    place = 0
    if group >= 0:
        keys = list(_group(packed, group))
        place = bisect_left(keys, key)
        if place < len(keys):
            return group * GROUP + place, keys[place] == key
    number = max(group, 0) * GROUP + place
    return number, number < count and head(number // GROUP) == key


def keys(packed: Packed, low: int, high: int, /) -> list[bytes]:
    """List the keys of a range of numbers."""
    if not 0 <= low <= high <= packed.sizes.size:
        raise ValueError("a range of keys outside their list")
    first = low // GROUP
    found = [key for group in range(first, -(-high // GROUP)) for key in _group(packed, group)]
    return found[low - first * GROUP : high - first * GROUP]


def _head(packed: Packed, group: int) -> bytes:
    """Give the first key of a group: there is none before it, so it is written whole."""
    begin, end = packed.term_offsets.item(group), packed.term_offsets.item(group + 1)
    size = packed.sizes.item(group * GROUP)
    if packed.shared.item(group * GROUP) or not 0 <= begin + size <= end <= packed.terms.size:
        raise ValueError(DAMAGED)
    return packed.terms[begin : begin + size].tobytes()


def _group(packed: Packed, group: int) -> Iterator[bytes]:
    first = group * GROUP
    place, end = packed.term_offsets.item(group), packed.term_offsets.item(group + 1)
    key = b""
    shared = packed.shared[first : first + GROUP].tolist()
    for same, size in zip(shared, packed.sizes[first : first + GROUP].tolist(), strict=True):
        if same > len(key) or not 0 <= place + size <= end <= packed.terms.size:
            raise ValueError(DAMAGED)
        key = key[:same] + packed.terms[place : place + size].tobytes()
        place += size
        yield key
