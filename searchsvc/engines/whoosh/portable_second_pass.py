"""The second pass in numpy: what documents gain by the words that were typed.

In: documents of a segment with scores, and words as terms of fields. Out: their new scores. What it
means is said in ``kernel``; an occurrence is one key, ``document << 32 | position``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh.buffers import array_of, in_time
from searchsvc.engines.whoosh.layout import SIZES
from searchsvc.engines.whoosh.portable_nodes import FARTHEST, checked_weight
from searchsvc.engines.whoosh.portable_terms import DOC_SHIFT, LARGEST, positions_of_term

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Hits, Measures, Part, Typed
    from searchsvc.engines.whoosh.portable import Segment

    Keys = NDArray[np.int64]
    Scores = NDArray[np.float32]


class SecondPass:
    """Documents of a segment (ascending, they may repeat) and what they gain."""

    def __init__(
        self, segment: Segment, docs: NDArray[np.int32], measures: Measures, deadline: float
    ) -> None:
        self._segment = segment
        self._docs = docs
        self._among = np.unique(docs)
        self._deadline = deadline
        self._close, self._lead, self._window, gap = measures
        if not all(0 <= tokens < SIZES for tokens in (self._lead, self._window, gap)):
            raise ValueError("a measure is a number of tokens")
        tokens = segment.title_tokens[docs].astype(np.int64)
        apart = (tokens > 0) & (segment.title_made[docs] == 0)
        self._starts = np.where(apart, tokens + gap, 0)

    def gains(self, words: tuple[Typed, ...]) -> Scores:
        """Add up what the words give each document; raises ValueError, TimeoutError."""
        gained = np.zeros(self._docs.size, np.float32)
        standing: list[tuple[Keys, np.float32]] = []
        for lemmas, form, related, *weights in words:
            *weighed, close = (checked_weight(weight) for weight in weights)
            keys = self._keys(lemmas)
            signals = (self._keys(form), self._keys(related), self._in_lead(keys))
            for weight, own in zip(weighed, signals, strict=True):
                gained += weight * self._worth(own)
            if close > 0:
                standing.append((keys, close))
        gained += checked_weight(self._close) * self._closest(standing)
        return gained

    def _keys(self, part: Part) -> Keys:
        """Give the distinct places of any term of a part."""
        in_time(self._deadline)
        number, low, high, numbers = part
        field = self._segment.field(number)
        chosen = range(low, high) if numbers is None else array_of(numbers, np.uint32).tolist()
        if low < 0 and numbers is None:
            raise ValueError("there are no such terms")
        found = [positions_of_term(self._segment, field, term, self._among) for term in chosen]
        return np.unique(np.concatenate([np.zeros(0, np.int64), *found]))

    def _rows(self, keys: Keys) -> NDArray[np.int64]:
        """Give the first row of each place's document."""
        return np.searchsorted(self._docs, keys >> DOC_SHIFT)

    def _each(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """Give what the first row of a document has to all of them."""
        return values[np.searchsorted(self._docs, self._docs)]

    def _worth(self, keys: Keys) -> Scores:
        counts = np.bincount(self._rows(keys), minlength=self._docs.size)
        tf = np.minimum(self._each(counts), LARGEST)
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
        return self._each(most)  # type: ignore[return-value]


def rescored(
    segment: Segment,
    hits: Hits,
    base: int,
    words: tuple[Typed, ...],
    measures: Measures,
    deadline: float,
) -> Hits:
    """Give those hits that lie in a segment their new scores, in their new order."""
    if base < 0:
        raise ValueError("numbers of documents are from 0 on")
    own = sorted((number - base, score) for _, number, score in hits)
    own = [row for row in own if 0 <= row[0] < segment.size]
    docs = np.array([doc for doc, _ in own], np.int32)
    scores = np.array([score for _, score in own], np.float32)
    totals = scores + SecondPass(segment, docs, measures, deadline).gains(words)
    pairs = zip(docs.tolist(), totals.tolist(), strict=True)
    return sorted((-total, doc + base, total) for doc, total in pairs)
