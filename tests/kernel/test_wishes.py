"""What only ranks and is put off is found wherever it raises a hit, and nowhere else."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from implementations import compiled
from outcomes import found, outcome
from random_calls import Call, Named, Titled, United
from random_segments import CLOSE, COARSE, opened
from small_segments import made

from searchsvc.engines.whoosh import portable
from searchsvc.engines.whoosh.kernel import ALL, ANY, SPANS, WORD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from random_segments import Made

    from searchsvc.engines.whoosh.kernel import Program

TERMS = 5
DAYS = 40
WEIGHTS = (1.0, 2.5, 11.1)
DISTANCES = (-1, -1, 0, 1, 2, 5, 15, 16, 33, 300)
LATER = math.inf


class Segment:
    """A random segment of frequent terms, and programs of them as a service makes them."""

    def __init__(self, chance: np.random.Generator, size: int, places: int) -> None:
        self._chance = chance
        shares = chance.choice((0.1, 0.3, 0.6, 0.9), TERMS)
        lists = [self._posted(size, share, places) for share in shares]
        arguments = list(made(size, lists).arguments)
        arguments[1] = (CLOSE, COARSE)[self._below(2)].copy()
        arguments[2] = chance.integers(0, 30, size).astype(np.uint8)
        days = chance.integers(0, DAYS, size).astype(np.int32)
        arguments[5] = (days, days, arguments[5][2])
        if self._below(2):
            arguments[7] = (chance.random(size) < 0.3).astype(np.uint8)
        self.made: tuple[Made, ...] = (made(1, [])._replace(arguments=tuple(arguments)),)
        self._titled = [Titled((Named(0, term),)) for term in range(TERMS)]

    def _posted(self, size: int, share: float, places: int) -> dict[int, Any]:
        chance = self._chance
        docs = np.flatnonzero(chance.random(size) < share).tolist()
        drawn = [np.unique(chance.integers(0, places, 1 + self._below(3))) for _ in docs]
        return {
            doc: (own.tolist(), int(chance.random() < 0.1))
            for doc, own in zip(docs, drawn, strict=True)
        }

    def words(self) -> Program:
        """Ask for words, and for what only ranks: words in titles, phrases and pairs of them."""
        items = [self._item() for _ in range(2 + self._below(2))]
        words = tuple((WORD, self._weight(), item[0]) for item in items)
        titles = tuple((WORD, self._weight(), (one,)) for one in self._titled[: self._below(3)])
        wishes = titles + tuple(self._wish(items) for _ in range(1 + self._below(5)))
        if self._below(2):
            return (ANY, words + wishes)
        return (ALL, words, wishes, (), *self._days())

    def word(self) -> Program:
        """Ask for one word; in titles it only ranks, mostly alone, and so may others."""
        (term,), rows = self._item()
        if self._below(3):
            title = (WORD, self._weight(), (Titled(rows[0]),))
            return (ALL, ((WORD, self._weight(), (term,)),), (title,), (), False, 0, 0)
        own = (Titled(rows[0]), *self._titled)[self._below(3) :]
        titles = tuple((WORD, self._weight(), (one,)) for one in own[: self._below(3)])
        without = () if self._below(4) else ((WORD, 1.0, (Named(0, self._below(TERMS)),)),)
        return (ALL, ((WORD, self._weight(), (term,)),), titles, without, *self._days())

    def _item(self) -> tuple[Any, ...]:
        one, other = (Named(0, term) for term in self._chance.permutation(TERMS)[:2].tolist())
        if self._below(3):
            return (one,), ((one,),)
        return (United((one, other)),), ((one, other),)

    def _wish(self, items: Sequence[tuple[Any, ...]]) -> Program:
        distance = DISTANCES[self._below(len(DISTANCES))]
        size = 2 if distance >= 0 else 1 + self._below(3)
        chosen = tuple(items[self._below(len(items))] for _ in range(size))
        return (SPANS, self._weight(), distance, chosen)

    def _days(self) -> tuple[bool, int, int]:
        return (self._below(3) == 0, 0, self._below(DAYS))

    def _weight(self) -> float:
        return WEIGHTS[self._below(len(WEIGHTS))]

    def _below(self, bound: int) -> int:
        return int(self._chance.integers(bound))


def asked(program: Program, wanted: int) -> Call:
    return Call("search", (program, 0, -math.inf, -1, wanted, None, (), LATER))


@pytest.mark.parametrize("places", [12, 60, 500])
@pytest.mark.parametrize("size", [300, 2_000, 7_000])
def test_the_first_are_those_of_all(size: int, places: int) -> None:
    chance, some = np.random.default_rng(size + places), 0
    for _ in range(3):
        segment = Segment(chance, size, places)
        one, two = opened(portable, segment.made), opened(compiled(), segment.made)
        for number in range(40):
            program = segment.words() if number % 4 else segment.word()
            for wanted in (10, int(chance.choice((1, 3, 100, 200, size)))):
                call = asked(program, wanted)
                expected = outcome(one, call, segment.made)
                assert not expected.error
                assert outcome(two, call, segment.made) == expected
                some += found(expected.answer)
    assert some > 150
