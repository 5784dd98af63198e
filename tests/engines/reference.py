"""The reference: what a tree means, evaluated by brute force over a list of articles.

In: articles and a neutral tree. Out: the ids of the articles that match. It follows the
docstrings of ``query/tree.py`` and shares with the engines nothing but the analyzer; slow and
plain on purpose.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache, cached_property
from itertools import combinations, product
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.query.tree import (
    All,
    Any,
    Constant,
    DateRange,
    Everything,
    Expansion,
    ExpansionKind,
    Near,
    Node,
    Not,
    Nothing,
    Phrase,
    Ranked,
    Value,
    Variants,
    Word,
)
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.model import Article
    from searchsvc.query.tree import Position

Term = tuple[Field, Stream, str]


class Room(NamedTuple):
    """A text that no phrase leaves: the positions of every term of each stream in it."""

    forms: dict[str, set[int]]
    lemmas: dict[str, set[int]]

    def stream(self, stream: Stream) -> dict[str, set[int]]:
        return self.forms if stream is Stream.FORMS else self.lemmas


class ReadArticle:
    """One article taken apart: for each field the rooms that its terms stand in."""

    def __init__(self, article: Article, analyzer: Analyzer) -> None:
        self.article = article
        title, body = _room(article.title, analyzer), _room(article.text, analyzer)
        length = sum(token.span == 1 for token in analyzer.tokens(article.title))
        self.rooms: dict[Field, list[Room]] = {
            Field.TEXT: [body] if article.title_made else [title, body],
            Field.TITLE: [_beginning(body, length) if article.title_made else title],
            Field.SOURCE: [_room(article.source, analyzer)],
            Field.TOPIC: [_room(value, analyzer) for value in article.topics],
            Field.AUTHOR: [_room(value, analyzer) for value in article.authors],
        }

    def terms(self) -> set[Term]:
        return {
            (field, stream, term)
            for field, rooms in self.rooms.items()
            for room in rooms
            for stream in Stream
            for term in room.stream(stream)
        }


def _room(text: str, analyzer: Analyzer) -> Room:
    room = Room(defaultdict(set), defaultdict(set))
    for token in analyzer.tokens(text):
        room.forms[token.form].add(token.position)
        for lemma in analyzer.lemmas(token.form):
            room.lemmas[lemma].add(token.position)
    return room


def _beginning(room: Room, length: int) -> Room:
    """Keep the first positions."""
    streams = [
        {
            term: kept
            for term, places in stream.items()
            if (kept := {p for p in places if p < length})
        }
        for stream in room
    ]
    return Room(*streams)


class Reference:
    """Evaluates trees over articles of distinct ids."""

    def __init__(self, articles: Iterable[Article], analyzer: Analyzer) -> None:
        self._articles = {article.id: ReadArticle(article, analyzer) for article in articles}
        self._having: defaultdict[Term, set[str]] = defaultdict(set)
        for article_id, article in self._articles.items():
            for term in article.terms():
                self._having[term].add(article_id)
        self._expanded: dict[Expansion, frozenset[Term]] = {}
        self._answers: dict[Node, frozenset[str]] = {}

    @cached_property
    def everything(self) -> frozenset[str]:
        return frozenset(self._articles)

    def ids(self, node: Node) -> frozenset[str]:
        """List the ids of the articles that match."""
        if node not in self._answers:
            self._answers[node] = self._ids(node)
        return self._answers[node]

    def _ids(self, node: Node) -> frozenset[str]:
        match node:
            case Everything():
                return self.everything
            case Nothing():
                return frozenset()
            case All(children=children):
                return self.everything.intersection(*map(self.ids, children))
            case Any(children=children) | Variants(children=children):
                return frozenset().union(*map(self.ids, children))
            case Not(child=child):
                return self.everything - self.ids(child)
            case Ranked(must=must) | Constant(child=must):
                return self.ids(must)
            case _:
                return frozenset(i for i in self._candidates(node) if self.matches(node, i))

    def matches(self, leaf: Node, article_id: str) -> bool:
        """Tell whether one article matches a leaf of the tree."""
        read = self._articles[article_id]
        match leaf:
            case DateRange():
                return _dated(read.article, leaf)
            case Value(field=Field.SOURCE, value=value):
                return read.article.source == value != ""
            case Value(field=Field.TOPIC, value=value):
                return value in read.article.topics
            case Value(field=Field.AUTHOR, value=value):
                return value in read.article.authors
            case Word() | Expansion():
                return any(self._places(room, leaf) for room in read.rooms[leaf.field])
            case Phrase(items=items):
                rooms = read.rooms[_field(items[0])]
                return any(self._phrase(room, items) for room in rooms)
            case Near(items=items, distance=distance):
                rooms = read.rooms[_field(items[0])]
                return any(self._near(room, items, distance) for room in rooms)
        raise TypeError(f"{leaf} is not a leaf")

    def terms(self, item: Position) -> frozenset[Term]:
        """List the terms that a position stands for."""
        if isinstance(item, Word):
            return frozenset((item.field, item.stream, term) for term in item.terms)
        if item not in self._expanded:
            fitting = [term for term in self._vocabulary(item) if fits(item, term[2])]
            fitting.sort(key=lambda term: (-len(self._having[term]), term[2], term[1]))
            self._expanded[item] = frozenset(fitting[: item.limit])
        return self._expanded[item]

    def _vocabulary(self, item: Expansion) -> list[Term]:
        streams = set(Stream) if item.kind is ExpansionKind.FUZZY else {Stream.FORMS}
        return [term for term in self._having if term[0] is item.field and term[1] in streams]

    def _candidates(self, leaf: Node) -> Iterable[str]:
        """Leave out the articles that lack a word altogether: only a matter of time."""
        if isinstance(leaf, (DateRange, Value)):
            return self.everything
        having = [
            set().union(*(self._having.get(term, set()) for term in self.terms(item)))
            for item in _positions(leaf)
        ]
        return set.intersection(*having)

    def _places(self, room: Room, item: Position) -> set[int]:
        terms = self.terms(item)
        return set().union(*(room.stream(stream).get(term, set()) for _, stream, term in terms))

    def _phrase(self, room: Room, items: Sequence[Position]) -> set[int]:
        """List the positions where a phrase begins."""
        places = [self._places(room, item) for item in items]
        return {
            start
            for start in places[0]
            if all(start + offset in own for offset, own in enumerate(places))
        }

    def _near(self, room: Room, items: Sequence[Position | Phrase], distance: int) -> bool:
        spans = [self._spans(room, item) for item in items]
        if len(items) == 2:
            pairs = product(*spans)
            return any(_follows(a, b, distance) or _follows(b, a, distance) for a, b in pairs)
        width = max(distance, len(items) - 1)
        places = [{start for start, _ in own} for own in spans]
        return any(_fit(places, start, start + width) for start in set().union(*places))

    def _spans(self, room: Room, item: Position | Phrase) -> list[tuple[int, int]]:
        """List the first and last position of every occurrence."""
        if isinstance(item, Phrase):
            length = len(item.items)
            return [(p, p + length - 1) for p in self._phrase(room, item.items)]
        return [(p, p) for p in self._places(room, item)]


def _follows(one: tuple[int, int], two: tuple[int, int], distance: int) -> bool:
    return 1 <= two[0] - one[1] <= distance


def _fit(places: Sequence[set[int]], first: int, last: int) -> bool:
    """Tell whether every item can have a position of its own between two.

    Hall's theorem: it can when any few of the items have as many positions together.
    """
    inside = [{p for p in own if first <= p <= last} for own in places]
    return all(
        len(set().union(*some)) >= count
        for count in range(1, len(inside) + 1)
        for some in combinations(inside, count)
    )


def _positions(leaf: Node) -> list[Position]:
    if isinstance(leaf, (Phrase, Near)):
        return [position for item in leaf.items for position in _positions(item)]
    assert isinstance(leaf, (Word, Expansion))
    return [leaf]


def _field(item: Position | Phrase) -> Field:
    return _field(item.items[0]) if isinstance(item, Phrase) else item.field


def _dated(article: Article, wanted: DateRange) -> bool:
    if article.date is None:
        return False
    after = wanted.first is None or wanted.first <= article.date.first_day
    return after and (wanted.last is None or article.date.last_day <= wanted.last)


def fits(item: Expansion, term: str) -> bool:
    """Tell whether a pattern names a term."""
    if item.kind is ExpansionKind.PREFIX:
        return term.startswith(item.pattern)
    if item.kind is ExpansionKind.WILDCARD:
        return wildcard_fits(item.pattern, term)
    return abs(len(term) - len(item.pattern)) <= item.edits >= edits_between(item.pattern, term)


def wildcard_fits(pattern: str, term: str) -> bool:
    """Walk a term keeping every place of the pattern that what is read so far may lead to."""
    places = _past_stars(pattern, {0})
    for letter in term:
        stay = {place for place in places if pattern[place : place + 1] == "*"}
        step = {place + 1 for place in places if pattern[place : place + 1] in ("?", letter)}
        places = _past_stars(pattern, stay | step)
        if not places:
            return False
    return len(pattern) in places


def _past_stars(pattern: str, places: set[int]) -> set[int]:
    found = set(places)
    for place in places:
        while pattern[place : place + 1] == "*":
            place += 1  # noqa: PLW2901 - walks on
            found.add(place)
    return found


@cache
def edits_between(one: str, two: str) -> int:
    """Count edits by the textbook: optimal string alignment over the whole matrix."""
    cost = [[i + j for j in range(len(two) + 1)] for i in range(len(one) + 1)]
    for i, letter in enumerate(one, 1):
        for j, other in enumerate(two, 1):
            substituted = cost[i - 1][j - 1] + (letter != other)
            cost[i][j] = min(cost[i - 1][j] + 1, cost[i][j - 1] + 1, substituted)
            if i > 1 and j > 1 and letter == two[j - 2] and one[i - 2] == other:
                cost[i][j] = min(cost[i][j], cost[i - 2][j - 2] + 1)
    return cost[-1][-1]
