"""The second pass leaves out what cannot be shown, and never what can."""

from __future__ import annotations

import numpy as np
import pytest
from implementations import compiled
from outcomes import found, outcome
from random_calls import Calls
from random_segments import CLOSE, FALLING, Segments, opened

from searchsvc.engines.whoosh import portable


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
