"""Where every term stands, gathered by going once through all tokens of all articles.

In: all articles of an index, deleted ones too, and which of them are alive. Out: for each field and
stream a plain dict from a term to its keys, article << 32 | position, ascending; in how many
articles it stands; how many tokens titles and articles have. It shares nothing but the analyzer
with the engines.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from counted_values import values_of

from searchsvc.schema import FACET_FIELDS, POSITION_GAP, Field, Stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.model import Article

    Keys = NDArray[np.int64]
    Places = defaultdict[str, set[int]]

SHIFT = 32
NOTHING = np.zeros(0, np.int64)


class Room:
    """The terms of one field and stream."""

    def __init__(self) -> None:
        self._keys: defaultdict[str, array[int]] = defaultdict(lambda: array("q"))
        self.having: Counter[str] = Counter()
        """Articles that have a term, deleted ones too."""
        self.living: Counter[str] = Counter()
        self.titled: Counter[str] = Counter()
        """Living articles with a term in the title."""

    def add(self, number: int, places: Places, title: int, *, alive: bool) -> None:
        """Add an article's terms; positions before ``title`` are its title's."""
        first = number << SHIFT
        for term, own in places.items():
            self._keys[term].extend([first | place for place in sorted(own)])
        self.having.update(places.keys())
        if alive:
            self.living.update(places.keys())
            self.titled.update([term for term, own in places.items() if min(own) < title])

    def terms(self) -> list[str]:
        """List the terms in the order of code points."""
        return sorted(self._keys)

    def keys(self, term: str) -> Keys:
        """Give where a term stands."""
        own = self._keys.get(term)
        return np.frombuffer(own, np.int64) if own else NOTHING


class Lengths(NamedTuple):
    """Tokens of each article: of its title, of title and text together."""

    titles: Keys
    tokens: Keys


class Gatherer:
    """Goes through articles."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self.rooms = {
            (field, stream): Room()
            for field in (Field.TEXT, *FACET_FIELDS)
            for stream in (Stream.FORMS, Stream.LEMMAS)
        }

    def gather(self, articles: Sequence[Article], alive: Sequence[bool]) -> Lengths:
        """Add all articles."""
        sizes = [self._add(*item) for item in zip(range(len(articles)), articles, alive)]  # noqa: B905
        return Lengths(*np.array(sizes, np.int64).reshape(-1, 2).T)

    def _add(self, number: int, article: Article, alive: bool) -> tuple[int, int]:
        text = _Read(self._analyzer)
        title = text.add(article.title)
        if article.title_made:
            text = _Read(self._analyzer)
        tokens = text.add(article.text) + (0 if article.title_made else title)
        self._put(Field.TEXT, number, text, title, alive)
        for field in FACET_FIELDS:
            values = _Read(self._analyzer)
            for value in dict.fromkeys(values_of(article, field)):
                values.add(value)
            self._put(field, number, values, 0, alive)
        return title, tokens

    def _put(self, field: Field, number: int, read: _Read, title: int, alive: bool) -> None:
        self.rooms[field, Stream.FORMS].add(number, read.forms, title, alive=alive)
        self.rooms[field, Stream.LEMMAS].add(number, read.lemmas, title, alive=alive)


class _Read:
    """Some texts of an article, one after another with a gap that nothing bridges."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._next = 0
        self.forms: Places = defaultdict(set)
        self.lemmas: Places = defaultdict(set)

    def add(self, text: str) -> int:
        """Add the terms of a text; give how many positions it has."""
        size = 0
        for token in self._analyzer.tokens(text):
            self.forms[token.form].add(self._next + token.position)
            size += token.span == 1
        for form, places in self.forms.items():
            for lemma in self._analyzer.lemmas(form):
                self.lemmas[lemma] |= places
        self._next += size + POSITION_GAP
        return size
