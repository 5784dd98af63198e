"""The groups of what was shown: of no place and of a place that is no number."""

from __future__ import annotations

import math

import pytest
from alone import whole_of
from implementations import IMPLEMENTATIONS
from random_calls import Named, resolved
from small_segments import made

from searchsvc.engines.whoosh.kernel import ALL, ANY, WORD

WORDS = [{doc: [doc] for doc in range(5)}, {doc: [doc + 9] for doc in range(3)}]
ONE, OTHER = ((WORD, 1.0, (Named(0, number),)) for number in range(2))


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
@pytest.mark.parametrize(
    "program",
    [(ANY, (ONE,)), (ANY, (ONE, OTHER)), (ALL, (ONE, OTHER), (), (), False, 0, 0)],
)
@pytest.mark.parametrize("order", [0, 1, -1])
def test_nothing_comes_after_a_place_that_is_no_number(name, program, order) -> None:
    segment = made(5, WORDS, group=[0, 1, 2, -1, 1]).of(IMPLEMENTATIONS[name]())
    asked = resolved(program, (segment,), {})
    whole = whole_of(segment)
    assert whole.groups_until(asked, order, math.nan, 0, math.inf) == {0, 1, 2}
    assert whole.groups_until(asked, order, -math.inf, -1, math.inf) == set()
