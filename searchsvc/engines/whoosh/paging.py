"""Pages through two passes: the first hits are in the second pass's order, the others follow.

In: a request with signals or freshness. Out: what the first pass is asked, and the places after its
hits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from searchsvc.engines.protocol import Cursor, Sort
from searchsvc.engines.whoosh.second_pass import FIRST

if TYPE_CHECKING:
    from searchsvc.engines.protocol import SearchRequest
    from searchsvc.engines.whoosh.kernel import Hits


def seen(request: SearchRequest) -> int:
    """Count the hits of the asked order that come before the wanted ones."""
    if request.after is not None and in_second_pass(request):
        return request.after.seen
    return request.offset


def in_second_pass(request: SearchRequest) -> bool:
    """Tell whether a page begins among the hits that are ordered twice."""
    if request.sort is not Sort.RELEVANCE or not (request.signals or request.freshness):
        return False
    start = request.offset if request.after is None else request.after.seen
    return start < FIRST


def first_pass(request: SearchRequest) -> SearchRequest:
    """Ask for all the hits that are ordered twice, and as many more as the page takes."""
    limit = max(FIRST, seen(request) + request.limit)
    return replace(request, after=None, offset=0, limit=limit)


def cursors_of(block: Hits, rest: Hits) -> tuple[Cursor, ...]:
    """Give the places after hits: those ordered twice all go on where the first pass does."""
    own = [Cursor(block[-1][0], block[-1][1], place) for place in range(1, len(block) + 1)]
    return (*own, *(Cursor(key, number, FIRST) for key, number, _ in rest))
