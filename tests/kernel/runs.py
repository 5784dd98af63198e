"""Many calls in a row: sound ones compared with the portable kernel, damaged ones survived."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from damage import damaged_call, damaged_segment
from outcomes import found, opened_if_sound, outcome
from random_calls import Calls
from random_segments import Segments, opened

from searchsvc.engines.whoosh import portable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from random_calls import Call
    from random_segments import Made

    from searchsvc.engines.whoosh.kernel import Kernel

EACH = 10
"""Calls of one segment."""


class Sound(NamedTuple):
    """How many calls were compared, and how many of them found something."""

    cases: int
    found: int


class Damaged(NamedTuple):
    """How many damaged calls were made, and how many of them gave an error."""

    cases: int
    refused: int


def compare(kernel: Kernel, cases: int, seed: int) -> Sound:
    """Make sound calls of a kernel and of the portable one; raise AssertionError if they differ."""
    some = number = 0
    for made, calls in _sound(cases, np.random.default_rng(seed)):
        one, two = opened(portable, made), opened(kernel, made)
        for call in calls:
            where = f"seed {seed}, call {number}: {call.name}"
            expected = outcome(one, call, made)
            assert not expected.error, f"{where} gives {expected.error}"
            assert outcome(two, call, made) == expected, where
            some += found(expected.answer)
            number += 1
    return Sound(number, some)


def survive(kernel: Kernel, cases: int, seed: int) -> Damaged:
    """Make calls with something damaged; raise what a kernel should not have raised."""
    chance, number, refused = np.random.default_rng(seed), 0, 0
    for made, calls in _sound(cases, chance):
        wrong = damaged(made, chance) if chance.integers(4) else made
        segments = opened_if_sound(kernel, wrong)
        for call in calls:
            number += 1
            if segments is None:
                refused += 1
                continue
            asked = damaged_call(call, chance) if wrong is made else call
            try:
                refused += bool(outcome(segments, asked, made).error)
            except Exception as error:
                error.add_note(f"seed {seed}, damaged call {number}: {call.name}")
                raise
    return Damaged(number, refused)


def damaged(some: Sequence[Made], chance: np.random.Generator) -> tuple[Made, ...]:
    """Damage one of some segments."""
    place = int(chance.integers(len(some)))
    return (*some[:place], damaged_segment(some[place], chance), *some[place + 1 :])


def _sound(
    cases: int, chance: np.random.Generator
) -> Iterator[tuple[tuple[Made, ...], list[Call]]]:
    segments = Segments(chance)
    for _ in range(0, cases, EACH):
        made = segments.some()
        calls = Calls(made, chance)
        yield made, [calls.any() for _ in range(EACH)]
