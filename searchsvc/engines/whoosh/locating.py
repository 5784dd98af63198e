"""Where a tree's leaves stand in articles: from token positions to characters.

In: documents of a segment, their articles and the resolved tree. Out: matches in title and text,
for highlighting. Positions come from the index, all documents' at once; texts are cut into tokens
again for the characters, which takes less than to store those of all articles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.analysis.tokenizer import PIECE
from searchsvc.engines.protocol import Match, Zone
from searchsvc.engines.whoosh.deadlines import unchecked
from searchsvc.engines.whoosh.offsets import token_offsets
from searchsvc.engines.whoosh.spans import DOC_SHIFT, leaf_spans, term_spans
from searchsvc.query.tree import Expansion, Near, Phrase, Word, leaves
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.whoosh.deadlines import Check
    from searchsvc.engines.whoosh.resolving import Resolved
    from searchsvc.engines.whoosh.segment import Segment
    from searchsvc.engines.whoosh.spans import Docs
    from searchsvc.model import Article
    from searchsvc.query.tree import Leaf, Node, Position

TEXT_FIELDS = (Field.TEXT, Field.TITLE)

POSITION = (1 << DOC_SHIFT) - 1


class _Place(NamedTuple):
    """An occurrence in token positions; ``whole`` if a compound begins there and is meant."""

    clause: int
    position: int
    length: int
    whole: bool


def locate(
    resolved: Resolved,
    number: int,
    articles: Mapping[int, Article],
    node: Node,
    analyzer: Analyzer,
    check: Check = unchecked,
) -> dict[int, tuple[Match, ...]]:
    """List the occurrences of the leaves in documents of a segment, by zone, then by place.

    ``articles`` are the documents with what is stored of them. ``check`` is called on the way and
    may raise.
    """
    among = np.array(sorted(articles), np.int32)
    found: dict[int, list[_Place]] = {doc: [] for doc in articles}
    for clause, leaf in enumerate(leaves(node)):
        if _in_text(leaf):
            for doc, place in _places(resolved, number, clause, leaf, among, check):
                found[doc].append(place)
    segment = resolved.index.segments[number]
    return {
        doc: _matches(_Ruler(segment, doc, article, analyzer), found[doc]) if found[doc] else ()
        for doc, article in articles.items()
    }


def _matches(ruler: _Ruler, places: list[_Place]) -> tuple[Match, ...]:
    matches = ruler.matches(places)
    return tuple(sorted(matches, key=lambda match: (match.zone, match.start, match.end)))


def _in_text(leaf: Leaf) -> bool:
    if isinstance(leaf, (Word, Expansion)):
        return leaf.field in TEXT_FIELDS
    return all(_in_text(item) for item in leaf.items)


def _places(
    resolved: Resolved, number: int, clause: int, leaf: Leaf, among: Docs, check: Check
) -> Iterator[tuple[int, _Place]]:
    check()
    items = leaf.items if isinstance(leaf, Near) else (leaf,)
    every = leaf_spans(resolved, number, leaf, among, check)
    for item, spans in zip(items, every, strict=True):
        wholes = _wholes(resolved, number, item, among)
        for key in spans.keys.tolist():
            place = _Place(clause, key & POSITION, spans.length, key in wholes)
            yield key >> DOC_SHIFT, place


def _wholes(
    resolved: Resolved, number: int, item: Position | Phrase, among: Docs
) -> frozenset[int]:
    """Find where whole compounds («онлайн-сервис») stand for an item."""
    if isinstance(item, Phrase):
        return frozenset()
    terms = resolved.wholes(item, number)
    if not terms:
        return frozenset()
    return frozenset(term_spans(resolved, number, item, terms, among).keys.tolist())


class _Ruler:
    """One document's texts and token offsets, and which positions are title."""

    def __init__(self, segment: Segment, doc: int, article: Article, analyzer: Analyzer) -> None:
        self._article = article
        self._starts, self._ends = token_offsets(article, analyzer)
        self._title_tokens = int(segment.column("title_tokens")[doc])
        self._body_start = int(segment.column("body_start")[doc])
        self._made = bool(segment.column("title_made")[doc])

    def matches(self, places: Iterable[_Place]) -> Iterator[Match]:
        """Measure places in characters; what stands in a made title stands in the text too."""
        for place in places:
            in_title = place.position < self._title_tokens
            if in_title:
                yield from self._title_match(place)
            if not in_title or self._made:
                start, end = self._cut(place, self._article.text)
                yield Match(Zone.TEXT, place.position, start, end, place.clause)

    def _title_match(self, place: _Place) -> Iterator[Match]:
        start, end = self._cut(place, self._article.title)
        last = place.position + place.length
        # A made title may end inside a phrase or a compound of the text.
        if last <= self._title_tokens and end <= len(self._article.title):
            yield Match(Zone.TITLE, place.position, start, end, place.clause)

    def _cut(self, place: _Place, text: str) -> tuple[int, int]:
        apart = not self._made and place.position >= self._title_tokens
        token = place.position - (self._body_start - self._title_tokens if apart else 0)
        start, end = int(self._starts[token]), int(self._ends[token + place.length - 1])
        piece = PIECE.match(text, start) if place.whole else None
        return start, max(end, piece.end()) if piece else end
