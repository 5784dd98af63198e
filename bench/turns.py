"""The measurement: contestants answer the same query one after another, query by query.

In: opened workers and rounds of queries. Out: every turn taken. Who goes first changes with every
query; a contestant that has used up its time in a round sits out the rest of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.contestants.contract import Stage
from bench.queries import Query, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.worker import Turn, Worker

WARMING = 20
"""Queries of a round that everyone answers once before it counts."""

MIXED = (Shape.AND, Shape.OR, Shape.PHRASE)
"""What is asked where documents and snippets are fetched too."""


class Round(NamedTuple):
    """Queries that are counted together; ``numbers`` are places in the list all workers have."""

    name: str
    stage: Stage
    numbers: tuple[int, ...]


class Taken(NamedTuple):
    """The turns of one contestant in one round, by number of the query."""

    round: Round
    contestant: str
    turns: dict[int, Turn]


def rounds(questions: Mapping[Shape, Sequence[Query]]) -> tuple[list[Query], list[Round]]:
    """List all queries once, and the rounds over them."""
    every = [query for asked in questions.values() for query in asked]
    place = {query: number for number, query in enumerate(every)}
    listed = [
        Round(shape.value, Stage.IDS, tuple(place[query] for query in asked))
        for shape, asked in questions.items()
    ]
    columns = [questions[shape] for shape in MIXED if shape in questions]
    mixed = [query for row in zip(*columns, strict=False) for query in row]
    count = max(len(asked) for asked in questions.values())
    numbers = tuple(place[query] for query in mixed[:count])
    listed += [Round(f"+ {stage}", stage, numbers) for stage in (Stage.STORED, Stage.SNIPPETS)]
    return every, listed


def play(workers: Sequence[Worker], one: Round, seconds: float) -> list[Taken]:
    """Let everyone answer one round, each for at most so many seconds of its own time."""
    able = [worker for worker in workers if worker.ask(one.numbers[0], one.stage) is not None]
    left = {worker.entry.name: seconds * 1e9 for worker in able}
    taken = {worker.entry.name: Taken(one, worker.entry.name, {}) for worker in able}
    for number in one.numbers[:WARMING]:
        for worker in able:
            _spend(worker, number, one, left, keep=None)
    left = dict.fromkeys(left, seconds * 1e9)
    for turn, number in enumerate(one.numbers):
        first = turn % len(able) if able else 0
        for worker in (*able[first:], *able[:first]):
            _spend(worker, number, one, left, keep=taken[worker.entry.name])
    return list(taken.values())


def _spend(
    worker: Worker, number: int, one: Round, left: dict[str, float], *, keep: Taken | None
) -> None:
    name = worker.entry.name
    if left[name] <= 0:
        return
    turn = worker.ask(number, one.stage)
    if turn is None:
        return
    left[name] -= turn.ns
    if keep is not None:
        keep.turns[number] = turn
