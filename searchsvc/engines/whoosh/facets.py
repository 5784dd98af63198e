"""Counts over all matching articles: values of a field, or dates by year, month or day."""

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
    from searchsvc.engines.whoosh.segment import Segment
    from searchsvc.engines.whoosh.sets import Scored

UNITS = {Histogram.YEAR: "Y", Histogram.MONTH: "M", Histogram.DAY: "D"}


def buckets(
    segments: Sequence[Segment], results: Sequence[Scored], facet: Facet
) -> tuple[Bucket, ...]:
    """Count: dates in their order, values by count and then by name."""
    counts: Counter[str] = Counter()
    for segment, found in zip(segments, results, strict=True):
        if isinstance(facet, Histogram):
            counts.update(_dates(segment, found.docs, UNITS[facet]))
        else:
            counts.update(_values(segment, found.docs, facet.value))
    if isinstance(facet, Histogram):
        return tuple(Bucket(value, counts[value]) for value in sorted(counts))
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Bucket(value, count) for value, count in ranked)


def undated(segments: Sequence[Segment], results: Sequence[Scored]) -> int:
    """Count the matching articles without a date."""
    return sum(
        int((segment.column("minute")[found.docs] == UNDATED).sum())
        for segment, found in zip(segments, results, strict=True)
    )


def _values(segment: Segment, docs: NDArray[np.int32], name: str) -> dict[str, int]:
    column = segment.ordinals[name]
    counts = column.counts(docs)
    return {column.values[int(n)]: int(counts[n]) for n in np.flatnonzero(counts)}


def _dates(segment: Segment, docs: NDArray[np.int32], unit: str) -> dict[str, int]:
    first, last = segment.column("first_day")[docs], segment.column("last_day")[docs]
    dated = first != UNDATED
    spans = [
        days[dated].astype(np.int64).view("datetime64[D]").astype(f"datetime64[{unit}]")
        for days in (first, last)
    ]
    whole, counts = np.unique(spans[0][spans[0] == spans[1]], return_counts=True)
    return dict(zip((str(value) for value in whole), counts.tolist(), strict=True))
