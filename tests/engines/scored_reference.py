"""The reference with scores, for many articles: every occurrence is one sorted 64-bit key.

In: all articles of an index, deleted ones too since they count in frequencies, and which of them
are alive. Out: for a tree the matching articles and what each scores, and facets. Written from the
docstrings of ``query/tree.py`` and the formula of BM25F; it shares the analyzer with the engines,
and the plain matching of patterns with ``reference``.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from reference import _fit, fits

from searchsvc.engines.protocol import Bucket, Histogram
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
from searchsvc.schema import FACET_FIELDS, POSITION_GAP, Field, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.protocol import Facet
    from searchsvc.model import Article
    from searchsvc.query.tree import Position

    Keys = NDArray[np.int64]

K1, B, TITLE_WORTH, MOST = 0.7, 0.75, 2, 255
EXACT_LENGTHS, STEPS = 64, 24
SHIFT = 32
NOTHING = np.zeros(0, np.int64)
CUTS = {Histogram.YEAR: 4, Histogram.MONTH: 7, Histogram.DAY: 10}


class Found(NamedTuple):
    """Which articles match, and what they score."""

    matching: NDArray[np.bool_]
    scores: NDArray[np.float64]


class Occurrences(NamedTuple):
    """Start keys (article << 32 | position) of something ``length`` positions long."""

    keys: Keys
    length: int


class Room:
    """The terms of one field and stream, sorted, with the keys of each."""

    def __init__(self, occurring: dict[str, list[int]]) -> None:
        self.terms = sorted(occurring)
        self.keys = {term: np.unique(np.array(occurring[term], np.int64)) for term in self.terms}

    def fitting(self, item: Expansion) -> list[str]:
        """List the terms that a pattern names; a literal beginning narrows the walk."""
        start = "" if item.kind is ExpansionKind.FUZZY else item.pattern
        if item.kind is ExpansionKind.WILDCARD:
            start = start.split("?")[0].split("*")[0]
        low = bisect_left(self.terms, start)
        high = bisect_left(self.terms, start + "\U0010ffff")
        return [term for term in self.terms[low:high] if _may(item, term) and fits(item, term)]


def _may(item: Expansion, term: str) -> bool:
    """Rule out by letters: an edit brings and takes one letter at most."""
    if item.kind is not ExpansionKind.FUZZY:
        return True
    apart = Counter(item.pattern)
    apart.subtract(term)
    return abs(len(term) - len(item.pattern)) <= item.edits and (
        sum(map(abs, apart.values())) <= 2 * item.edits
    )


class ScoredReference:
    """Evaluates trees over articles of distinct ids."""

    def __init__(
        self, articles: Sequence[Article], alive: Iterable[bool], analyzer: Analyzer
    ) -> None:
        self.articles = articles
        self.alive = np.array(list(alive), np.bool_)
        self._gather(analyzer)
        self._expanded: dict[Expansion, list[tuple[Stream, str]]] = {}
        average = self._tokens.sum() / max(len(articles), 1)
        self._norm = K1 * (1 - B + B * _rounded(self._tokens) / max(average, 1.0))

    def _gather(self, analyzer: Analyzer) -> None:
        gathered: dict[tuple[Field, Stream], defaultdict[str, list[int]]] = {
            (field, stream): defaultdict(list)
            for field in Field
            if field is not Field.TITLE
            for stream in Stream
        }
        for number, article in enumerate(self.articles):
            for field, start, text in _texts(article, analyzer):
                for token in analyzer.tokens(text):
                    key = number << SHIFT | (start + token.position)
                    gathered[field, Stream.FORMS][token.form].append(key)
                    for lemma in analyzer.lemmas(token.form):
                        gathered[field, Stream.LEMMAS][lemma].append(key)
        self._rooms = {place: Room(found) for place, found in gathered.items()}
        sizes = np.array([_sizes(article, analyzer) for article in self.articles], np.int64)
        self._titles, self._tokens = sizes.reshape(-1, 2).T
        self._made = np.array([article.title_made for article in self.articles], np.bool_)

    def evaluate(self, node: Node) -> Found:
        """Find what matches, alive, and its scores."""
        found = self._evaluate(node)
        return Found(found.matching & self.alive, found.scores)

    def facet(self, found: Found, facet: Facet) -> tuple[Bucket, ...]:
        """Count values, the most frequent first, or dates in their order."""
        chosen = [self.articles[number] for number in np.flatnonzero(found.matching)]
        counts = Counter(value for article in chosen for value in set(_values(article, facet)))
        if isinstance(facet, Histogram):
            return tuple(Bucket(value, counts[value]) for value in sorted(counts))
        ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        return tuple(Bucket(*pair) for pair in ranked)

    def _evaluate(self, node: Node) -> Found:  # noqa: C901 - one case a kind of node
        match node:
            case Everything():
                return self._unscored(np.ones_like(self.alive))
            case Nothing():
                return self._unscored(np.zeros_like(self.alive))
            case DateRange() | Value():
                return self._unscored(np.array([_fits(a, node) for a in self.articles], np.bool_))
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

    def _terms(self, item: Position) -> list[tuple[Stream, str]]:
        if isinstance(item, Word):
            return [(item.stream, term) for term in item.terms]
        if item not in self._expanded:
            streams = set(Stream) if item.kind is ExpansionKind.FUZZY else {Stream.FORMS}
            counted = sorted(
                (-self._living(item.field, stream, term), term, stream)
                for stream in streams
                for term in self._room(item.field, stream).fitting(item)
            )
            if len(counted) > item.limit or item.field is Field.TITLE:
                counted = [own for own in counted if own[0]][: item.limit]
            self._expanded[item] = [(stream, term) for _, term, stream in counted]
        return self._expanded[item]

    def _room(self, field: Field, stream: Stream) -> Room:
        return self._rooms[Field.TEXT if field is Field.TITLE else field, stream]

    def _keys(self, field: Field, stream: Stream, term: str) -> Keys:
        keys = self._room(field, stream).keys.get(term, NOTHING)
        return keys[self._in_title(keys)] if field is Field.TITLE else keys

    def _in_title(self, keys: Keys) -> NDArray[np.bool_]:
        return (keys & (1 << SHIFT) - 1) < self._titles[keys >> SHIFT]

    def _living(self, field: Field, stream: Stream, term: str) -> int:
        return int(self.alive[np.unique(self._keys(field, stream, term) >> SHIFT)].sum())

    def _idf(self, item: Position) -> float:
        having = [
            np.unique(self._room(item.field, stream).keys.get(term, NOTHING) >> SHIFT).size
            for stream, term in self._terms(item)
        ]
        articles = len(self.articles)
        most = sum(having) if isinstance(item, Expansion) else max(having, default=0)
        df = min(most, articles)
        return math.log(1 + (articles - df + 0.5) / (df + 0.5))

    def _word(self, item: Position) -> Found:
        tf = np.zeros(self.alive.size, np.int64)
        for stream, term in self._terms(item):
            keys = self._keys(item.field, stream, term)
            own = self._counted(keys)
            if item.field is Field.TEXT:
                own += TITLE_WORTH * self._counted(keys[self._in_title(keys)]) * ~self._made
            tf += np.minimum(own, MOST)
        if item.field is Field.TITLE:
            tf *= np.where(self._made, 1, 1 + TITLE_WORTH)
        weight = item.weight if isinstance(item, Word) else 1.0
        return Found(tf > 0, weight * self._idf(item) * self._impact(tf))

    def _counted(self, keys: Keys) -> Keys:
        return np.bincount(keys >> SHIFT, minlength=self.alive.size)

    def _impact(self, tf: Keys) -> NDArray[np.float64]:
        most = np.minimum(tf, MOST)
        return (K1 + 1) * most / np.maximum(most + self._norm, 1e-9)

    def _weighed(self, keys: Keys, items: tuple[Position, ...]) -> Found:
        tf = self._counted(keys)
        weight = sum(self._idf(item) for item in dict.fromkeys(items))
        return Found(tf > 0, weight * self._impact(tf))

    def _places(self, item: Position | Phrase) -> Occurrences:
        if isinstance(item, Phrase):
            return self._phrase(item)
        parts = [self._keys(item.field, *term) for term in self._terms(item)]
        return Occurrences(np.unique(np.concatenate([NOTHING, *parts])), 1)

    def _phrase(self, phrase: Phrase) -> Occurrences:
        starts = [self._places(item).keys - place for place, item in enumerate(phrase.items)]
        common = starts[0]
        for other in starts[1:]:
            common = np.intersect1d(common, other)
        return Occurrences(common, len(starts))

    def _near(self, near: Near) -> Keys:
        """Give the first item's occurrences that take part."""
        items = [self._places(item) for item in near.items]
        if len(items) == 2:
            return items[0].keys[_beside(*items, near.distance)]
        docs = [set((own.keys >> SHIFT).tolist()) for own in items]
        width = max(near.distance, len(items) - 1)
        taking = [
            self._windows([_of(own.keys, doc) for own in items], width, doc)
            for doc in sorted(set.intersection(*docs))
        ]
        return np.array(sorted(chain.from_iterable(taking)), np.int64)

    def _windows(self, places: list[set[int]], width: int, doc: int) -> list[int]:
        begins = [s for s in sorted(set().union(*places)) if _fit(places, s, s + width)]
        taking = [p for p in places[0] if any(s <= p <= s + width for s in begins)]
        return [doc << SHIFT | place for place in taking]


