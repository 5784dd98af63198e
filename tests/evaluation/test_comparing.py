"""Two runs, query by query: wins, losses and how sure the difference is."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.evaluation import comparing
from searchsvc.evaluation.comparing import compare, interval
from searchsvc.evaluation.measuring import Measured

VALUES = st.lists(st.floats(-1, 1), min_size=1, max_size=30)


def of(*values: float) -> Measured:
    return Measured("nDCG@10", values)


def test_wins_and_losses_are_counted_ties_are_not() -> None:
    found = compare(of(1, 1, 0.5, 0.2), of(0, 0.5, 0.5, 0.4))
    assert (found.wins, found.losses) == (2, 1)


def test_the_difference_is_of_the_means() -> None:
    found = compare(of(1, 0.5), of(0, 0.5))
    assert (found.ours, found.theirs, found.difference) == (0.75, 0.25, 0.5)


def test_equal_runs_differ_by_nothing() -> None:
    found = compare(of(0.3, 1), of(0.3, 1))
    assert (found.low, found.high, found.wins, found.losses) == (0, 0, 0, 0)


def test_the_same_seed_gives_the_same_interval() -> None:
    differences = [0.1 * number for number in range(-3, 8)]
    assert interval(differences, 5) == interval(differences, 5)
    assert interval(differences, 5) != interval(differences, 6)


def test_a_constant_difference_is_sure() -> None:
    assert interval([0.5] * 4) == (0.5, 0.5)


def test_the_interval_of_a_known_case() -> None:
    # 400 fair coins: the mean's standard deviation is 0.025, 95 % lie within 1.96 of it.
    low, high = interval([0.0, 1.0] * 200)
    assert abs(low - 0.451) < 0.004
    assert abs(high - 0.549) < 0.004


@given(values=VALUES)
@settings(max_examples=20)
def test_the_interval_lies_within_the_differences(values: list[float]) -> None:
    low, high = interval(values)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9


def test_the_part_left_outside_is_five_per_cent() -> None:
    assert round(comparing.RESAMPLES * (1 - comparing.SURE)) == 500
