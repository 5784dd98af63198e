"""The reference for what a service asks: scores, and what the second pass adds to them.

In: a tree, the typed words, and what the newest article gains. Out: what every article scores at
first, and any few of them then. Written from the chapter "Ranking" of ARCHITECTURE.md, article by
article; it shares nothing with the engine but the analyzer.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from scored_reference import ScoredReference
from standing_terms import SHIFT

from searchsvc.query.tree import Word
from searchsvc.schema import POSITION_GAP, Field, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from standing_terms import Keys

    from searchsvc.query.tree import Signal

FORM, RELATED, LEAD, CLOSE = 0.3, 2.0, 0.4, 0.8
LETTERS, FAMILY = 4, 16
LEAD_TOKENS, WINDOW_TOKENS = 30, 60
HALF_LIFE_DAYS = 30.0

TEXT, LEMMAS, FORMS = Field.TEXT, Stream.LEMMAS, Stream.FORMS


class RankedReference(ScoredReference):
    """Says what articles gain by the words that were typed, and by being new."""

    def _keep(self) -> None:
        super()._keep()
        self._family = cache(self._most_frequent)

    def gains(
        self, numbers: Sequence[int], signals: Sequence[Signal], freshness: float = 0.0
    ) -> NDArray[np.float64]:
        """Add up what some articles, by number, gain."""
        docs = np.array(numbers, np.int64)
        words = sum((self._of_word(docs, signal) for signal in signals), np.zeros(docs.size))
        return words + CLOSE * self._closest(docs, signals) + freshness * self._newness[docs]

    def _of_word(self, docs: Keys, signal: Signal) -> NDArray[np.float64]:
        word, forms = signal.word, Word(signal.forms, stream=FORMS)
        alike = Word(self._alike(word.terms))
        standing = [self._standing(word, number) for number in docs.tolist()]
        related = [self._count(alike, number) for number in docs.tolist()]
        lead = [
            sum(0 <= place - begin < LEAD_TOKENS for place in {*places})
            for places, begin in zip(standing, self._begins(docs), strict=True)
        ]
        given = (
            (FORM, forms, [self._count(forms, number) for number in docs.tolist()]),
            (RELATED, alike, related),
            (LEAD, word, lead),
        )
        return signal.weight * sum(
            weight * self._idf(item) * self._weighing.impact(np.array(tf, np.int64), docs)
            for weight, item, tf in given
        )

    def _begins(self, docs: Keys) -> list[int]:
        """Tell where bodies begin; a title that was made is their own beginning."""
        begins: list[int] = np.where(
            self._made[docs], 0, self._titles[docs] + POSITION_GAP
        ).tolist()
        return begins

    def _standing(self, item: Word, number: int) -> list[int]:
        """List where a word's terms stand in an article, each by itself."""
        every = (self._keys(item.field, item.stream, term) for term in item.terms)
        return list(chain.from_iterable(_within(keys, number) for keys in every))

    def _count(self, item: Word, number: int) -> int:
        return len(self._standing(item, number))

    def _alike(self, lemmas: Iterable[str]) -> tuple[str, ...]:
        """List lemmas and their families: the frequent ones that begin as they do."""
        begun = {lemma[:LETTERS] for lemma in lemmas if len(lemma) >= LETTERS}
        return tuple({*lemmas, *chain.from_iterable(self._family(own) for own in begun)})

    def _most_frequent(self, letters: str) -> tuple[str, ...]:
        having = self._room(TEXT, LEMMAS).having
        own = {term: having[term] for term in self._vocabulary(TEXT, LEMMAS).beginning(letters)}
        return tuple(term for term, _ in Counter(own).most_common(FAMILY))

    def _closest(self, docs: Keys, signals: Sequence[Signal]) -> NDArray[np.float64]:
        """Give what the words of each article's best window weigh."""
        words = [(signal.word, self._idf(signal.word)) for signal in signals if signal.content]
        return np.array([self._best_window(words, number) for number in docs.tolist()])

    def _best_window(self, words: Sequence[tuple[Word, float]], number: int) -> float:
        places = [({*self._standing(word, number)}, idf) for word, idf in words]
        windows = (
            sum(idf for own, idf in places if any(0 <= p - first < WINDOW_TOKENS for p in own))
            for first in set().union(*(own for own, _ in places))
        )
        return max(windows, default=0.0)

    @cached_property
    def _newness(self) -> NDArray[np.float64]:
        """Halve with every month since the newest living article that is not of the future."""
        latest = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
        starts = [article.date.start if article.date else None for article in self.articles]
        living = [own for own, lives in zip(starts, self.alive, strict=True) if own and lives]
        newest = max(own for own in living if own <= latest)
        ages = [max((newest - own) / timedelta(days=1), 0) if own else np.inf for own in starts]
        return np.exp2(-np.array(ages) / HALF_LIFE_DAYS)


def _within(keys: Keys, number: int) -> list[int]:
    low, high = np.searchsorted(keys, (number << SHIFT, (number + 1) << SHIFT))
    places: list[int] = (keys[low:high] & (1 << SHIFT) - 1).tolist()
    return places
