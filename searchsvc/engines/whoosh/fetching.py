"""Fetching: the articles of the hits of a page, and where the tree's leaves stand in them.

In: hits as places in the index, and the resolved tree. Out: hits with articles and matches.
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
    from searchsvc.model import Article


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
    segments = resolved.index.segments
    articles: dict[int, dict[int, Article]] = {}
    places = []
    for _, number, _ in hits:
        owner = bisect_right(bases, number) - 1
        doc = number - bases[owner]
        places.append((owner, doc))
        articles.setdefault(owner, {})[doc] = segments[owner].article(doc)
    check = checking(request.deadline)
    wanted = tuple(islice(leaves(request.node), request.located))
    matches = {
        owner: locate(resolved, owner, own, wanted, analyzer, check)
        for owner, own in articles.items()
    }
    return tuple(
        Hit(articles[owner][doc], score, cursor, matches[owner][doc])
        for (owner, doc), (_, _, score), cursor in zip(places, hits, cursors, strict=True)
    )
