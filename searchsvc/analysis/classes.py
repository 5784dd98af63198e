"""The scanner's tables: what each character is to the tokenizer and to folding.

In: the tokenizer's own sets of characters. Out: a byte for each code point below ``SPAN``, and
the folded letter of each plain one. Texts with other characters are read without the tables.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import numpy as np

from searchsvc.analysis.folding import APOSTROPHES, HYPHENS, INVISIBLE, fold
from searchsvc.analysis.tokenizer import MARKS
from searchsvc.model import NARROW

SPAN = 0x20000
"""The tables end here: every script of newspapers, and emoji, lie below."""

WORD, DECIMAL, HYPHEN, JOINER, MORE, ADDRESS = 1, 2, 4, 8, 16, 32

_SETS = {
    WORD: r"[^\W_]+",
    DECIMAL: r"\d+",
    HYPHEN: f"[{HYPHENS}]+",
    JOINER: f"[{INVISIBLE}{APOSTROPHES}]+",
    MORE: f"[_@+#{MARKS}]+",
    ADDRESS: r"[\w.@+\-]+",
}

_PLAIN = re.compile("[0-9A-Za-zА-Яа-яЁё]")


class Tables(NamedTuple):
    """``classes``: a byte a code point; ``folded``: uint16 a code point, 0 where not plain.

    ``narrow``: the code points, uint16, of the bytes of ``NARROW``.
    """

    classes: bytes
    folded: bytes
    narrow: bytes


@cache
def tables() -> Tables:
    """Make the tables (about 8 ms), once in a process."""
    characters = np.arange(SPAN, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")
    classes = np.zeros(SPAN, np.uint8)
    for kind, pattern in _SETS.items():
        for match in re.finditer(pattern, characters):
            classes[match.start() : match.end()] |= kind
    folded = np.zeros(ord("ё") + 1, np.uint16)
    for match in _PLAIN.finditer(characters):
        folded[match.start()] = ord(fold(match[0]))
    narrow = np.array([*map(ord, bytes(range(256)).decode(NARROW, "replace"))], np.uint16)
    return Tables(classes.tobytes(), folded.astype("=u2").tobytes(), narrow.tobytes())
