"""Fetching: the articles of the hits of a page, and where the tree's leaves stand in them.

In: hits as places in the index, and the resolved tree. Out: hits with articles and places of
matches.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import islice
from typing import TYPE_CHECKING

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


def places_of(bases: Sequence[int], hits: Hits) -> list[tuple[int, int]]:
    """Give the segment and the document in it of each hit."""
    owners = [bisect_right(bases, number) - 1 for _, number, _ in hits]
    return [(owner, hit[1] - bases[owner]) for owner, hit in zip(owners, hits, strict=True)]


def articles_at(
    segments: Sequence[Segment], places: Sequence[tuple[int, int]]
) -> list[dict[int, Article]]:
    """Unpack the articles of places: those of each segment at once, by document."""
    docs: list[list[int]] = [[] for _ in segments]
    for owner, doc in places:
        docs[owner].append(doc)
    return [
        dict(zip(own, segment.articles(own), strict=True)) if own else {}
        for segment, own in zip(segments, docs, strict=True)
    ]


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
    places = places_of(bases, hits)
    articles = articles_at(resolved.index.segments, places)
    check = checking(request.deadline)
    wanted = tuple(islice(leaves(request.node), request.located))
    located = [
        locate(resolved, owner, own, wanted, analyzer, check) if own else {}
        for owner, own in enumerate(articles)
    ]
    return tuple(
        [
            Hit(articles[owner][doc], score, cursor, located[owner][doc])
            for (owner, doc), (_, _, score), cursor in zip(places, hits, cursors, strict=True)
        ]
    )
