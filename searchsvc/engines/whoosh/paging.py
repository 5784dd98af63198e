"""Pages through two passes: the first hits are in the second pass's order, the others follow.

In: a request with signals or freshness. Out: where its page begins, and the places after its hits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchsvc.engines.protocol import Cursor
from searchsvc.engines.whoosh.ordering import RELEVANCE
from searchsvc.engines.whoosh.second_pass import FIRST

if TYPE_CHECKING:
    from searchsvc.engines.protocol import SearchRequest
    from searchsvc.engines.whoosh.kernel import Hits


def in_second_pass(request: SearchRequest) -> bool:
    """Tell whether a page begins among the hits that are ordered twice."""
    if not (request.signals or request.freshness) or request.sort is not RELEVANCE:
        return False
    start = request.offset if request.after is None else request.after.seen
    return start < FIRST


def cursors_after(
    hits: Hits, start: int, edge: tuple[float, int] | None = None
) -> tuple[Cursor, ...]:
    """Give the places after hits, of which ``start`` came before.

    Those ordered twice all go on where the first pass does, at the edge.
    """
    before = max(0, FIRST - start)
    twice = [
        Cursor(*edge, place) for place, _ in enumerate(hits[:before], start + 1) if edge is not None
    ]
    return (*twice, *[Cursor(key, number, FIRST) for key, number, _ in hits[before:]])
