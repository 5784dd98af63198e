"""The interpretation: a syntax tree written back as a query that parses to the same tree.

In: a syntax tree. Out: text in one normal spelling: `-` for NOT, `|` for OR, Russian field names,
parentheses only where the tree needs them.
"""

from __future__ import annotations

from searchsvc.query.dates import write_dates
from searchsvc.query.syntax import (
    Alike,
    Atom,
    Clause,
    Conjunction,
    Dates,
    Disjunction,
    Fuzzy,
    Leaf,
    Negation,
    Pattern,
    Proximity,
    Quoted,
    Term,
)
from searchsvc.schema import Field

FIELD_NAMES = {
    Field.TEXT: "",
    Field.TITLE: "заголовок:",
    Field.SOURCE: "источник:",
    Field.TOPIC: "рубрика:",
    Field.AUTHOR: "автор:",
}
"""What stands before a clause on each field."""


def write(clause: Clause) -> str:
    """Write a clause of any depth."""
    match clause:
        case Conjunction(clauses=clauses):
            return " ".join(_grouped(part, Conjunction, Disjunction, Alike) for part in clauses)
        case Disjunction(clauses=clauses) | Alike(clauses=clauses):
            return " | ".join(_grouped(part, Disjunction, Alike) for part in clauses)
        case Negation(clause=inner):
            return "-" + _grouped(inner, Conjunction, Disjunction, Alike, Proximity)
        case Proximity(operands=operands, distances=distances):
            words = [_grouped(operand, Disjunction) for operand in operands]
            steps = zip(distances, words[1:], strict=True)
            return words[0] + "".join(f" NEAR/{distance} {word}" for distance, word in steps)
        case _:
            return _leaf(clause)


def _grouped(clause: Clause, *branches: type[Clause]) -> str:
    return f"({write(clause)})" if isinstance(clause, branches) else write(clause)


def _leaf(leaf: Leaf) -> str:
    match leaf:
        case Quoted():
            return _quoted(leaf)
        case Dates():
            return write_dates(leaf)
        case _:
            return FIELD_NAMES[leaf.field] + _atom(leaf)


def _quoted(quoted: Quoted) -> str:
    exact = "!" if quoted.exact else ""
    distance = "" if quoted.distance is None else f"~{quoted.distance}"
    words = " ".join(map(_atom, quoted.items))
    return f'{FIELD_NAMES[quoted.field]}{exact}"{words}"{distance}'


def _atom(atom: Atom) -> str:
    match atom:
        case Term(text=text, exact=exact):
            return f"!{text}" if exact else text
        case Fuzzy(text=text, edits=edits):
            return f"{text}~" if edits == 1 else f"{text}~{edits}"
        case Pattern(text=text):
            return text
