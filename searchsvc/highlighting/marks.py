"""Marks: from the matches an engine found to the ranges that are shown marked."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from struct import Struct
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


PLACE = Struct("5q")
"""A match as engines give it: its zone's number, position, start, end, clause."""

IN_TEXT, IN_TITLE = range(2)
"""The numbers of zones."""


class Place(NamedTuple):
    """A match that was read from bytes."""

    start: int
    end: int
    clause: int


def places_in(places: bytes, zone: int, clauses: int) -> list[Place]:
    """List the matches in a zone of the first clauses; those after them only rank."""
    return [
        Place(start, end, clause)
        for own, _, start, end, clause in PLACE.iter_unpack(places)
        if own == zone and clause < clauses
    ]


def packed(matches: Iterable[Mark]) -> bytes | None:
    """Write matches in a text as engines give them; None where a number is beyond 64 bits."""
    numbers = [
        number for match in matches for number in (IN_TEXT, 0, match.start, match.end, match.clause)
    ]
    try:
        return array("q", numbers).tobytes()
    except OverflowError:
        return None


class Range(NamedTuple):
    """A stretch of a text in code points."""

    start: int
    end: int


Span = tuple[int, int]
"""A range as it is worked with: a plain tuple is made in a seventh of the time."""

Placed = tuple[int, int, int]
"""A match by its place: start, end, clause; sorted, those that begin first come first."""


def placed(matches: Iterable[Mark], length: int) -> list[Placed]:
    """Sort matches in a text of ``length`` by place; those that are not in it are left out."""
    places = [
        (start, end, match.clause)
        for match in matches
        if 0 <= (start := match.start) < (end := match.end) <= length
    ]
    places.sort()
    return places


def merge(places: Iterable[Placed]) -> list[Span]:
    """Give sorted disjoint ranges; overlapping matches become one."""
    merged: list[Span] = []
    last = 0
    for start, end, _ in places:
        if start >= last:
            merged.append((start, end))
            last = end
        elif end > last:
            merged[-1] = (merged[-1][0], end)
            last = end
    return merged


def inside(ranges: Sequence[Span], low: int, high: int) -> tuple[Span, ...]:
    """Give the parts of sorted disjoint ranges that lie in a piece, counted from its start."""
    first = bisect_left(ranges, (low,))
    if first and ranges[first - 1][1] > low:
        first -= 1
    last = bisect_left(ranges, (high,))
    return tuple(
        [(max(start, low) - low, min(end, high) - low) for start, end in ranges[first:last]]
    )
