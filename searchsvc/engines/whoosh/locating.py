"""Where a tree's leaves stand in articles: from token positions to characters.

In: documents of a segment, their articles and the resolved tree. Out: matches in title and text,
for highlighting. Positions come from the index, all documents' at once; texts are cut into tokens
again for the characters, up to the last match: the offsets of 57,000 articles would take 9.5 MB.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.analysis.tokenizer import PIECE
from searchsvc.engines.protocol import Match, Zone
from searchsvc.engines.whoosh.deadlines import unchecked
from searchsvc.engines.whoosh.spans import DOC_SHIFT, near_spans
from searchsvc.query.tree import Expansion, Near, Phrase, Word
from searchsvc.schema import POSITION_GAP, Field

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.whoosh.deadlines import Check
    from searchsvc.engines.whoosh.kernel import Term
    from searchsvc.engines.whoosh.resolving import Resolved
    from searchsvc.engines.whoosh.spans import Docs
    from searchsvc.model import Article
    from searchsvc.query.tree import Leaf, Position

    Offsets = memoryview[int]
    _Standing = tuple[Position | Phrase, list[int], int]

TEXT_FIELDS = (Field.TEXT, Field.TITLE)

COLUMNS = ("title_tokens", "title_made")

POSITION = (1 << DOC_SHIFT) - 1


_Place = tuple[int, int, int, bool]
"""An occurrence: clause, position, length in tokens; whether a whole compound begins there."""


class _Layout(NamedTuple):
    """How many of a document's first positions are its title's, and whether the title is made."""

    title_tokens: int
    made: bool


def locate(
    resolved: Resolved,
    number: int,
    articles: Mapping[int, Article],
    wanted: Iterable[Leaf],
    analyzer: Analyzer,
    check: Check = unchecked,
) -> dict[int, tuple[Match, ...]]:
    """List the occurrences of leaves in documents of a segment, by zone, then by place.

    ``articles`` are the documents with what is stored of them; the leaves wanted are numbered.
    ``check`` is called on the way and may raise.
    """
    segment = resolved.index.segments[number]
    among = np.array(sorted(articles), np.int32)
    columns = (segment.column(name)[among].tolist() for name in COLUMNS)
    layouts = dict(zip(among.tolist(), map(_Layout, *columns), strict=True))
    found: dict[int, list[_Place]] = {doc: [] for doc in articles}
    finder = _Finder(resolved, number, among, layouts, check)
    for clause, leaf in enumerate(wanted):
        if _in_text(leaf):
            for item, keys, length in finder.standing(leaf):
                wholes = finder.wholes(item)
                for key in keys:
                    place = (clause, key & POSITION, length, key in wholes)
                    found[key >> DOC_SHIFT].append(place)
    return {
        doc: _matches(article, layouts[doc], found[doc], analyzer) if found[doc] else ()
        for doc, article in articles.items()
    }


def _in_text(leaf: Leaf) -> bool:
    if isinstance(leaf, (Word, Expansion)):
        return leaf.field in TEXT_FIELDS
    return all(_in_text(item) for item in leaf.items)


class _Finder:
    """Finds occurrences in a few documents of a segment: ``document << 32 | position``, sorted.

    In ten documents a word stands some thirty times: lists and sets take a fifth of numpy's time.
    """

    def __init__(
        self,
        resolved: Resolved,
        number: int,
        among: Docs,
        layouts: Mapping[int, _Layout],
        check: Check,
    ) -> None:
        self._resolved = resolved
        self._number = number
        self._among = among
        self._layouts = layouts
        self._check = check

    def standing(self, leaf: Leaf) -> Iterator[_Standing]:
        """Give the items of a leaf, where they stand and how many tokens long."""
        self._check()
        if isinstance(leaf, Near):
            every = near_spans(self._resolved, self._number, leaf, self._among, self._check)
            for item, spans in zip(leaf.items, every, strict=True):
                yield item, spans.keys.tolist(), spans.length
        elif isinstance(leaf, Phrase):
            yield leaf, self._phrase(leaf), len(leaf.items)
        else:
            yield leaf, self._keys(leaf, self._resolved.terms(leaf, self._number)), 1

    def wholes(self, item: Position | Phrase) -> Collection[int]:
        """Find where whole compounds («онлайн-сервис») stand for an item."""
        if isinstance(item, Phrase) or (isinstance(item, Word) and "-" not in "".join(item.terms)):
            return ()
        terms = self._resolved.wholes(item, self._number)
        return set(self._keys(item, terms)) if terms else ()

    def _phrase(self, phrase: Phrase) -> list[int]:
        starts: set[int] | None = None
        for offset, item in enumerate(phrase.items):
            keys = self._keys(item, self._resolved.terms(item, self._number))
            own = {key - offset for key in keys}
            starts = own if starts is None else starts & own
        return sorted(starts or ())

    def _keys(self, item: Position, terms: tuple[Term, ...]) -> list[int]:
        segment = self._resolved.index.segments[self._number]
        found = segment.searched.positions(terms, self._among, math.inf)
        rows = [memoryview(keys).cast("q") for keys in found]
        keys = rows[0].tolist() if len(rows) == 1 else sorted(set().union(*rows))
        if item.field is Field.TITLE:
            return [key for key in keys if key & POSITION < self._layouts[key >> DOC_SHIFT][0]]
        return keys


def _matches(
    article: Article, layout: _Layout, places: list[_Place], analyzer: Analyzer
) -> tuple[Match, ...]:
    """Measure places in characters; what stands in a made title stands in the text too."""
    title_tokens, made = layout
    body_start = title_tokens + POSITION_GAP if title_tokens and not made else 0
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
) -> list[Match]:
    starts, ends = offsets
    found = []
    for clause, position, length, whole in places:
        token = position - first
        start, end = starts[token], ends[token + length - 1]
        if whole and (piece := PIECE.match(text, start)):
            end = max(end, piece.end())
        found.append(Match(zone, position, start, end, clause))
    return found