def _beside(one: Occurrences, two: Occurrences, distance: int) -> NDArray[np.bool_]:
    """Tell which of ``one`` have one of ``two`` 1 to ``distance`` after their end, or before."""
    after = _any_of(two.keys, one.keys + one.length, distance)
    before = _any_of(two.keys + two.length - 1, one.keys - distance, distance)
    return after | before


def _any_of(keys: Keys, first: Keys, count: int) -> NDArray[np.bool_]:
    found = np.zeros(first.size, np.bool_)
    for step in range(count):
        found |= np.isin(first + step, keys)
    return found


def _of(keys: Keys, doc: int) -> set[int]:
    low, high = np.searchsorted(keys, (doc << SHIFT, (doc + 1) << SHIFT))
    return set((keys[low:high] & (1 << SHIFT) - 1).tolist())


def _rounded(tokens: Keys) -> NDArray[np.float64]:
    """Round lengths as the index does: exact below 64, then 24 steps a doubling, 255 codes."""
    steps = np.rint(np.log2(np.maximum(tokens, EXACT_LENGTHS) / EXACT_LENGTHS) * STEPS)
    steps = np.minimum(steps, MOST - EXACT_LENGTHS)
    return np.where(tokens < EXACT_LENGTHS, tokens, EXACT_LENGTHS * 2.0 ** (steps / STEPS))


