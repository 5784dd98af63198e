"""The measurement: contestants answer the same query one after another, query by query.

In: opened workers and rounds of queries. Out: every turn taken. Everyone answers all queries of a
round once before it counts, as a service has met the words of most queries; what those first
answers took is told beside. Who goes first changes with every query; a contestant that has used up
its time in a round sits out the rest of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.contestants.contract import Stage
from bench.queries import Query, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.worker import Turn, Worker

MIXED = (Shape.AND, Shape.OR, Shape.PHRASE)
"""What is asked where documents and snippets are fetched too."""


class Round(NamedTuple):
    """Queries that are counted together; ``numbers`` are places in the list all workers have."""

    name: str
    stage: Stage
    numbers: tuple[int, ...]


class Taken(NamedTuple):
    """The turns of one contestant in one round, by number of the query.

    ``firsts`` are the nanoseconds of the first answer to each, before the round counted.
    """

    round: Round
    contestant: str
    turns: dict[int, Turn]
    firsts: dict[int, int]


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
    taken = {worker.entry.name: Taken(one, worker.entry.name, {}, {}) for worker in able}
    for number in one.numbers:
        for worker in able:
            turn = _spend(worker, number, one, left)
            if turn:
                taken[worker.entry.name].firsts[number] = turn.first
    left = dict.fromkeys(left, seconds * 1e9)
    for place, number in enumerate(one.numbers):
        first = place % len(able) if able else 0
        for worker in (*able[first:], *able[:first]):
            answered = _spend(worker, number, one, left)
            if answered:
                taken[worker.entry.name].turns[number] = answered
    return list(taken.values())


def _spend(worker: Worker, number: int, one: Round, left: dict[str, float]) -> Turn | None:
    name = worker.entry.name
    turn = worker.ask(number, one.stage) if left[name] > 0 else None
    if turn is not None:
        left[name] -= turn.ns
    return turn
