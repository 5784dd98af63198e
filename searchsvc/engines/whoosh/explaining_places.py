"""Explaining, first step: where terms stand in the hits of a page that lie in one segment.

In: documents of a segment and terms. Out: occurrences, one key each (``document << 32 |
position``), and how often they are in titles and bodies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.spans import DOC_SHIFT
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.explanation import Occurrences
    from searchsvc.engines.whoosh.kernel import Term
    from searchsvc.engines.whoosh.operands import Index
    from searchsvc.query.tree import Word

    Keys = NDArray[np.int64]

POSITION = (1 << DOC_SHIFT) - 1

Named = tuple[str, "Term"]
"""A term's text and its posting list."""


class Standing(NamedTuple):
    """Where any of some terms stand, and for each document which of them it has."""

    keys: Keys
    terms: tuple[tuple[str, ...], ...]


class Places:
    """Documents of one segment, ascending and distinct; raises TimeoutError late."""

    def __init__(self, index: Index, number: int, docs: NDArray[np.int32], deadline: float) -> None:
        self.index = index
        self.number = number
        self.segment = index.segments[number]
        self.docs = docs
        self.tokens = self.segment.tokens[docs]
        self._deadline = deadline
        self._titles = self.segment.column("title_tokens")[docs].astype(np.int64)
        self._made = self.segment.column("title_made")[docs].astype(np.bool_)
        self._bodies = self.segment.column("body_start")[docs].astype(np.int64)
        self._lengths = self.segment.column("lengths")[docs].astype(np.int64)

    def standing(self, named: Sequence[Named]) -> Standing:
        """Find some terms; a place that two of them share comes twice."""
        terms = tuple(term for _, term in named)
        found = self.segment.searched.positions(terms, self.docs, self._deadline)
        keys = [np.frombuffer(one, np.int64) for one in found]
        texts: list[dict[str, None]] = [{} for _ in self.docs]
        for (text, _), own in zip(named, keys, strict=True):
            for row in np.unique(self.rows(own)).tolist():
                texts[row][text] = None
        every = np.sort(np.concatenate([np.zeros(0, np.int64), *keys]))
        return Standing(every, tuple(tuple(own) for own in texts))

    def word(self, word: Word) -> Standing:
        """Find the terms of a word."""
        field = self.segment.field(word.field, word.stream)
        found = ((text, field.look_up(text)) for text in word.terms)
        return self.standing([(text, term) for text, term in found if term is not None])

    def rows(self, keys: Keys) -> NDArray[np.int64]:
        """Give the row of each place's document."""
        return np.searchsorted(self.docs, keys >> DOC_SHIFT)

    def counts(self, keys: Keys) -> NDArray[np.int64]:
        """Count the places in each document."""
        return np.bincount(self.rows(keys), minlength=self.docs.size)

    def occurrences(self, keys: Keys, field: Field) -> list[Occurrences]:
        """Count the places by field; those of a text in its title, if it has its own, or body."""
        if field not in (Field.TEXT, Field.TITLE):
            return [((field, count),) for count in self.counts(keys).tolist()]
        titled = self._in_title(keys)
        if field is Field.TITLE:
            return [((Field.TITLE, count),) for count in self.counts(keys[titled]).tolist()]
        titled &= ~self._made[self.rows(keys)]
        titles = self.counts(keys[titled]).tolist()
        bodies = self.counts(keys[~titled]).tolist()
        pairs = zip(titles, bodies, strict=True)
        return [((Field.TITLE, title), (Field.TEXT, body)) for title, body in pairs]

    def beginnings(self, keys: Keys, tokens: int) -> Keys:
        """Keep the places in the first tokens of bodies."""
        start = self._bodies[self.rows(keys)]
        position = keys & POSITION
        return keys[(position >= start) & (position < start + tokens)]

    def impacts(self, keys: Keys) -> NDArray[np.float64]:
        """Give what BM25 makes of how often something stands in each document, without idf."""
        tf = np.minimum(self.counts(keys), 255)
        impacts: NDArray[np.float64] = self.index.impacts[tf << 8 | self._lengths].astype(float)
        return impacts

    def _in_title(self, keys: Keys) -> NDArray[np.bool_]:
        inside: NDArray[np.bool_] = (keys & POSITION) < self._titles[self.rows(keys)]
        return inside
