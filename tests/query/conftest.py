"""A short notation for trees, so that a test reads as "this is typed, that is looked for".

мэр/мера   a position of either lemma      =стали    exactly this form
"а б"      side by side                    near5(а б)  close together
(а & б)    all        (а | б)  any         {а ~ б}   variants of one meaning
-а         not        * everything         а + б     б only ranks    ^а  first of all
title:а    in a field                      [2021-02-01..2021-02-28] days
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from meaning import understand

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.query.limits import Limits
from searchsvc.query.tree import (
    All,
    Any,
    Constant,
    DateRange,
    Everything,
    Expansion,
    ExpansionKind,
    Near,
    Node,
    Not,
    Nothing,
    Phrase,
    Ranked,
    Variants,
    Word,
)
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from searchsvc.query.understanding import Understanding


def _show(node: Node) -> str:
    match node:
        case All(children=children):
            return f"({_joined(children, ' & ')})"
        case Any(children=children):
            return f"({_joined(children, ' | ')})"
        case Variants(children=children):
            return f"{{{_joined(children, ' ~ ')}}}"
        case Ranked(must=must, should=should):
            return _joined((must, *should), " + ")
        case Not(child=child):
            return f"-{_show(child)}"
        case Constant(child=child):
            return f"^{_show(child)}"
        case _:
            return _leaf(node)


def _joined(nodes: tuple[Node, ...], sign: str) -> str:
    return sign.join(map(_show, nodes))


def _leaf(node: Node) -> str:
    match node:
        case Phrase(items=items):
            return f'"{_joined(items, " ")}"'
        case Near(items=items, distance=distance):
            return f"near{distance}({_joined(items, ' ')})"
        case Word() | Expansion():
            return _field(node.field) + _position(node)
        case DateRange(first=first, last=last):
            return f"[{first or ''}..{last or ''}]"
        case _:
            return {Everything(): "*", Nothing(): "nothing"}[node]


def _field(field: Field) -> str:
    return "" if field is Field.TEXT else f"{field.value}:"


def _position(node: Word | Expansion) -> str:
    if isinstance(node, Word):
        return ("=" if node.stream is Stream.FORMS else "") + "/".join(node.terms)
    if node.kind is ExpansionKind.FUZZY:
        return f"{node.pattern}~{node.edits}"
    return node.pattern + ("…" if node.kind is ExpansionKind.PREFIX else "")


@pytest.fixture(scope="session")
def show() -> Callable[[Node], str]:
    return _show


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.fixture(scope="session")
def ask(analyzer: Analyzer) -> Callable[[str], Understanding]:
    return lambda text: understand(text, analyzer, Limits())
