"""Pages through two passes: the first hits are in the second pass's order, the others follow.

In: a request, and its tree's evaluation. Out: the hits of its page, before any article is fetched,
and the places after them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from searchsvc.engines.protocol import Cursor
from searchsvc.engines.whoosh.facets import undated
from searchsvc.engines.whoosh.freshness import gains
from searchsvc.engines.whoosh.ordering import RELEVANCE, TOP, place_of
from searchsvc.engines.whoosh.plain_words import SIGNAL, known
from searchsvc.engines.whoosh.second_pass import FIRST, typed

if TYPE_CHECKING:
    from searchsvc.engines.protocol import Bucket, Facet, SearchRequest
    from searchsvc.engines.whoosh.evaluation import Evaluation
    from searchsvc.engines.whoosh.facets import Counted
    from searchsvc.engines.whoosh.kernel import Hits
    from searchsvc.engines.whoosh.operands import Index


@dataclass(slots=True)
class Places:
    """What a search finds before an article is fetched: ``hits`` are key, number and score.

    ``start`` hits came before; where two passes ordered them, the first one goes on at the edge.
    Nobody changes one: a NamedTuple takes 0.25 µs longer to make, a frozen value 0.5.
    """

    total: int
    hits: Hits
    more: bool
    facets: dict[Facet, tuple[Bucket, ...]]
    undated: int
    start: int = FIRST
    edge: tuple[float, int] | None = None

    @property
    def cursors(self) -> tuple[Cursor, ...]:
        """Give the places after the hits."""
        return cursors_after(self.hits, self.start, self.edge)

    @property
    def twice(self) -> int:
        """Tell how many of the hits the second pass ordered."""
        return max(0, FIRST - self.start)


def page_of(
    request: SearchRequest, evaluation: Evaluation, index: Index, counted: Counted
) -> Places:
    """Find the hits of a request's page; raises EngineUnavailable when the deadline passes."""
    signals, after = request.signals, request.after
    if (signals or request.freshness) and request.sort is RELEVANCE:
        start = request.offset if after is None else after.seen
        if start < FIRST:
            return _ordered_twice(request, evaluation, index, counted, start)
    first, facets = request.offset, request.facets
    last = first + request.limit
    top = after is None and request.sort is RELEVANCE
    total, hits, counts = evaluation.search(
        TOP if top else place_of(request),
        last if after is None else last + 1,
        counted.columns(facets) if facets else (),
    )
    more = (total if after is None else len(hits)) > last
    if first or len(hits) > last:
        hits = hits[first:last]
    if not facets:
        return Places(total, hits, more, {}, 0)
    return Places(total, hits, more, counted.buckets(counts, facets), undated(counts, facets))


def _ordered_twice(
    request: SearchRequest, evaluation: Evaluation, index: Index, counted: Counted, start: int
) -> Places:
    last, signals, facets = start + request.limit, request.signals, request.facets
    total, hits, counts, edge = evaluation.search_twice(
        last,
        counted.columns(facets) if facets else (),
        known(SIGNAL, signals, index.known) or index.typed(signals, typed),
        gains(index, request.freshness) if request.freshness else None,
    )
    if start:
        hits = hits[start:]
    if not facets:
        return Places(total, hits, total > last, {}, 0, start, edge)
    named = counted.buckets(counts, facets)
    return Places(total, hits, total > last, named, undated(counts, facets), start, edge)


def cursors_after(
    hits: Hits, start: int, edge: tuple[float, int] | None = None
) -> tuple[Cursor, ...]:
    """Give the places after hits, of which ``start`` came before.

    Those ordered twice all go on where the first pass does, at the edge.
    """
    make = tuple.__new__  # half the time of the class
    before = max(0, FIRST - start)
    twice = [
        make(Cursor, (*edge, place))
        for place, _ in enumerate(hits[:before], start + 1)
        if edge is not None
    ]
    others = hits[before:] if before else hits
    return (*twice, *[make(Cursor, (key, number, FIRST)) for key, number, _ in others])
