"""Where a tree's leaves stand in one article: from token positions to characters.

In: a document of a segment, its article and the resolved tree. Out: matches in title and text,
for highlighting; texts are not analysed again, but for the end of a whole compound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.analysis.tokenizer import PIECE
from searchsvc.engines.protocol import Match, Zone
from searchsvc.engines.whoosh.deadlines import unchecked
from searchsvc.engines.whoosh.spans import leaf_spans, word_spans
from searchsvc.query.tree import Expansion, Near, Phrase, Word, leaves
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from searchsvc.engines.whoosh.deadlines import Check
    from searchsvc.engines.whoosh.resolving import Resolved
    from searchsvc.engines.whoosh.segment import Segment
    from searchsvc.engines.whoosh.spans import Docs
    from searchsvc.model import Article
    from searchsvc.query.tree import Leaf, Node, Position

TEXT_FIELDS = (Field.TEXT, Field.TITLE)


class _Place(NamedTuple):
    """An occurrence in token positions; ``whole`` if a compound begins there and is meant."""

    clause: int
    position: int
    length: int
    whole: bool


def locate(
    segment: Segment,
    doc: int,
    article: Article,
    node: Node,
    resolved: Resolved,
    check: Check = unchecked,
) -> tuple[Match, ...]:
    """List the occurrences of the leaves in a document, by zone, then by place.

    ``check`` is called on the way and may raise.
    """
    among = np.array([doc], np.int32)
    found = [
        place
        for clause, leaf in enumerate(leaves(node))
        if _in_text(leaf)
        for place in _places(segment, clause, leaf, resolved, among, check)
    ]
    if not found:
        return ()
    matches = _Ruler(segment, doc, article).matches(found)
    return tuple(sorted(matches, key=lambda match: (match.zone, match.start, match.end)))


def _in_text(leaf: Leaf) -> bool:
    if isinstance(leaf, (Word, Expansion)):
        return leaf.field in TEXT_FIELDS
    return all(_in_text(item) for item in leaf.items)


def _places(
    segment: Segment, clause: int, leaf: Leaf, resolved: Resolved, among: Docs, check: Check
) -> Iterator[_Place]:
    check()
    items = leaf.items if isinstance(leaf, Near) else (leaf,)
    for item, spans in zip(items, leaf_spans(segment, leaf, resolved, among, check), strict=True):
        wholes = _wholes(segment, item, resolved, among)
        for key in spans.keys.tolist():
            yield _Place(clause, key & 0xFFFFFFFF, spans.length, key in wholes)


def _wholes(
    segment: Segment, item: Position | Phrase, resolved: Resolved, among: Docs
) -> frozenset[int]:
    """Find where whole compounds («онлайн-сервис») stand for an item: only they have hyphens."""
    if isinstance(item, Phrase):
        return frozenset()
    words = [
        Word(hyphened, item.field, stream)
        for stream, terms in resolved.terms(item)
        if (hyphened := tuple(term for term in terms if "-" in term))
    ]
    return frozenset(
        key for word in words for key in word_spans(segment, word, resolved, among).keys.tolist()
    )


class _Ruler:
    """One document's texts and token offsets, and which positions are title."""

    def __init__(self, segment: Segment, doc: int, article: Article) -> None:
        self._article = article
        self._starts, self._ends = segment.offsets(doc)
        self._title_tokens = int(segment.column("title_tokens")[doc])
        self._body_start = int(segment.column("body_start")[doc])
        self._made = bool(segment.title_made[doc])

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
