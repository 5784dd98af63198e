"""Chains of ``NEAR/n``: which operands can stand in one, and what becomes of those that cannot.

In: the operands of a chain as parsed and the distances between them. Out: clauses that must all
hold.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from searchsvc.query.syntax import Clause, Disjunction, Fuzzy, Pattern, Proximity, Quoted, Term

if TYPE_CHECKING:
    from searchsvc.schema import Field


def link(operands: list[Clause | None], distances: list[int]) -> tuple[list[Clause], bool]:
    """Make clauses of a chain; the flag is False when a ``NEAR`` of it had to be dropped.

    ``distances`` has one entry less than ``operands``; an operand that came to nothing is None.
    """
    if not distances:
        return [operand for operand in operands if operand], True
    runs: list[tuple[list[Clause | None], list[int]]] = [([operands[0]], [])]
    for (left, right), distance in zip(pairwise(operands), distances, strict=True):
        if _can_be_near(left, right):
            runs[-1][0].append(right)
            runs[-1][1].append(distance)
        else:
            runs.append(([right], []))
    clauses = [_run([o for o in run if o], between) for run, between in runs if any(run)]
    return clauses, len(runs) == 1


def _run(operands: list[Clause], distances: list[int]) -> Clause:
    return Proximity(tuple(operands), tuple(distances)) if distances else operands[0]


def _can_be_near(left: Clause | None, right: Clause | None) -> bool:
    return len(_fields(left) | _fields(right)) == 1 and None not in _fields(left) | _fields(right)


def _fields(operand: Clause | None) -> set[Field | None]:
    """Give the fields that an operand's words stand in; None when it is no operand of NEAR."""
    match operand:
        case Term(field=field) | Pattern(field=field) | Fuzzy(field=field):
            return {field}
        case Quoted(field=field, distance=None):
            return {field}
        case Disjunction(clauses=clauses) if not any(
            isinstance(clause, Disjunction) for clause in clauses
        ):
            return {field for clause in clauses for field in _fields(clause)}
        case _:
            return {None}
