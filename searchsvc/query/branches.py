"""Branches to nodes: conjunctions, disjunctions, negations and chains of ``NEAR``.

In: clauses of the syntax tree. Out: nodes of the neutral tree; words that analysis leaves nothing
of are gone without a trace.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby, pairwise, product
from typing import TYPE_CHECKING

from searchsvc.query.problems import Problem
from searchsvc.query.syntax import (
    Alike,
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
from searchsvc.query.tree import (
    All,
    Any,
    DateRange,
    Everything,
    Near,
    Node,
    Not,
    Nothing,
    Phrase,
    Position,
    Variants,
    Word,
)
from searchsvc.query.words import merged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from searchsvc.query.words import Words

Item = Position | Phrase

MAX_PAIRS = 16
"""Pairs that ``(а | "б в") NEAR/5 (г* | д)`` may multiply to; alternatives that are plain words
count as one. Every pair reads the positions of both its items."""


def all_of(nodes: Iterable[Node]) -> Node:
    """Ask for every node; what is only negative is asked of everything, and so is nothing."""
    distinct = tuple(dict.fromkeys(nodes))
    if all(isinstance(node, Not) for node in distinct):
        distinct = (Everything(), *distinct)
    return distinct[0] if len(distinct) == 1 else All(distinct)


def any_of(nodes: Iterable[Node]) -> Node:
    """Ask for some node; of nothing, nothing matches."""
    distinct = tuple(dict.fromkeys(nodes))
    if len(distinct) > 1:
        return Any(distinct)
    return distinct[0] if distinct else Nothing()


@dataclass(frozen=True, slots=True)
class Branches:
    """Turns clauses into nodes by way of ``words``; ``warnings`` grow on the way."""

    words: Words
    warnings: list[str] = field(default_factory=list)

    def nodes(self, clause: Clause) -> list[Node]:
        """List the nodes that must all match; none when nothing is left of the clause."""
        match clause:
            case Conjunction(clauses=clauses):
                return self._joined([node for part in clauses for node in self.nodes(part)])
            case Disjunction(clauses=clauses):
                sides = [all_of(nodes) for part in clauses if (nodes := self.nodes(part))]
                return [any_of(sides)] if sides else []
            case Alike(clauses=clauses):
                same = [all_of(nodes) for part in clauses if (nodes := self.nodes(part))]
                return [_variants(same)] if same else []
            case Negation(clause=inner):
                nodes = self.nodes(inner)
                return [Not(all_of(nodes))] if nodes else []
            case Proximity(operands=operands, distances=distances):
                return self._near(operands, distances)
            case _:
                return self._leaf(clause)

    def _leaf(self, leaf: Leaf) -> list[Node]:
        match leaf:
            case Dates(first=first, last=last):
                return [DateRange(first, last)]
            case Term():
                return list(self.words.nodes(leaf))
            case Quoted():
                phrase = self.words.quoted(leaf)
                return [phrase] if phrase else []
            case Pattern() | Fuzzy():
                return [self.words.expansion(leaf, leaf.field)]

    def _joined(self, nodes: list[Node]) -> list[Node]:
        return [all_of(nodes)] if nodes else []

    def _near(self, operands: tuple[Clause, ...], distances: tuple[int, ...]) -> list[Node]:
        items = [self._items(operand) for operand in operands]
        pairs: list[Node] = []
        for (left, right), distance in zip(pairwise(items), distances, strict=True):
            pairs.extend(self._pair(left, right, distance))
        return self._joined(pairs)

    def _pair(self, left: list[Item], right: list[Item], distance: int) -> list[Node]:
        if not left or not right:
            return [any_of(left or right)] if left or right else []
        if len(left) * len(right) > MAX_PAIRS:
            self.warnings.append(Problem.NEAR_MANY)
            return [any_of(left), any_of(right)]
        return [any_of(Near(pair, distance) for pair in product(left, right))]

    def _items(self, operand: Clause) -> list[Item]:
        """List the alternatives that an operand of NEAR stands for."""
        if isinstance(operand, Disjunction):
            found = [item for clause in operand.clauses for item in self._items(clause)]
            return _with_words_merged(found)
        exact = isinstance(operand, Term) and operand.exact
        if isinstance(operand, Term | Pattern | Fuzzy):
            operand = Quoted((operand,), operand.field, exact)
        node = self.words.quoted(operand) if isinstance(operand, Quoted) else None
        return [node] if isinstance(node, Position | Phrase) else []


def _variants(same: list[Node]) -> Node:
    """Ask for some node but those that find and score nothing that the first does not.

    «Санкт-Петербург» is among what is found by «Петербург», in half of the articles of a town:
    looking for both takes 0.6 ms.
    """
    telling = (node for node in same if not _holds(node, same[0]))
    distinct = tuple(dict.fromkeys(telling))
    return Variants(distinct) if len(distinct) > 1 else distinct[0]


def _holds(node: Node, word: Node) -> bool:
    """Tell whether a phrase, or the compound that it is, has a word among its own."""
    if isinstance(node, Variants):
        return any(_holds(child, word) for child in node.children)
    return isinstance(node, Phrase) and word in node.items


def _with_words_merged(items: list[Item]) -> list[Item]:
    words = sorted((i for i in items if isinstance(i, Word)), key=lambda word: word.stream)
    streams = groupby(words, key=lambda word: word.stream)
    others = [item for item in items if not isinstance(item, Word)]
    return [*(merged(same) for _, same in streams), *others]
