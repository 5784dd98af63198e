"""The syntax tree: what was typed, by meaning but not yet analysed; it knows no engine.

Leaves are words, patterns, quoted phrases and dates, each with the field it is looked for in;
branches are negation, proximity, conjunction and disjunction. A branch is made by ``both``,
``either`` and ``negation``, which keep the tree in its one normal form.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


@dataclass(frozen=True, slots=True)
class Term:
    """A word as typed, edges trimmed: ``здравоохранения``, ``223-ФЗ``; ``exact`` is ``!стали``."""

    text: str
    field: Field = Field.TEXT
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A word with wildcards: ``здрав*``, ``м?сква``."""

    text: str
    field: Field = Field.TEXT


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A word that may be spelled otherwise: ``Собянен~``; ``edits`` is 1 or 2."""

    text: str
    edits: int
    field: Field = Field.TEXT


Atom = Term | Pattern | Fuzzy


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words in quotes; ``distance`` is that of ``"мэр Москвы"~5``, None side by side."""

    items: tuple[Atom, ...]
    field: Field = Field.TEXT
    exact: bool = False
    distance: int | None = None


@dataclass(frozen=True, slots=True)
class Dates:
    """Days from ``first`` to ``last``, both included; None is open, never both."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Negation:
    """Without the clause."""

    clause: Clause


@dataclass(frozen=True, slots=True)
class Proximity:
    """A chain ``а NEAR/5 б NEAR/3 в``; ``distances`` stand between the operands."""

    operands: tuple[Clause, ...]
    distances: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Conjunction:
    """All the clauses; without any it is the empty query."""

    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class Disjunction:
    """Any of the clauses."""

    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Alike:
    """Any of the clauses, which mean the same: what was typed first, then its synonyms."""

    clauses: tuple[Clause, ...]


Leaf = Atom | Quoted | Dates
Clause = Leaf | Negation | Proximity | Conjunction | Disjunction | Alike


def both(clauses: Iterable[Clause]) -> Clause | None:
    """Join clauses that must all hold; repeated ones count once, and no group stands in another."""
    distinct = tuple(dict.fromkeys(chain.from_iterable(map(_required, clauses))))
    return Conjunction(distinct) if len(distinct) > 1 else next(iter(distinct), None)


def _required(clause: Clause) -> tuple[Clause, ...]:
    return clause.clauses if isinstance(clause, Conjunction) else (clause,)


def either(clauses: Iterable[Clause]) -> Clause | None:
    """Join clauses of which one must hold; repeated ones count once."""
    distinct = tuple(dict.fromkeys(clauses))
    return Disjunction(distinct) if len(distinct) > 1 else next(iter(distinct), None)


def negation(clause: Clause) -> Clause:
    """Turn a clause into its opposite."""
    return clause.clause if isinstance(clause, Negation) else Negation(clause)
