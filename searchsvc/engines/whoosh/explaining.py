"""Explaining: what the scores of a page's hits are made of, clause by clause and word by word.

In: a search that was answered, and its places. Out: an explanation for each hit, whose gains add up
to its score. Nothing of it is done where nobody asks.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.explanation import Explanation, Gain, SignalKind
from searchsvc.engines.whoosh.deadlines import checking, told
from searchsvc.engines.whoosh.explaining_places import Places
from searchsvc.engines.whoosh.explaining_signals import signal_gains
from searchsvc.engines.whoosh.explaining_tree import Tree
from searchsvc.engines.whoosh.freshness import ages, freshness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.protocol import SearchRequest
    from searchsvc.engines.whoosh.evaluation import Evaluation
    from searchsvc.engines.whoosh.kernel import Hits
    from searchsvc.engines.whoosh.operands import Index
    from searchsvc.query.tree import Signal, Word

SMALLEST = 1e-6
"""A freshness that is told: an older article's shows in no decimal of its score."""


class Explainer:
    """Explains hits of one request; raises EngineUnavailable when its deadline passes."""

    def __init__(self, index: Index, evaluation: Evaluation, request: SearchRequest) -> None:
        self._index = index
        self._evaluation = evaluation
        self._request = request
        self._check = checking(request.deadline)
        self._deadline = math.inf if request.deadline is None else request.deadline
        self._typed = typed_words(request.signals)
        tokens = sum(int(segment.tokens.sum(dtype=np.int64)) for segment in index.segments)
        self._average = tokens / max(index.articles, 1)

    def explained(self, bases: Sequence[int], hits: Hits, twice: int) -> tuple[Explanation, ...]:
        """Explain hits (key, number in the generation, score), the first ``twice`` of both passes.

        Raises EngineUnavailable, IndexDamaged.
        """
        numbers = [number for _, number, _ in hits]
        found: dict[int, Explanation] = {}
        try:
            for some, both in ((numbers[:twice], True), (numbers[twice:], False)):
                for owner, docs in _by_segment(bases, some):
                    own = self._of_segment(owner, docs, second_pass=both)
                    found |= zip((docs + bases[owner]).tolist(), own, strict=True)
        except (TimeoutError, ValueError) as error:
            raise told(error) from error
        return tuple(found[number] for number in numbers)

    def _of_segment(
        self, number: int, docs: NDArray[np.int32], *, second_pass: bool
    ) -> Iterator[Explanation]:
        request = self._request
        places = Places(self._index, number, docs, self._deadline)
        tree = Tree(self._evaluation, places, self._typed, self._check)
        added: list[list[Gain]] = [[] for _ in docs]
        if second_pass:
            added = signal_gains(places, request.signals, self._typed, self._check)
            self._add_freshness(number, docs, added)
        for row, (tokens, own) in enumerate(zip(places.tokens.tolist(), added, strict=True)):
            gains = (*(tree.gains(request.node, row) or ()), *own)
            yield Explanation(_word_by_word(gains), tokens, self._average, second_pass)

    def _add_freshness(
        self, number: int, docs: NDArray[np.int32], added: Sequence[list[Gain]]
    ) -> None:
        weight = self._request.freshness
        if not weight:
            return
        days = ages(self._index, number, docs).tolist()
        gained = freshness(self._index, number, docs, weight).tolist()
        for own, age, gain in zip(added, days, gained, strict=True):
            if gain >= SMALLEST:
                what = f"{age:.1f} days older than the newest"
                own.append(Gain(what, SignalKind.FRESHNESS, gain, weight))


def typed_words(signals: Iterable[Signal]) -> Mapping[Word, str]:
    """Tell how words that the second pass knows were typed first."""
    typed: dict[Word, str] = {}
    for signal in signals:
        typed.setdefault(signal.word, signal.text or "/".join(signal.word.terms))
    return typed


def _by_segment(
    bases: Sequence[int], numbers: Sequence[int]
) -> Iterator[tuple[int, NDArray[np.int32]]]:
    """Part numbers in the generation by segment, as documents in their order."""
    owners: dict[int, list[int]] = {}
    for number in sorted(numbers):
        owner = bisect_right(bases, number) - 1
        owners.setdefault(owner, []).append(number - bases[owner])
    for owner, docs in owners.items():
        yield owner, np.array(docs, np.int32)


def _word_by_word(gains: Sequence[Gain]) -> tuple[Gain, ...]:
    """Put what was given for one word together, in the order of the query."""
    order = {what: place for place, what in enumerate(dict.fromkeys(gain.what for gain in gains))}
    return tuple(sorted(gains, key=lambda gain: order[gain.what]))
