"""Lengths and letters of a lexicon's strings: what rules out most of them for a fuzzy word.

In: a lexicon. Out: a length and a set of letters, as 64 bits, for each string. One edit changes a
length by at most one and a set by at most two letters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.letters import LESS, MORE, key_of, text_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.lexicon import Lexicon

BITS = 63


class Shapes(NamedTuple):
    """Of each string: how many letters it has (255: or more), and which."""

    lengths: NDArray[np.uint8]
    letters: NDArray[np.uint64]


def shapes(lexicon: Lexicon) -> Shapes:
    """Measure all strings of a lexicon: 0.2 s for 320,000."""
    keys = list(lexicon.keys(0, len(lexicon)))
    sizes = np.fromiter(map(len, keys), np.int64, len(keys))
    lengths = np.minimum(sizes, 255).astype(np.uint8)
    letters = np.zeros(len(keys), np.uint64)
    full = np.flatnonzero(sizes)
    if full.size:
        data = np.frombuffer(b"".join(keys), np.uint8)
        bits = np.uint64(1) << (data & np.uint8(BITS)).astype(np.uint64)
        starts = np.cumsum(sizes) - sizes
        letters[full] = np.bitwise_or.reduceat(bits, starts[full])
    for number, key in enumerate(keys):
        if LESS in key or MORE in key:
            text = text_of(key)
            lengths[number], letters[number] = min(len(text), 255), letter_set(text)
    return Shapes(lengths, letters)


def letter_set(text: str) -> int:
    """Give the set of letters as 64 bits: the last byte of each one's key tells which."""
    bits = 0
    for letter in text:
        bits |= 1 << (key_of(letter)[-1] & BITS)
    return bits
