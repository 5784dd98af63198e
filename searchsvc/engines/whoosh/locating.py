"""Where a tree's leaves stand in articles: from token positions to characters.

In: documents of a segment, their articles and the resolved tree. Out: matches in title and text,
for highlighting. Positions come from the index, all documents' at once; texts are cut into tokens
again for the characters, up to the last match: the offsets of 57,000 articles would take 9.5 MB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.analysis.tokenizer import PIECE
from searchsvc.engines.protocol import Match, Zone
from searchsvc.engines.whoosh.deadlines import unchecked
from searchsvc.engines.whoosh.spans import DOC_SHIFT, leaf_spans, term_spans
from searchsvc.query.tree import Expansion, Near, Phrase, Word, leaves
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.whoosh.deadlines import Check
    from searchsvc.engines.whoosh.resolving import Resolved
    from searchsvc.engines.whoosh.segment import Segment
    from searchsvc.engines.whoosh.spans import Docs, Spans
    from searchsvc.model import Article
    from searchsvc.query.tree import Leaf, Node, Position

    Offsets = memoryview[int]

TEXT_FIELDS = (Field.TEXT, Field.TITLE)

COLUMNS = ("title_tokens", "body_start", "title_made")

POSITION = (1 << DOC_SHIFT) - 1


_Place = tuple[int, int, int, bool]
"""An occurrence: clause, position, length in tokens; whether a whole compound begins there."""


class _Layout(NamedTuple):
    """Which of a document's positions are its title's, and where its body begins."""

    title_tokens: int
    body_start: int
    made: bool


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
            check()
            for item, spans in _spans(resolved, number, leaf, among, check):
                wholes, length = _wholes(resolved, number, item, among), spans.length
                for key in spans.keys.tolist():
                    place = (clause, key & POSITION, length, key in wholes)
                    found[key >> DOC_SHIFT].append(place)
    layouts = _layouts(resolved.index.segments[number], among)
    return {
        doc: _matches(article, layouts[doc], found[doc], analyzer) if found[doc] else ()
        for doc, article in articles.items()
    }


def _in_text(leaf: Leaf) -> bool:
    if isinstance(leaf, (Word, Expansion)):
        return leaf.field in TEXT_FIELDS
    return all(_in_text(item) for item in leaf.items)


def _spans(
    resolved: Resolved, number: int, leaf: Leaf, among: Docs, check: Check
) -> Iterable[tuple[Position | Phrase, Spans]]:
    items = leaf.items if isinstance(leaf, Near) else (leaf,)
    return zip(items, leaf_spans(resolved, number, leaf, among, check), strict=True)


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


def _layouts(segment: Segment, among: Docs) -> dict[int, _Layout]:
    columns = (segment.column(name)[among].tolist() for name in COLUMNS)
    return dict(zip(among.tolist(), map(_Layout, *columns), strict=True))


def _matches(
    article: Article, layout: _Layout, places: list[_Place], analyzer: Analyzer
) -> tuple[Match, ...]:
    """Measure places in characters; what stands in a made title stands in the text too."""
    title_tokens, body_start, made = layout
    titles = [place for place in places if place[1] + place[2] <= title_tokens]
    texts = places if made else [place for place in places if place[1] >= body_start]
    found: list[Match] = []
    if texts:
        offsets = _offsets(article.text, texts, body_start, analyzer)
        found += _cut(Zone.TEXT, article.text, texts, body_start, offsets)
    if titles:
        title = article.title
        if not made:
            offsets = _offsets(title, titles, 0, analyzer)
        # A made title may end inside a phrase or a compound of the text.
        found += [
            one for one in _cut(Zone.TITLE, title, titles, 0, offsets) if one.end <= len(title)
        ]
    found.sort()
    return tuple(found)


def _offsets(
    text: str, places: Iterable[_Place], first: int, analyzer: Analyzer
) -> tuple[Offsets, Offsets]:
    """Read a text, whose first token has a position, up to the last place."""
    last = max([position + length for _, position, length, _ in places])
    return analyzer.offsets(text, last - first)


def _cut(
    zone: Zone, text: str, places: Iterable[_Place], first: int, offsets: tuple[Offsets, Offsets]
) -> Iterator[Match]:
    starts, ends = offsets
    for clause, position, length, whole in places:
        token = position - first
        start, end = starts[token], ends[token + length - 1]
        if whole and (piece := PIECE.match(text, start)):
            end = max(end, piece.end())
        yield Match(zone, position, start, end, clause)
