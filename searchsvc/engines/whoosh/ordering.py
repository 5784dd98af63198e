"""The order of hits: the first of many by score or by date, from a place on, over all segments.

Every order is an ascending (key, number): minus the score, minus the minute, or the minute, with
undated articles at infinity; the number is the article's in the generation.
"""

from __future__ import annotations

import math
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any

from searchsvc.engines.protocol import Sort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searchsvc.engines.protocol import Cursor, SearchRequest
    from searchsvc.engines.whoosh.evaluation import Evaluation
    from searchsvc.engines.whoosh.kernel import Column, Hits
    from searchsvc.engines.whoosh.segment import Segment

ANYWHERE = (-math.inf, -1)


Found = tuple[int, "Hits", "list[Any]"]
"""What all segments have: the total, the first hits in order, counts for each facet of each.

A hit is its key, its number in the generation and its score.
"""

RELEVANCE, DATE = Sort.RELEVANCE, Sort.DATE


def order_of(sort: Sort) -> int:
    """Give an order as the kernel takes it: 0 by score, 1 and -1 by the minute."""
    if sort is RELEVANCE:
        return 0
    return -1 if sort is DATE else 1


def place_of(after: Cursor | None, base: int) -> tuple[float, int]:
    """Give a place in the order as a segment sees it whose first number is ``base``."""
    return ANYWHERE if after is None else (after.key, after.number - base)


def first_hits(
    evaluation: Evaluation,
    segments: Sequence[Segment],
    request: SearchRequest,
    facets: Sequence[tuple[Column, ...]] = (),
) -> Found:
    """Find the first hits after a place, one more than the request's slice ends with."""
    order, after = order_of(request.sort), request.after
    wanted = request.offset + request.limit + 1
    if len(segments) == 1:
        place = ANYWHERE if after is None else (after.key, after.number)
        if not facets:
            return evaluation.search(0, order, place, wanted)
        total, hits, counts = evaluation.search(0, order, place, wanted, None, facets[0])
        return total, hits, [counts]
    total, base, rows, every = 0, 0, [], []
    for number, segment in enumerate(segments):
        place = place_of(after, base)
        columns = facets[number] if facets else ()
        own, hits, counts = evaluation.search(number, order, place, wanted, None, columns)
        total += own
        rows.append([(key, doc + base, score) for key, doc, score in hits])
        every.append(counts)
        base += segment.size
    return total, list(islice(merge(*rows), wanted)), every
