"""Counts over all matching articles: values of a field, or dates by year, month or day.

In: the facets of a request. Out: columns that the kernel counts by, and its counts as buckets. A
bucket of dates is an ordinal like any other: each unit's are made when it is first asked for.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.protocol import Bucket, Histogram
from searchsvc.engines.whoosh.layout import UNDATED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.protocol import Facet
    from searchsvc.engines.whoosh.kernel import Column, Counts
    from searchsvc.engines.whoosh.segment import Segment

UNITS = {Histogram.YEAR: "Y", Histogram.MONTH: "M", Histogram.DAY: "D"}


class Counted:
    """What a segment's articles are counted by: one column and its names for each facet."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._made: dict[Facet, tuple[Column, tuple[str, ...]]] = {}

    def by(self, facet: Facet) -> tuple[Column, tuple[str, ...]]:
        """Give the column of a facet, and the names of its ordinals."""
        found = self._made.get(facet)
        if found is None:
            made = _dates(self._segment, UNITS[facet]) if isinstance(facet, Histogram) else None
            if made is None:
                column = self._segment.ordinals[facet.value]
                made = column.facet, column.names
            found = self._made[facet] = made
        return found

    def columns(self, facets: Sequence[Facet]) -> tuple[Column, ...]:
        """Give the columns of facets, and at last that of the undated if there are any."""
        if not facets:
            return ()
        columns = tuple([self.by(facet)[0] for facet in facets])
        undated = self._segment.undated
        return columns if undated is None else (*columns, (None, undated, 1))


def buckets(
    segments: Sequence[Counted], counts: Sequence[list[Counts]], facets: Sequence[Facet]
) -> dict[Facet, tuple[Bucket, ...]]:
    """Name what was counted: dates in their order, values by count and then by name."""
    found: dict[Facet, tuple[Bucket, ...]] = {}
    for place, facet in enumerate(facets):
        rows = [
            (own.by(facet)[1], parts[place]) for own, parts in zip(segments, counts, strict=True)
        ]
        if len(rows) == 1:
            names, pairs = rows[0]
            named = [(names[ordinal], count) for ordinal, count in pairs]
        else:
            named = _together(rows)
        if isinstance(facet, Histogram):
            named.sort()
        found[facet] = tuple([Bucket(value, count) for value, count in named])
    return found


def _together(rows: Sequence[tuple[tuple[str, ...], Counts]]) -> list[tuple[str, int]]:
    sums: Counter[str] = Counter()
    for names, pairs in rows:
        for ordinal, count in pairs:
            sums[names[ordinal]] += count
    return sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))


def undated(counts: Sequence[list[Counts]], facets: Sequence[Facet]) -> int:
    """Count the matching articles without a date."""
    return sum(own[-1][0][1] for own in counts if len(own) > len(facets) and own[-1])


def _dates(segment: Segment, unit: str) -> tuple[Column, tuple[str, ...]]:
    """Give the bucket that each whole span lies in by number, -1 where it lies in none."""
    first, last = segment.column("first_day"), segment.column("last_day")
    begins, ends = _units(first, unit), _units(last, unit)
    whole = (first != UNDATED) & (begins == ends)
    values, numbers = np.unique(begins[whole], return_inverse=True)
    ordinals = np.full(segment.size, -1, np.int32)
    ordinals[whole] = numbers
    names = values.view(f"datetime64[{unit}]").astype(str).tolist()
    return (None, ordinals, values.size), tuple(names)


def _units(days: NDArray[np.int32], unit: str) -> NDArray[np.int64]:
    dates = days.astype(np.int64).view("datetime64[D]").astype(f"datetime64[{unit}]")
    return dates.view(np.int64)
