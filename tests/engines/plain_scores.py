"""What a tree's matches score, article by article as the definitions say: for small corpora only.

It leans on ``reference`` for what matches and where, and on no array. It is the oracle of the
faster ``scored_reference``, which is the oracle of the engine.
"""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING

from bm25f import EXACT_LENGTHS, K1, MOST, STEPS, TITLE_WORTH, B
from reference import ReadArticle, Reference, _fit, _follows, fits

from searchsvc.query.tree import (
    All,
    Any,
    Constant,
    Expansion,
    ExpansionKind,
    Near,
    Node,
    Phrase,
    Ranked,
    Variants,
    Word,
)
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reference import Room, Term

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.model import Article
    from searchsvc.query.tree import Position


class PlainScores:
    """Scores of articles, some of which are deleted and count in frequencies alone."""

    def __init__(
        self, articles: Sequence[Article], alive: Sequence[bool], analyzer: Analyzer
    ) -> None:
        self._all = [ReadArticle(article, analyzer) for article in articles]
        living = [article for article, lives in zip(articles, alive, strict=True) if lives]
        self._living = [own for own, lives in zip(self._all, alive, strict=True) if lives]
        self.reference = Reference(living, analyzer)
        self.reference.terms = self.terms  # type: ignore[method-assign]
        self._read = {own.article.id: own for own in self._living}
        self._lengths = {id(own): _length(own.article, analyzer) for own in self._all}

    def scores(self, node: Node) -> dict[str, float]:
        """Score the living articles that match."""
        return {found: self._score(node, self._read[found]) for found in self.reference.ids(node)}

    def terms(self, item: Position) -> frozenset[Term]:
        """List the terms that a position stands for; of too many, the most frequent alive."""
        if isinstance(item, Word):
            return frozenset((item.field, item.stream, term) for term in item.terms)
        streams = set(Stream) if item.kind is ExpansionKind.FUZZY else {Stream.FORMS}
        having = set().union(*(own.terms() for own in self._all))
        own = [
            term
            for term in having
            if term[0] is item.field and term[1] in streams and fits(item, term[2])
        ]
        if len(own) > item.limit or item.field is Field.TITLE:
            order = sorted((-_having(self._living, term), term[2], term[1]) for term in own)
            kept = [(item.field, stream, text) for count, text, stream in order if count]
            own = kept[: item.limit]
        return frozenset(own)

    def _matches(self, node: Node, read: ReadArticle) -> bool:
        return read.article.id in self.reference.ids(node)

    def _score(self, node: Node, read: ReadArticle) -> float:
        if not self._matches(node, read):
            return 0.0
        match node:
            case All(children=children) | Any(children=children):
                return sum(self._score(child, read) for child in children)
            case Variants(children=children):
                return max(self._share(node, own) * self._score(own, read) for own in children)
            case Ranked(must=must, should=should):
                return sum(self._score(child, read) for child in (must, *should))
            case Constant(score=score):
                return score
            case Word() | Expansion():
                weight = node.weight if isinstance(node, Word) else 1.0
                return weight * self._idf(node) * self._impact(self._frequency(node, read), read)
            case Phrase(items=items):
                rooms = read.rooms[items[0].field]
                tf = sum(len(self.reference._phrase(room, items)) for room in rooms)
                return sum(map(self._idf, {*items})) * self._impact(tf, read)
            case Near(items=items):
                tf = sum(self._taking(room, node) for room in read.rooms[_field(items[0])])
                return sum(map(self._idf, {*_positions(node)})) * self._impact(tf, read)
        return 0.0

    def _frequency(self, item: Position, read: ReadArticle) -> int:
        """Add up what a position's terms count, each up to 255."""
        tf = 0
        for field, stream, term in self.terms(item):
            own = sum(len(room.stream(stream).get(term, ())) for room in read.rooms[field])
            if field is Field.TEXT and not read.article.title_made:
                title = read.rooms[Field.TITLE][0].stream(stream)
                own += TITLE_WORTH * len(title.get(term, ()))
            tf += min(own, MOST)
        weighs = item.field is Field.TITLE and not read.article.title_made
        return tf * (1 + TITLE_WORTH) if weighs else tf

    def _taking(self, room: Room, near: Near) -> int:
        """Count the first item's occurrences that have the others close."""
        spans = [self.reference._spans(room, item) for item in near.items]
        if len(spans) == 2:
            return sum(
                any(
                    _follows(one, two, near.distance) or _follows(two, one, near.distance)
                    for two in spans[1]
                )
                for one in spans[0]
            )
        width = max(near.distance, len(spans) - 1)
        places = [{start for start, _ in own} for own in spans]
        every = set().union(*places)
        return sum(
            any(
                start <= p <= start + width and _fit(places, start, start + width)
                for start in every
            )
            for p in places[0]
        )

    def _share(self, node: Variants, child: Node) -> float:
        first, own = self._worth(node.children[0]), self._worth(child)
        return first / own if 0 < first < own else 1.0

    def _worth(self, node: Node) -> float:
        match node:
            case Word():
                return node.weight * self._idf(node)
            case Phrase() | Near():
                return sum(map(self._idf, {*_positions(node)}))
            case All(children=children):
                return sum(map(self._worth, children))
            case Variants(children=(first, *_)):
                return self._worth(first)
        return 0.0

    def _idf(self, item: Position) -> float:
        whole = Field.TEXT if item.field is Field.TITLE else item.field
        having = [_having(self._all, (whole, *term[1:])) for term in self.terms(item)]
        most = sum(having) if isinstance(item, Expansion) else max(having, default=0)
        df, articles = min(most, len(self._all)), len(self._all)
        return math.log(1 + (articles - df + 0.5) / (df + 0.5))

    def _impact(self, tf: int, read: ReadArticle) -> float:
        average = sum(self._lengths.values()) / len(self._lengths)
        length = _coarse(self._lengths[id(read)]) / max(average, 1.0)
        most = min(tf, MOST)
        return (K1 + 1) * most / (most + K1 * (1 - B + B * length))


def _having(articles: Sequence[ReadArticle], term: Term) -> int:
    return sum(term in own.terms() for own in articles)


def _length(article: Article, analyzer: Analyzer) -> int:
    texts = (article.text,) if article.title_made else (article.title, article.text)
    return sum(token.span == 1 for text in texts for token in analyzer.tokens(text))


def _coarse(tokens: int) -> float:
    """Round as the index does: 24 steps a doubling from 64."""
    if tokens < EXACT_LENGTHS:
        return tokens
    steps = min(round(math.log2(tokens / EXACT_LENGTHS) * STEPS), MOST - EXACT_LENGTHS)
    return EXACT_LENGTHS * 2 ** (steps / STEPS)


def _positions(node: Node) -> list[Position]:
    if isinstance(node, (Phrase, Near)):
        return list(chain.from_iterable(map(_positions, node.items)))
    assert isinstance(node, (Word, Expansion))
    return [node]


def _field(item: Position | Phrase) -> Field:
    return _positions(item)[0].field
