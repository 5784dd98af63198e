"""The second pass in numpy: what documents gain by the words that were typed.

In: hits with scores, and words as terms of fields. Out: hits in their new order. What it means is
said in ``kernel``; an occurrence is one key, ``document << 32 | position``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.buffers import DAMAGED, array_of, in_time
from searchsvc.engines.whoosh.layout import SIZES
from searchsvc.engines.whoosh.portable_terms import (
    DOC_SHIFT,
    FARTHEST,
    LARGEST,
    checked_weight,
    positions_of_term,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Buffer, Hits, Measures, Part, Parts
    from searchsvc.engines.whoosh.portable_segment import Segment

    Keys = NDArray[np.int64]
    Scores = NDArray[np.float32]


class Typed(NamedTuple):
    """The terms of a typed word, and its weights as in ``kernel``."""

    lemmas: Parts
    form: Parts
    related: Parts
    weights: tuple[float, float, float, float]

    @property
    def lists(self) -> int:
        """Count its terms."""
        streams = (self.lemmas, self.form, self.related)
        return sum(_size(part) for parts in streams for part in parts)


def _size(part: Part) -> int:
    _, low, high, numbers = part
    if numbers is None and low < 0:
        raise ValueError("there are no such terms")
    return high - low if numbers is None else array_of(numbers, np.uint32).size


class SecondPass:
    """Documents of a segment (ascending) and what they gain."""

    def __init__(
        self, segment: Segment, docs: NDArray[np.int32], measures: Measures, deadline: float
    ) -> None:
        self._segment = segment
        self._docs = docs
        self._deadline = deadline
        self._close, self._lead, self._window, gap = measures
        if not all(0 <= tokens < SIZES for tokens in (self._lead, self._window, gap)):
            raise ValueError("a measure is a number of tokens")
        tokens = segment.title_tokens[docs].astype(np.int64)
        apart = (tokens > 0) & (segment.title_made[docs] == 0)
        self._starts = np.where(apart, tokens + gap, 0)

    def gains(self, words: Sequence[Typed], number: int) -> Scores:
        """Add up what typed words give each document; raises ValueError, TimeoutError.

        ``number`` is the segment's.
        """
        gained = np.zeros(self._docs.size, np.float32)
        leads: list[Scores] = []
        standing: list[tuple[Keys, np.float32]] = []
        for word in words:
            lemmas = self._keys(word.lemmas[number])
            alike = np.concatenate([lemmas, self._keys(word.related[number])])
            places = np.unique(lemmas)
            form, related, lead, close = map(checked_weight, word.weights)
            gained += form * self._worth(self._keys(word.form[number]))
            gained += related * self._worth(alike)
            leads.append(lead * self._worth(self._in_lead(places)))
            if close > 0:
                standing.append((places, close))
        for worth in leads:
            gained += worth
        gained += checked_weight(self._close) * self._closest(standing)
        return gained

    def _keys(self, part: Part) -> Keys:
        """Give the places of all terms of a part; one that two share comes twice."""
        in_time(self._deadline)
        index, low, high, numbers = part
        field = self._segment.field(index)
        chosen = range(low, high) if numbers is None else array_of(numbers, np.uint32).tolist()
        found = [positions_of_term(self._segment, field, term, self._docs) for term in chosen]
        return np.concatenate([np.zeros(0, np.int64), *found])

    def _rows(self, keys: Keys) -> NDArray[np.int64]:
        """Give the row of each place's document."""
        return np.searchsorted(self._docs, keys >> DOC_SHIFT)

    def _worth(self, keys: Keys) -> Scores:
        counts = np.bincount(self._rows(keys), minlength=self._docs.size)
        tf = np.minimum(counts, LARGEST)
        impacts: Scores = self._segment.table[tf << 8 | self._segment.lengths[self._docs]]
        return impacts

    def _in_lead(self, keys: Keys) -> Keys:
        """Keep the places in the first tokens of bodies."""
        start = self._starts[self._rows(keys)]
        position = keys & FARTHEST
        return keys[(position >= start) & (position < start + self._lead)]

    def _closest(self, words: list[tuple[Keys, np.float32]]) -> Scores:
        """Give for each document the most that the words of one window weigh together."""
        starts = np.unique(np.concatenate([np.zeros(0, np.int64), *(keys for keys, _ in words)]))
        ends = np.minimum(starts + self._window, (starts | FARTHEST) + 1)
        weights = np.zeros(starts.size, np.float32)
        for keys, weight in words:
            held = np.searchsorted(keys, ends) > np.searchsorted(keys, starts)
            weights += weight * held
        most = np.zeros(self._docs.size, np.float32)
        np.maximum.at(most, self._rows(starts), weights)
        return most


class Words(NamedTuple):
    """What the second pass is asked."""

    words: tuple[Typed, ...]
    measures: Measures
    fresh: tuple[Buffer, ...] | None
    deadline: float


def ordered_anew(
    segments: Sequence[Segment], bases: Sequence[int], hits: Hits, asked: Words
) -> Hits:
    """Give hits of all segments the scores of the second pass, in their new order."""
    found: Hits = []
    for number, segment in enumerate(segments):
        base = bases[number]
        own = sorted(
            (hit - base, score) for _, hit, score in hits if base <= hit < bases[number + 1]
        )
        docs = np.array([doc for doc, _ in own], np.int32)
        totals = np.array([score for _, score in own], np.float32)
        second = SecondPass(segment, docs, asked.measures, asked.deadline)
        totals += second.gains(asked.words, number)
        every = totals.astype(np.float64)
        if asked.fresh is not None:
            every += _checked(array_of(asked.fresh[number], np.float32, segment.size)[docs])
        pairs = zip(docs.tolist(), every.tolist(), strict=True)
        found += [(-total, doc + base, total) for doc, total in pairs]
    return sorted(found)


def _checked(gains: Scores) -> Scores:
    if not (np.isfinite(gains).all() and (gains >= 0).all()):
        raise ValueError(DAMAGED)
    return gains
