"""The reference with scores, for many articles: every occurrence is one sorted 64-bit key.

In: all articles of an index, deleted ones too since they count in frequencies, and which of them
are alive. Out: for a tree the matching articles and what each scores, and facets. Written from the
docstrings of ``query/tree.py`` and the formula of BM25F; it shares the analyzer with the engines,
and Hall's theorem with ``reference``. Where a word stands is kept once it was asked for.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from bm25f import MOST, TITLE_WORTH, Weighing
from counted_values import Carried, Days
from fitting_terms import Vocabulary
from reference import _fit
from standing_terms import NOTHING, SHIFT, Gatherer

from searchsvc.query.tree import (
    All,
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

    from numpy.typing import NDArray
    from standing_terms import Keys, Room

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.protocol import Facet
    from searchsvc.model import Article
    from searchsvc.query.tree import Position


class Found(NamedTuple):
    """Which articles match, and what they score."""

    matching: NDArray[np.bool_]
    scores: NDArray[np.float64]


class Occurrences(NamedTuple):
    """Start keys (article << 32 | position) of something ``length`` positions long."""

    keys: Keys
    length: int


class Often(NamedTuple):
    """Articles that have a term, and how often it counts in each."""

    numbers: Keys
    tf: Keys


class ScoredReference:
    """Evaluates trees over articles of distinct ids."""

    def __init__(
        self, articles: Sequence[Article], alive: Iterable[bool], analyzer: Analyzer
    ) -> None:
        self.articles = articles
        living = list(alive)
        self.alive = np.array(living, np.bool_)
        gatherer = Gatherer(analyzer)
        self._titles, tokens = gatherer.gather(articles, living)
        self._weighing = Weighing(tokens)
        self._rooms = gatherer.rooms
        self._made = np.array([article.title_made for article in articles], np.bool_)
        self._days = Days(articles)
        self._keep()

    def _keep(self) -> None:
        """Make what is asked for again and again only once."""
        self.carried = cache(lambda facet: Carried(self.articles, facet))
        self._vocabulary = cache(lambda *place: Vocabulary(self._rooms[place].terms()))
        self._terms = cache(self._named)
        self._often = cache(self._counted_in)

    def evaluate(self, node: Node) -> Found:
        """Find what matches, alive, and its scores."""
        found = self._evaluate(node)
        return Found(found.matching & self.alive, found.scores)

    def facet(self, found: Found, facet: Facet) -> list[tuple[str, int]]:
        """Count values, the most frequent first, or dates in their order."""
        counted: list[tuple[str, int]] = self.carried(facet).counted(found.matching)
        return counted

    def _evaluate(self, node: Node) -> Found:  # noqa: C901 - one case a kind of node
        match node:
            case Everything():
                return self._unscored(np.ones_like(self.alive))
            case Nothing():
                return self._unscored(np.zeros_like(self.alive))
            case DateRange():
                return self._unscored(self._days.between(node))
            case Value(field=field, value=value):
                return self._unscored(self.carried(field).having(value))
            case Not(child=child):
                return self._unscored(~self._evaluate(child).matching)
            case Constant(child=child, score=score):
                matching = self._evaluate(child).matching
                return Found(matching, score * matching)
            case Word() | Expansion():
                return self._word(node)
            case Phrase():
                return self._weighed(self._phrase(node).keys, node.items)
            case Near():
                items = chain.from_iterable(
                    item.items if isinstance(item, Phrase) else (item,) for item in node.items
                )
                return self._weighed(self._near(node), tuple(items))
            case Ranked(must=must, should=should):
                first = self._evaluate(must)
                added = sum((self._evaluate(child).scores for child in should), first.scores)
                return Found(first.matching, added * first.matching)
        parts = [self._evaluate(child) for child in node.children]
        matching = [part.matching for part in parts]
        if isinstance(node, All):
            every = np.logical_and.reduce(matching, initial=True) & np.ones_like(self.alive)
        else:
            every = np.logical_or.reduce(matching, initial=False) | np.zeros_like(self.alive)
        pick = np.max if isinstance(node, Variants) else np.sum
        shares = self._shares(node) if isinstance(node, Variants) else [1.0] * len(parts)
        shared = [part.scores * share for part, share in zip(parts, shares, strict=True)]
        scores = np.array(shared or [self.alive * 0.0])
        return Found(every, pick(scores, axis=0) * every)

    def _shares(self, node: Variants) -> list[float]:
        """No variant is worth more than the first one: idf beyond that does not count."""
        worths = [self._worth(child) for child in node.children]
        return [worths[0] / worth if 0 < worths[0] < worth else 1.0 for worth in worths]

    def _worth(self, node: Node) -> float:
        match node:
            case Word():
                return node.weight * self._idf(node)
            case Phrase(items=items) | Near(items=items):
                flat = chain.from_iterable(
                    item.items if isinstance(item, Phrase) else (item,) for item in items
                )
                return sum(map(self._idf, dict.fromkeys(flat)))
            case All(children=children):
                return sum(map(self._worth, children))
            case Variants(children=(first, *_)):
                return self._worth(first)
        return 0.0

    def _unscored(self, matching: NDArray[np.bool_]) -> Found:
        return Found(matching, np.zeros(matching.size))

    def _named(self, item: Position) -> list[tuple[Stream, str]]:
        """List the terms that a position stands for."""
        if isinstance(item, Word):
            return [(item.stream, term) for term in item.terms]
        field = _whole(item.field)
        streams = set(Stream) if item.kind is ExpansionKind.FUZZY else {Stream.FORMS}
        counted = sorted(
            (-self._living(item.field, stream, term), term, stream)
            for stream in streams
            for term in self._vocabulary(field, stream).fitting(item)
        )
        if len(counted) > item.limit or item.field is Field.TITLE:
            counted = [own for own in counted if own[0]][: item.limit]
        return [(stream, term) for _, term, stream in counted]

    def _room(self, field: Field, stream: Stream) -> Room:
        return self._rooms[_whole(field), stream]

    def _keys(self, field: Field, stream: Stream, term: str) -> Keys:
        keys = self._room(field, stream).keys(term)
        return keys[self._in_title(keys)] if field is Field.TITLE else keys

    def _in_title(self, keys: Keys) -> NDArray[np.bool_]:
        return (keys & (1 << SHIFT) - 1) < self._titles[keys >> SHIFT]

    def _living(self, field: Field, stream: Stream, term: str) -> int:
        room = self._room(field, stream)
        return (room.titled if field is Field.TITLE else room.living)[term]

    def _idf(self, item: Position) -> float:
        having = [self._room(item.field, stream).having[term] for stream, term in self._terms(item)]
        most = sum(having) if isinstance(item, Expansion) else max(having, default=0)
        return self._weighing.idf(most)

    def _word(self, item: Position) -> Found:
        tf = np.zeros(self.alive.size, np.int64)
        for stream, term in self._terms(item):
            often = self._often(item.field, stream, term)
            tf[often.numbers] += often.tf
        if item.field is Field.TITLE:
            tf *= np.where(self._made, 1, 1 + TITLE_WORTH)
        weight = item.weight if isinstance(item, Word) else 1.0
        return Found(tf > 0, weight * self._idf(item) * self._weighing.impact(tf))

    def _counted_in(self, field: Field, stream: Stream, term: str) -> Often:
        """Count a term where it stands, in a title once and twice more if the title weighs."""
        keys = self._keys(field, stream, term)
        if not keys.size:
            return Often(NOTHING, NOTHING)
        firsts = np.flatnonzero(np.diff(keys >> SHIFT, prepend=-1))
        worth = np.ones(keys.size, np.int64)
        if field is Field.TEXT:
            worth += TITLE_WORTH * (self._in_title(keys) & ~self._made[keys >> SHIFT])
        return Often(keys[firsts] >> SHIFT, np.minimum(np.add.reduceat(worth, firsts), MOST))

    def _counted(self, keys: Keys) -> Keys:
        return np.bincount(keys >> SHIFT, minlength=self.alive.size)

    def _weighed(self, keys: Keys, items: tuple[Position, ...]) -> Found:
        tf = self._counted(keys)
        weight = sum(self._idf(item) for item in dict.fromkeys(items))
        return Found(tf > 0, weight * self._weighing.impact(tf))

    def _places(self, item: Position | Phrase) -> Occurrences:
        if isinstance(item, Phrase):
            return self._phrase(item)
        parts = [self._keys(item.field, *term) for term in self._terms(item)]
        if len(parts) == 1:
            return Occurrences(parts[0], 1)
        keys = np.sort(np.concatenate([NOTHING, *parts]), kind="stable")
        return Occurrences(keys[np.diff(keys, prepend=-1) > 0], 1)

    def _phrase(self, phrase: Phrase) -> Occurrences:
        starts = [self._places(item).keys - place for place, item in enumerate(phrase.items)]
        common = min(starts, key=len)
        for other in starts:
            common = common[_any_of(other, common, 1)]
        return Occurrences(common, len(starts))

    def _near(self, near: Near) -> Keys:
        """Give the first item's occurrences that take part."""
        items = [self._places(item) for item in near.items]
        if len(items) == 2:
            return items[0].keys[_beside(*items, near.distance)]
        width = max(near.distance, len(items) - 1)
        places = [own.keys for own in items]
        for place, keys in enumerate(places):
            for other in places:
                # What has not one of each other item so close has them in no window.
                keys = keys[_any_of(other, keys - width, 2 * width + 1)]  # noqa: PLW2901
            places[place] = keys
        taking = [
            self._windows([_of(keys, number) for keys in places], width, number)
            for number in np.unique(places[0] >> SHIFT).tolist()
        ]
        return np.array(list(chain.from_iterable(taking)), np.int64)

    def _windows(self, places: list[set[int]], width: int, number: int) -> list[int]:
        begins = [s for s in sorted(set().union(*places)) if _fit(places, s, s + width)]
        taking = [p for p in sorted(places[0]) if any(s <= p <= s + width for s in begins)]
        return [number << SHIFT | place for place in taking]


def _whole(field: Field) -> Field:
    """Give the field whose positions hold those of a field."""
    return Field.TEXT if field is Field.TITLE else field


def _beside(one: Occurrences, two: Occurrences, distance: int) -> NDArray[np.bool_]:
    """Tell which of ``one`` have one of ``two`` 1 to ``distance`` after their end, or before."""
    after = _any_of(two.keys, one.keys + one.length, distance)
    before = _any_of(two.keys + two.length - 1, one.keys - distance, distance)
    return after | before


def _any_of(keys: Keys, first: Keys, count: int) -> NDArray[np.bool_]:
    """Tell behind which places one of the sorted keys is among the next ``count``."""
    found: NDArray[np.bool_] = np.searchsorted(keys, first) < np.searchsorted(keys, first + count)
    return found


def _of(keys: Keys, number: int) -> set[int]:
    low, high = np.searchsorted(keys, (number << SHIFT, (number + 1) << SHIFT))
    return set((keys[low:high] & (1 << SHIFT) - 1).tolist())
