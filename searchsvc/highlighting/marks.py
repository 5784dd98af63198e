"""Marks: from the matches an engine found to the ranges that are shown marked."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Mark(Protocol):
    """One occurrence in a text, as engines report it: code points and the clause it answers."""

    @property
    def start(self) -> int:
        """First code point."""

    @property
    def end(self) -> int:
        """Code point after the last."""

    @property
    def clause(self) -> int:
        """Number of the query's clause."""


class Range(NamedTuple):
    """A stretch of a text in code points."""

    start: int
    end: int


def merge(matches: Iterable[Mark], length: int) -> list[Range]:
    """Give sorted disjoint ranges in a text of ``length``; overlapping matches become one."""
    merged: list[Range] = []
    for start, end in sorted((match.start, match.end) for match in matches):
        if not 0 <= start < end <= length:
            continue
        if merged and start < merged[-1].end:
            merged[-1] = Range(merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(Range(start, end))
    return merged


def inside(ranges: Sequence[Range], piece: Range) -> tuple[tuple[int, int], ...]:
    """Give the parts of sorted disjoint ranges that lie in a piece, counted from its start."""
    first = bisect_right(ranges, piece.start, key=lambda found: found.end)
    last = bisect_left(ranges, piece.end, key=lambda found: found.start)
    return tuple(
        (max(start, piece.start) - piece.start, min(end, piece.end) - piece.start)
        for start, end in ranges[first:last]
    )
