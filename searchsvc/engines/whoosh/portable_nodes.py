"""The nodes of a program in numpy: each becomes a set of documents with scores.

What they mean is said in ``kernel``; ``portable`` is the way in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from searchsvc.engines.whoosh import portable_sets as sets
from searchsvc.engines.whoosh.buffers import array_of, documents_of, in_time
from searchsvc.engines.whoosh.layout import UNDATED
from searchsvc.engines.whoosh.portable_columns import read_column
from searchsvc.engines.whoosh.portable_sets import Matched
from searchsvc.engines.whoosh.portable_spans import close_by, side_by_side
from searchsvc.engines.whoosh.portable_terms import (
    APART,
    LARGEST,
    Term,
    checked_weight,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Buffer, Program
    from searchsvc.engines.whoosh.portable_segment import Segment

    Numbers = NDArray[np.int64]

WORD, WIDE, TITLE, SPANS, VALUE, SET, ALL, ANY, BEST = range(9)

SIZES = (3, 3, 3, 4, 2, 3, 7, 2, 2)
"""How many items a node of each kind has."""

DEEPEST = 64


class Nodes:
    """Evaluates programs over one of some segments; ``bases`` are where their numbers begin."""

    __slots__ = ("_bases", "_deadline", "_number", "_segment")

    def __init__(
        self, segment: Segment, bases: Sequence[int], number: int, deadline: float
    ) -> None:
        self._segment = segment
        self._bases = bases
        self._number = number
        self._deadline = deadline

    def root(self, program: Program) -> Matched:
        """Evaluate a whole program; raises ValueError, TypeError, TimeoutError."""
        found = self._node(program, 0)
        if program[0] < ALL:
            raise ValueError("the root of a program is a branch")
        return found

    def _node(self, node: Program, depth: int) -> Matched:
        in_time(self._deadline)
        if not isinstance(node, tuple):
            raise TypeError("a program is made of tuples")
        kind = node[0] if node and isinstance(node[0], int) else -1
        if not 0 <= kind <= BEST or len(node) != SIZES[kind] or depth > DEEPEST:
            raise ValueError("there is no such node")
        if kind < ALL:
            return LEAVES[kind](self, *node[1:])
        return BRANCHES[kind - ALL](self, *node[1:], depth=depth + 1)

    def _nodes(self, nodes: tuple[Program, ...], depth: int) -> list[Matched]:
        if not isinstance(nodes, tuple):
            raise TypeError("a program is made of tuples")
        return [self._node(node, depth) for node in nodes]

    def _here(self, every: tuple[Any, ...]) -> Any:
        """Give what a tuple with an item for each segment has for this one."""
        if not isinstance(every, tuple):
            raise TypeError("a program is made of tuples")
        if len(every) != len(self._bases) - 1:
            raise ValueError("something is not given for each segment")
        return every[self._number]

    def _one(self, every: tuple[Any, ...]) -> Term | None:
        """Check the term of a word that is here, or a union; None if no document has it."""
        term = self._here(every)
        return None if term is None else self._own(term)

    def _own(self, term: Any) -> Term:
        if not isinstance(term, Term) or term.segment is not self._segment:
            raise TypeError("a word is made of terms of its segment")
        return term

    def _terms(self, rows: tuple[Any, ...]) -> tuple[Term, ...]:
        """Check the terms of a row, which have positions and titles."""
        terms = self._here(rows)
        if not isinstance(terms, tuple):
            raise TypeError("a program is made of tuples")
        for term in terms:
            if self._own(term).field is None:
                raise ValueError("a union has no positions")
        return terms

    def _weighed(self, docs: Numbers, tf: NDArray[np.signedinteger], weight: float) -> Matched:
        impacts = self._segment.impacts(np.minimum(tf, LARGEST), docs)
        return Matched(docs, checked_weight(weight) * impacts)

    def _word(self, weight: float, terms: tuple[Any, ...]) -> Matched:
        term = self._one(terms)
        if term is not None:
            return term.matched(weight)
        checked_weight(weight)
        return sets.nothing()

    def _wide(self, weight: float, rows: tuple[Any, ...]) -> Matched:
        return self._segment.wide(self._here(rows), self._deadline).matched(weight)

    def _title(self, weight: float, rows: tuple[Any, ...]) -> Matched:
        in_time(self._deadline)
        return self._segment.titled(self._terms(rows)).matched(weight)

    def _spans(self, weight: float, distance: int, items: tuple[Any, ...]) -> Matched:
        if not items or (distance >= 0 and len(items) != 2):
            raise ValueError("a phrase needs items, a pair two")
        words = []
        for terms, rows in items:
            self._terms(rows)
            word = self._one(terms)
            if word is None:
                return sets.nothing()
            words.append(word)
        places = side_by_side(words) if distance < 0 else close_by(words, distance)
        return self._weighed(*sets.counted(places >> APART), weight)

    def _value(self, columns: tuple[Any, ...]) -> Matched:
        column = self._here(columns)
        if column is None:
            return sets.nothing()
        starts, ordinals, ordinal = column
        begins, values = read_column(self._segment.size, starts, ordinals)
        places = np.flatnonzero(values == ordinal)
        docs = np.searchsorted(begins, places, side="right") - 1
        inside = docs[(docs >= 0) & (docs < self._segment.size)]
        return sets.unscored(np.unique(inside))

    def _set(self, docs: Buffer, scores: Buffer | None) -> Matched:
        numbers = documents_of(docs, self._bases[-1]).astype(np.int64)
        base = self._bases[self._number]
        here = (numbers >= base) & (numbers < base + self._segment.size)
        if scores is None:
            return sets.unscored(numbers[here] - base)
        given = array_of(scores, np.float32, numbers.size)
        if not (np.isfinite(given).all() and (given >= 0).all()):
            raise ValueError("a score is a number from 0 on")
        return Matched(numbers[here] - base, given[here])

    def _all(
        self,
        must: tuple[Any, ...],
        should: tuple[Any, ...],
        without: tuple[Any, ...],
        dated: bool,
        first: int,
        last: int,
        *,
        depth: int,
    ) -> Matched:
        needed, added = self._nodes(must, depth), self._nodes(should, depth)
        found = sets.together(needed) if needed else sets.everything(self._segment.size)
        if dated:
            begins, ends = (
                column[found.docs] for column in (self._segment.first_day, self._segment.last_day)
            )
            inside = (begins != UNDATED) & (begins >= first) & (ends <= last)
            found = Matched(found.docs[inside], found.scores[inside])
        for part in self._nodes(without, depth):
            found = sets.difference(found, part)
        for part in added:
            found = sets.boosted(found, part)
        return found

    def _any(self, children: tuple[Any, ...], *, depth: int) -> Matched:
        parts = self._nodes(children, depth)
        return sets.union(parts, self._segment.size) if parts else sets.nothing()

    def _best(self, children: tuple[Any, ...], *, depth: int) -> Matched:
        parts = self._nodes(children, depth)
        return sets.union(parts, self._segment.size, best=True) if parts else sets.nothing()


LEAVES: tuple[Callable[..., Matched], ...] = (
    *(Nodes._word, Nodes._wide, Nodes._title, Nodes._spans, Nodes._value, Nodes._set),
)
BRANCHES: tuple[Callable[..., Matched], ...] = (Nodes._all, Nodes._any, Nodes._best)
"""What evaluates each kind of node."""
