"""The order of hits: the first of many by score or by date, from a place on.

Every order is an ascending (key, number): minus the score, minus the minute, or the minute, with
undated articles at infinity; the number is the article's in the generation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from searchsvc.engines.protocol import Sort

if TYPE_CHECKING:
    from searchsvc.engines.protocol import SearchRequest
    from searchsvc.engines.whoosh.evaluation import Evaluation
    from searchsvc.engines.whoosh.kernel import Counts, Facet, Hits

ANYWHERE = (-math.inf, -1)

ORDERS = {Sort.RELEVANCE: 0, Sort.DATE: -1, Sort.DATE_ASC: 1}
"""Orders as the kernel takes them: 0 by score, 1 and -1 by the minute."""

RELEVANCE = Sort.RELEVANCE
"""An enum's members are a little slow to reach, and to look up."""


def first_hits(
    evaluation: Evaluation, request: SearchRequest, facets: tuple[Facet, ...] = ()
) -> tuple[int, Hits, list[Counts]]:
    """Find the first hits after a place, one more than the request's slice ends with.

    Gives the total, hits (key, number in the generation, score), and counts for each facet.
    """
    sort, after = request.sort, request.after
    order = 0 if sort is RELEVANCE else ORDERS[sort]
    key, number = ANYWHERE if after is None else (after.key, after.number)
    return evaluation.search(order, key, number, request.offset + request.limit + 1, facets)
