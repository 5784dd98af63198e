"""The second pass leaves out what cannot be shown, and never what can."""

from __future__ import annotations

import numpy as np
import pytest
from implementations import compiled
from outcomes import found, outcome
from random_calls import Calls
from random_segments import CLOSE, FALLING, Segments, opened
from small_segments import made

from searchsvc.engines.whoosh import portable
from searchsvc.engines.whoosh.kernel import ANY, SET


@pytest.mark.parametrize("table", [CLOSE, FALLING], ids=["rising", "falling"])
@pytest.mark.parametrize("shown", [1, 3])
def test_the_few_that_are_shown_are_the_first_of_all(table: np.ndarray, shown: int) -> None:
    chance, some = np.random.default_rng(20), 0
    segments = Segments(chance)
    for _ in range(60):
        made = tuple(
            one._replace(arguments=(one.arguments[0], table, *one.arguments[2:]))
            for one in segments.some()
        )
        one, two = opened(portable, made), opened(compiled(), made)
        calls = Calls(made, chance)
        for _ in range(8):
            asked = calls.twice()
            few = asked._replace(arguments=(asked.arguments[0], 40, shown, *asked.arguments[3:]))
            expected = outcome(one, few, made)
            assert outcome(two, few, made) == expected
            some += found(expected.answer)
    assert some > 100


@pytest.mark.parametrize("size", [300, 3_000, 30_000, 80_000])
def test_related_words_add_up_however_many_there_are(size: int) -> None:
    chance = np.random.default_rng(size)
    related = [chance.choice(size, min(size // 2, 1_500), replace=False) for _ in range(6)]
    lists = [{doc: range(1 + doc % 3 * 120) for doc in one} for one in np.sort(related).tolist()]
    segment = made(size, [dict.fromkeys(range(0, size, 7), (0,)), *lists])
    docs = np.arange(size, dtype=np.int32)
    answers = []
    for kernel in (portable, compiled()):
        whole = kernel.Whole((segment.of(kernel),))
        word = whole.typed(((0, 0, 1, None),), ((0, 0, 0, None),), ((0, 1, 7, None),), 1, 1, 0, 0)
        program = (ANY, ((SET, docs, None),))
        asked = (program, 500, 500, (), (word,), (1.0, 3, 3, 1), None, np.inf)
        answers.append(whole.search_twice(*asked))
    assert answers[0] == answers[1]
    assert len({score for _, _, score in answers[0][1]}) > 2