def _texts(article: Article, analyzer: Analyzer) -> Iterator[tuple[Field, int, str]]:
    """List the texts of an article with the position that each begins at."""
    if not article.title_made:
        yield Field.TEXT, 0, article.title
    body = _sizes(article, analyzer)[0] + POSITION_GAP
    yield Field.TEXT, 0 if article.title_made else body, article.text
    for field in FACET_FIELDS:
        start = 0
        for value in dict.fromkeys(_values(article, field)):
            yield field, start, value
            start += _size(value, analyzer) + POSITION_GAP


def _sizes(article: Article, analyzer: Analyzer) -> tuple[int, int]:
    """Count the tokens of the title and of title and text together."""
    title, text = _size(article.title, analyzer), _size(article.text, analyzer)
    return title, text if article.title_made else title + text


def _size(text: str, analyzer: Analyzer) -> int:
    return sum(token.span == 1 for token in analyzer.tokens(text))


def _fits(article: Article, wanted: DateRange | Value) -> bool:
    if isinstance(wanted, Value):
        return wanted.value in _values(article, wanted.field)
    if article.date is None:
        return False
    after = wanted.first is None or wanted.first <= article.date.first_day
    return after and (wanted.last is None or article.date.last_day <= wanted.last)


def _values(article: Article, facet: Facet) -> tuple[str, ...]:
    if isinstance(facet, Histogram):
        if article.date is None:
            return ()
        cut = CUTS[facet]
        first, last = (str(day)[:cut] for day in (article.date.first_day, article.date.last_day))
        return (first,) if first == last else ()
    source = (article.source,) if article.source else ()
    return {Field.SOURCE: source, Field.TOPIC: article.topics, Field.AUTHOR: article.authors}[facet]
