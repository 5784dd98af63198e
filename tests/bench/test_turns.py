"""Turns of the benchmark: everyone answers all queries once before it counts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from bench.contestants.contract import Stage
from bench.figures import times
from bench.turns import Round, play
from bench.worker import Turn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.worker import Worker

ROUND = Round("and", Stage.IDS, (0, 1, 2))


class Learning:
    """Takes 9 ms for what it was never asked, then 1 ms."""

    def __init__(self, name: str, asked: list[tuple[str, int]]) -> None:
        self.entry = SimpleNamespace(name=name)
        self._asked = asked

    def ask(self, number: int, _: Stage) -> Turn:
        """Answer, and note that it was asked."""
        known = (self.entry.name, number) in self._asked
        self._asked.append((self.entry.name, number))
        return Turn(1_000_000, 1_000_000 if known else 9_000_000, 0, ())


def _played(seconds: float) -> tuple[list[tuple[str, int]], Sequence[Any]]:
    asked: list[tuple[str, int]] = []
    workers = cast("list[Worker]", [Learning("ours", asked), Learning("tantivy", asked)])
    return asked, play(workers, ROUND, seconds)


def test_everyone_answers_all_queries_before_any_counts() -> None:
    asked, taken = _played(1.0)
    assert sorted(asked[2:8]) == [
        (name, place) for name in ("ours", "tantivy") for place in (0, 1, 2)
    ]
    assert [sorted(one.turns) for one in taken] == [[0, 1, 2], [0, 1, 2]]


def test_first_answers_are_told_beside() -> None:
    _, (ours, _) = _played(1.0)
    found = times(ours)
    assert found is not None
    assert (found.mean, found.first) == (1.0, (1 + 9 + 9) / 3)  # the first was asked if it can


def test_whose_time_is_used_up_sits_out() -> None:
    _, taken = _played(0.0015)
    assert [len(one.turns) for one in taken] == [2, 2]
