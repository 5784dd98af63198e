"""What of a typed word belongs together, and how much there is of it before it is analysed.

In: a chunk without spaces. Out: the words in it that lack only a space (``край,область`` is two)
and the parts they consist of (``Ростов-на-Дону`` is one word of three parts).
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from searchsvc.analysis.folding import INVISIBLE

LETTER = rf"\w\u0300-\u036f{INVISIBLE}"
"""Members of a regex character set: what a word consists of, stress marks included."""
ADDRESS = re.compile(r"(?:https?|ftp)://|www\.", re.IGNORECASE)

_PART = re.compile(f"[{LETTER}]+")
_JOINING = frozenset("-/._@&'+=#‐‑’")
_JOINING_DIGITS = frozenset(":,")


class Size(NamedTuple):
    """How many words a chunk holds and how many parts they have together."""

    words: int
    parts: int


def measure(chunk: str) -> Size:
    """Count the words and parts of a chunk; an address is one word, a date of no text too."""
    parts = [match.span() for match in _PART.finditer(chunk)]
    gaps = sum(not joined(chunk, left[1], right[0]) for left, right in pairwise(parts))
    return Size(1 if ADDRESS.match(chunk) else gaps + 1, len(parts))


def joined(text: str, end: int, start: int) -> bool:
    """Tell whether the parts that end and start there are one word.

    ``и/или``, ``т.е``, ``10:50`` are, ``край,область`` is not.
    """
    between = text[end:start]
    if between in _JOINING_DIGITS:
        return text[end - 1].isdigit() and text[start].isdigit()
    return between in _JOINING
