"""The second pass: the best articles by score, ordered anew by what costs too much for all.

In: documents of a segment with their scores of the first pass, and the typed words. Out: scores.
An article gains by the very forms that were typed, by related words (lemmas that begin alike), by
words in its lead, and by a window of text that holds many of the words. Constants were set on four
sets together (nDCG@10, see ARCHITECTURE.md, "Ranking"); all articles instead of the first hundred
gain nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.operands import Entry, Found
from searchsvc.query.tree import Word
from searchsvc.schema import Stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Hits, Term
    from searchsvc.engines.whoosh.operands import Index
    from searchsvc.engines.whoosh.segment import Segment
    from searchsvc.query.tree import Signal

    Keys = NDArray[np.int64]

FIRST = 100
"""Articles of the first pass that the second one orders."""

FORM_WEIGHT = 0.3
RELATED_WEIGHT = 2.0
LEAD_WEIGHT = 0.4
CLOSE_WEIGHT = 0.8

BEGINNING = 4
"""Letters that related lemmas share: «цифровой», «цифровизация»."""

RELATED = 16
"""The most frequent lemmas that count as related; all of them rank no better."""

LEAD = 30
"""Tokens of the body that are its lead."""

WINDOW = 60
"""Tokens that words stand close together in."""

DOC_SHIFT = 32


class Part(NamedTuple):
    """What one typed word looks for in the second pass, in every segment."""

    lemmas: Found
    form: Found
    related: Found
    weight: float
    content: bool


def parts_of(signals: Sequence[Signal], index: Index) -> list[Part]:
    """Look all typed words up; raises IndexDamaged."""
    return [
        Part(
            _found(index.word(signal.word)),
            _found(index.word(Word(signal.forms, stream=Stream.FORMS))),
            index.beginnings(related(signal.word.terms, index)),
            signal.word.weight,
            signal.content,
        )
        for signal in signals
    ]


def _found(entry: Entry) -> Found:
    return Found(entry.weight, tuple(terms for _, terms in entry.items))


def related(lemmas: Sequence[str], index: Index) -> tuple[str, ...]:
    """List the lemmas that begin as some of these do, the most frequent; short ones are alone."""
    short = {lemma for lemma in lemmas if len(lemma) < BEGINNING}
    beginnings = sorted({lemma[:BEGINNING] for lemma in lemmas if lemma not in short})
    every = (term for beginning in beginnings for term in index.beginning(beginning, RELATED))
    return tuple(sorted({*short, *every}))


def reordered(
    index: Index, bases: Sequence[int], hits: Hits, signals: Sequence[Signal], deadline: float
) -> Hits:
    """Order hits of the first pass (key, number in the generation, score) by their new scores."""
    parts = parts_of(signals, index)
    found: Hits = []
    for number, segment in enumerate(index.segments):
        base = bases[number]
        own = sorted(
            (doc - base, score) for _, doc, score in hits if base <= doc < base + segment.size
        )
        if not own:
            continue
        docs = np.array([doc for doc, _ in own], np.int32)
        scores = np.array([score for _, score in own], np.float32)
        totals = rescored(index, number, docs, scores, parts, deadline)
        found += [
            (-score, doc + base, score)
            for doc, score in zip(docs.tolist(), totals.tolist(), strict=True)
        ]
    return sorted(found)


def rescored(
    index: Index,
    number: int,
    docs: NDArray[np.int32],
    scores: NDArray[np.float32],
    parts: Sequence[Part],
    deadline: float,
) -> NDArray[np.float32]:
    """Give documents of a segment (ascending) the scores of the second pass."""
    segment = index.segments[number]
    places = _Places(segment, number, docs, parts, deadline)
    table, lengths = index.impacts, segment.column("lengths")[docs].astype(np.int64)

    def worth(keys: Keys) -> NDArray[np.float32]:
        tf = np.minimum(np.bincount(places.rows(keys), minlength=docs.size), 255)
        impacts: NDArray[np.float32] = table[tf << 8 | lengths]
        return impacts

    added = np.zeros(docs.size, np.float32)
    close: list[tuple[Keys, float]] = []
    for part in parts:
        lemmas = places.of(part.lemmas)
        signals = (
            (FORM_WEIGHT * part.form.weight, places.of(part.form)),
            (RELATED_WEIGHT * part.related.weight, places.of(part.related)),
            (LEAD_WEIGHT * part.lemmas.weight, places.in_lead(lemmas)),
        )
        for weight, keys in signals:
            added += np.float32(part.weight * weight) * worth(keys)
        if part.content:
            close.append((lemmas, part.lemmas.weight))
    added += np.float32(CLOSE_WEIGHT) * _closest(close, places)
    total: NDArray[np.float32] = scores + added
    return total


class _Places:
    """Where the terms of all parts stand in the documents, as ``document << 32 | position``."""

    def __init__(
        self,
        segment: Segment,
        number: int,
        docs: NDArray[np.int32],
        parts: Sequence[Part],
        deadline: float,
    ) -> None:
        self._number = number
        self._docs = docs
        self._starts = segment.column("body_start")[docs].astype(np.int64)
        entries = (entry for part in parts for entry in part if isinstance(entry, Found))
        terms = tuple({id(t): t for entry in entries for t in entry.terms[number]}.values())
        found = segment.searched.positions(terms, docs, deadline)
        self._keys: dict[int, Keys] = {
            id(term): np.frombuffer(keys, np.int64) for term, keys in zip(terms, found, strict=True)
        }

    def of(self, entry: Found) -> Keys:
        """Give the distinct places of any of an entry's terms."""
        terms: tuple[Term, ...] = entry.terms[self._number]
        if len(terms) == 1:
            return self._keys[id(terms[0])]
        keys = [np.zeros(0, np.int64), *(self._keys[id(term)] for term in terms)]
        return np.unique(np.concatenate(keys))

    def rows(self, keys: Keys) -> NDArray[np.int64]:
        """Give the row of each place's document."""
        return np.searchsorted(self._docs, keys >> DOC_SHIFT)

    def in_lead(self, keys: Keys) -> Keys:
        """Keep the places in the first tokens of bodies."""
        start = self._starts[self.rows(keys)]
        position = keys & ((1 << DOC_SHIFT) - 1)
        return keys[(position >= start) & (position < start + LEAD)]

    @property
    def count(self) -> int:
        """How many documents there are."""
        return self._docs.size


def _closest(words: Sequence[tuple[Keys, float]], places: _Places) -> NDArray[np.float32]:
    """Give for each document the most that the words of one window weigh together."""
    starts = np.unique(np.concatenate([np.zeros(0, np.int64), *(keys for keys, _ in words)]))
    weights = np.zeros(starts.size, np.float32)
    for keys, weight in words:
        held = np.searchsorted(keys, starts + WINDOW) > np.searchsorted(keys, starts)
        weights += np.float32(weight) * held
    most = np.zeros(places.count, np.float32)
    np.maximum.at(most, places.rows(starts), weights)
    return most
