"""Fetching: the articles of the hits of a page, and where the tree's leaves stand in them.

In: hits as places in the index, and the resolved tree. Out: hits with articles and places of
matches.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from searchsvc.engines.protocol import Hit
from searchsvc.engines.whoosh.deadlines import checking
from searchsvc.engines.whoosh.locating import locate
from searchsvc.query.tree import leaves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.protocol import Cursor, SearchRequest
    from searchsvc.engines.whoosh.kernel import Hits
    from searchsvc.engines.whoosh.resolving import Resolved
    from searchsvc.engines.whoosh.segment import Segment
    from searchsvc.model import Article

T = TypeVar("T")


class Part(NamedTuple):
    """The hits of a page in one segment: which hits of the page, and their documents."""

    segment: int
    hits: Sequence[int]
    docs: list[int]


def parts_of(bases: Sequence[int], hits: Hits) -> list[Part]:
    """Part hits, which are key, number in the generation and score, by segments."""
    if len(bases) == 1:
        return [Part(0, range(len(hits)), [number for _, number, _ in hits])] if hits else []
    owners = [bisect_right(bases, number) - 1 for _, number, _ in hits]
    return [
        Part(owner, own, [hits[place][1] - bases[owner] for place in own])
        for owner in sorted(set(owners))
        for own in [[place for place, other in enumerate(owners) if other == owner]]
    ]


def in_order(parts: Sequence[Part], several: Sequence[Sequence[T]]) -> list[T]:
    """Give what belongs to the hits of each part in the order of all hits."""
    if len(parts) == 1:
        return list(several[0])
    by_place = {
        place: one
        for part, own in zip(parts, several, strict=True)
        for place, one in zip(part.hits, own, strict=True)
    }
    return [by_place[place] for place in range(len(by_place))]


def articles_at(segments: Sequence[Segment], parts: Sequence[Part]) -> list[list[Article]]:
    """Unpack the articles of hits: those of each segment at once."""
    return [segments[part.segment].articles(part.docs) for part in parts]


def fetched(
    bases: Sequence[int],
    hits: Hits,
    cursors: Sequence[Cursor],
    request: SearchRequest,
    resolved: Resolved,
    analyzer: Analyzer,
) -> tuple[Hit, ...]:
    """Fetch articles, and where the tree's leaves stand in them: all of a segment at once.

    ``hits`` are key, number in the generation and score. Raises EngineUnavailable.
    """
    parts = parts_of(bases, hits)
    articles = articles_at(resolved.index.segments, parts)
    check = checking(request.deadline)
    wanted = tuple(islice(leaves(request.node), request.located))
    located = [
        locate(resolved, part.segment, part.docs, own, wanted, analyzer, check)
        for part, own in zip(parts, articles, strict=True)
    ]
    make = tuple.__new__  # half the time of the class
    return tuple(
        [
            make(Hit, (article, hit[2], cursor, places, None))
            for hit, cursor, article, places in zip(
                hits, cursors, in_order(parts, articles), in_order(parts, located), strict=True
            )
        ]
    )
