"""Many calls in a row: sound ones compared with the portable kernel, damaged ones survived."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from damage import damaged
from outcomes import outcome
from random_calls import Calls

from searchsvc.engines.whoosh import portable

if TYPE_CHECKING:
    from searchsvc.engines.whoosh.kernel import Kernel


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
    calls, found = Calls(seed), 0
    for number in range(cases):
        call = calls.any()
        expected = outcome(portable, call)
        assert expected.answer, f"seed {seed}, call {number}: {call.name} gives {expected.error}"
        assert outcome(kernel, call) == expected, f"seed {seed}, call {number}: {call.name}"
        found += bool(expected.answer[0])
    return Sound(cases, found)


def survive(kernel: Kernel, cases: int, seed: int) -> Damaged:
    """Make damaged calls of a kernel; raise what it should not have raised."""
    calls, chance, refused = Calls(seed), np.random.default_rng(seed), 0
    for number in range(cases):
        call = damaged(calls.any(), chance)
        try:
            refused += bool(outcome(kernel, call).error)
        except Exception as error:
            error.add_note(f"seed {seed}, damaged call {number}: {call.name}")
            raise
    return Damaged(cases, refused)
