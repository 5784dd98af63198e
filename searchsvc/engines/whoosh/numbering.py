"""Numbering: strings by number, in one look-up each.

In: what is numbered already. Out: a mapping that gives what it is asked for the first time the next
number, at the speed of C: in Python a new string takes 0.7 µs, which a build has half a million of.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING: Mapping[str, int] = MappingProxyType({})


def numbering(known: Mapping[str, int] = NOTHING) -> defaultdict[str, int]:
    """Continue the numbers of what is known, which are 0, 1, and so on in its order."""
    return defaultdict(count(len(known)).__next__, known)
