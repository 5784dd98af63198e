"""Counts over all matching articles: values of a field, or dates by year, month or day.

In: the facets of a request. Out: columns that the kernel counts by, and its counts as buckets. A
bucket of dates is an ordinal like any other: each unit's are made when it is first asked for, and
so are the numbers that the ordinals of several segments have in common.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.protocol import Bucket, Histogram
from searchsvc.engines.whoosh import columns
from searchsvc.engines.whoosh.container import MEND
from searchsvc.engines.whoosh.layout import UNDATED
from searchsvc.errors import IndexDamaged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.protocol import Facet
    from searchsvc.engines.whoosh.kernel import Buffer, Counts
    from searchsvc.engines.whoosh.kernel import Facet as Columns
    from searchsvc.engines.whoosh.segment import Segment

MOST_DAYS = 366 * 10_000
"""Days from the year 1 to 9999 are fewer."""

UNITS = {Histogram.YEAR: "Y", Histogram.MONTH: "M", Histogram.DAY: "D"}


class Valued(NamedTuple):
    """A segment's values, one each or from ``starts`` on, and the names of the ordinals."""

    starts: Buffer | None
    ordinals: Buffer
    names: tuple[str, ...]


class Named(NamedTuple):
    """What the kernel counts by, and the names of what it counts."""

    columns: Columns
    names: tuple[str, ...]


class Counted:
    """What an index's articles are counted by."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._made: dict[Facet, Named] = {}
        without = [segment.undated for segment in segments]
        rows = tuple([None if own is None else (None, own, None) for own in without])
        self._undated: tuple[Columns, ...] = ((1, rows),) if any(rows) else ()

    def columns(self, facets: Sequence[Facet]) -> tuple[Columns, ...]:
        """Give the columns of facets, and at last that of the undated if there are any."""
        return (*[self._by(facet).columns for facet in facets], *self._undated)

    def buckets(
        self, counts: Sequence[Counts], facets: Sequence[Facet]
    ) -> dict[Facet, tuple[Bucket, ...]]:
        """Name what was counted: dates in their order, values by count and then by name."""
        found: dict[Facet, tuple[Bucket, ...]] = {}
        for facet, pairs in zip(facets, counts, strict=False):
            names = self._by(facet).names
            ordered = sorted(pairs) if isinstance(facet, Histogram) else pairs
            found[facet] = tuple([Bucket(names[number], count) for number, count in ordered])
        return found

    def _by(self, facet: Facet) -> Named:
        found = self._made.get(facet)
        if found is None:
            found = self._made[facet] = _together([_valued(own, facet) for own in self._segments])
        return found


def undated(counts: Sequence[Counts], facets: Sequence[Facet]) -> int:
    """Count the matching articles without a date."""
    return sum(count for own in counts[len(facets) :] for _, count in own)


def _together(valued: Sequence[Valued]) -> Named:
    """Give the values of all segments numbers in the order of their names."""
    if len(valued) == 1:
        ((starts, ordinals, names),) = valued
        return Named((len(names), ((starts, ordinals, None),)), names)
    names = tuple(sorted({name for own in valued for name in own.names}))
    places = {name: place for place, name in enumerate(names)}
    numbered = [
        (own.starts, own.ordinals, np.array([places[name] for name in own.names], np.int32))
        for own in valued
    ]
    return Named((len(names), tuple(numbered)), names)


def _valued(segment: Segment, facet: Facet) -> Valued:
    if isinstance(facet, Histogram):
        return _dates(segment, UNITS[facet])
    column = segment.ordinals[facet.value]
    return Valued(column.starts, column.ordinals, column.names)


def _dates(segment: Segment, unit: str) -> Valued:
    """Give the bucket that each whole span lies in by number, -1 where it lies in none.

    Buckets are looked up by day: of a million articles in 25 ms, by dates in 100.
    """
    first, last = segment.column("first_day"), segment.column("last_day")
    dated = first != UNDATED
    if not dated.any():
        return Valued(None, np.full(segment.size, -1, np.int32), ())
    low, high = int(first[dated].min()), int(max(first.max(), last.max()))
    if high - low > MOST_DAYS:
        raise IndexDamaged(f"{segment.file.path.name} has days that no calendar has; {MEND}")
    units = _units(np.arange(low, high + 1, dtype=np.int32), unit)
    begins, ends = (units[np.maximum(days, low) - low] for days in (first, last))
    whole = dated & (begins == ends)
    there = np.bincount(begins[whole] - units[0], minlength=1) > 0
    ranks = np.cumsum(there, dtype=np.int32) - 1
    every = np.where(whole, ranks[np.where(whole, begins - units[0], 0)], np.int32(-1))
    ordinals = columns.signed(every, int(ranks[-1]))
    values = np.flatnonzero(there) + units[0]
    names = values.view(f"datetime64[{unit}]").astype(str).tolist()
    return Valued(None, ordinals, tuple(names))


def _units(days: NDArray[np.int32], unit: str) -> NDArray[np.int64]:
    dates = days.astype(np.int64).view("datetime64[D]").astype(f"datetime64[{unit}]")
    return dates.view(np.int64)
