"""A branch of all, clause by clause, as the kernel takes it; and what stands in no other articles.

In: nodes of programs and ranges of days. Out: one node that asks for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from searchsvc.engines.whoosh import kernel
from searchsvc.engines.whoosh.operands import TEXTS
from searchsvc.query.tree import All, Any, Near, Phrase, Word
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from searchsvc.engines.whoosh.kernel import Program
    from searchsvc.query.tree import DateRange, Node

Terms = tuple[Stream, tuple[str, ...]]
"""What a word looks for in a text."""

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


def alternatives(node: Node) -> frozenset[Terms]:
    """Name words of which any makes an article match a node."""
    if isinstance(node, All) and len(node.children) == 1:
        return alternatives(node.children[0])
    children = node.children if isinstance(node, Any) else (node,)
    return frozenset(_terms(child) for child in children if _is_in_text(child))


def stands_in(node: Node, words: frozenset[Terms]) -> bool:
    """Tell whether every article that a node matches surely has one of some words."""
    if isinstance(node, (Phrase, Near)):
        return any(_is_in_text(item) and _terms(item) in words for item in node.items)
    return isinstance(node, Word) and node.field in TEXTS and _terms(node) in words


def _is_in_text(node: object) -> TypeGuard[Word]:
    return isinstance(node, Word) and node.field is Field.TEXT


def _terms(word: Word) -> Terms:
    return word.stream, word.terms
