"""Describing: nodes of the tree written for people, much as they could have been typed.

In: a node, and the words as they were typed. Out: text. What analysis made of a word cannot be
typed back, so its lemmas stand side by side: ``"лидер рейтинг"``, ``сталь/стать``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchsvc.query.dates import write_dates
from searchsvc.query.interpretation import FIELD_NAMES
from searchsvc.query.syntax import Dates
from searchsvc.query.tree import (
    All,
    Any,
    Constant,
    DateRange,
    Expansion,
    ExpansionKind,
    Near,
    Not,
    Nothing,
    Phrase,
    Ranked,
    Value,
    Variants,
    Word,
)
from searchsvc.schema import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from searchsvc.query.tree import Branch, Leaf, Node

    Typed = Mapping[Word, str]


def described(node: Node, typed: Typed) -> str:
    """Write a node; words that were ``typed`` stand as they were."""
    match node:
        case Word() | Expansion() | Phrase() | Near():
            return _leaf(node, typed)
        case All() | Any() | Variants() | Ranked() | Constant() | Not():
            return _branch(node, typed)
        case Value(field=field, value=value):
            return f'{FIELD_NAMES[field]}"{value}"'
        case DateRange(first=first, last=last) if first or last:
            return write_dates(Dates(first, last))
        case Nothing():
            return ""
    return "*"


def _branch(branch: Branch, typed: Typed) -> str:
    match branch:
        case Not(child=child):
            return f"-{_grouped(child, typed)}"
        case Constant(child=child):
            return described(child, typed)
        case Ranked(must=must, should=should):
            return " ".join(_grouped(node, typed) for node in (must, *should))
        case All(children=children) | Any(children=children) | Variants(children=children):
            sign = " " if isinstance(branch, All) else " | "
            return sign.join(_grouped(node, typed) for node in children)


def _leaf(leaf: Leaf, typed: Typed) -> str:
    match leaf:
        case Word() | Expansion():
            return FIELD_NAMES[leaf.field] + _position(leaf, typed)
        case Phrase(items=items):
            words = " ".join(_position(item, typed) for item in items)
            return f'{_field_of(items)}"{words}"'
        case Near(items=items, distance=distance):
            sides = (_leaf(item, typed) for item in items)
            return f" NEAR/{distance} ".join(sides)


def _field_of(items: Sequence[Word | Expansion]) -> str:
    return FIELD_NAMES[items[0].field] if items else ""


def _position(item: Word | Expansion, typed: Typed) -> str:
    if isinstance(item, Word):
        exact = "!" if item.stream is Stream.FORMS else ""
        return typed.get(item) or exact + "/".join(item.terms)
    if item.kind is ExpansionKind.PREFIX:
        return f"{item.pattern}*"
    if item.kind is ExpansionKind.FUZZY:
        return f"{item.pattern}~{item.edits if item.edits > 1 else ''}"
    return item.pattern


def _grouped(node: Node, typed: Typed) -> str:
    text = described(node, typed)
    single = not isinstance(node, All | Any | Variants | Ranked) or " " not in text
    return text if single else f"({text})"
