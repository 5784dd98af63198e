"""A branch of all, clause by clause, as the kernel takes it; and what stands in no other articles.

In: nodes of programs and ranges of days. Out: one node that asks for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchsvc.engines.whoosh import kernel
from searchsvc.engines.whoosh.operands import TEXTS
from searchsvc.query.tree import All, Constant, Near, Phrase, Word
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from searchsvc.engines.whoosh.kernel import Program
    from searchsvc.query.tree import DateRange, Node
    from searchsvc.schema import Stream

TEXT = Field.TEXT

FIRST_ORDINAL = 719163
"""``date(1970, 1, 1).toordinal()``."""

EARLIEST, LATEST = -(2**31) + 1, 2**31 - 1


class Clauses:
    """What a branch of all is made of: nodes that must match, that add, that must not; days."""

    __slots__ = ("dated", "empty", "first", "last", "must", "should", "without")

    def __init__(self) -> None:
        self.must: list[Program] = []
        self.should: list[Program] = []
        self.without: list[Program] = []
        self.dated = self.empty = False
        self.first, self.last = EARLIEST, LATEST

    def program(self) -> Program:
        """Give the branch, or its only child."""
        must = self.must
        if self.empty or kernel.NOTHING in must:
            return kernel.NOTHING
        if len(must) == 1 and not (self.should or self.without or self.dated):
            return must[0]
        parts = (tuple(must), tuple(self.should), tuple(self.without))
        return (kernel.ALL, *parts, self.dated, self.first, self.last)

    def restrict(self, node: DateRange) -> None:
        """Leave out what does not lie in a range of days."""
        self.dated = True
        if node.first is not None:
            self.first = max(self.first, node.first.toordinal() - FIRST_ORDINAL)
        if node.last is not None:
            self.last = min(self.last, node.last.toordinal() - FIRST_ORDINAL)


def stand_in(nodes: Iterable[Node], words: Sequence[Node]) -> bool:
    """Tell whether every article that any of some nodes matches surely has one of some words."""
    known = {
        word.terms: word.stream for word in words if isinstance(word, Word) and word.field is TEXT
    }
    return all(_stands_in(node, known) for node in nodes)


def _stands_in(node: Node, known: Mapping[tuple[str, ...], Stream]) -> bool:
    if isinstance(node, Word):
        return node.field in TEXTS and known.get(node.terms) is node.stream
    if isinstance(node, (Phrase, Near)):
        for item in node.items:
            if isinstance(item, Word) and known.get(item.terms) is item.stream:
                return item.field is TEXT  # all of one field
    if isinstance(node, All):
        return any(_stands_in(child, known) for child in node.children)
    return isinstance(node, Constant) and _stands_in(node.child, known)
