"""Evaluation of a tree: the program it makes for the kernel, one for all segments.

In: a neutral tree and an index. Out: totals and the best documents. Words are looked up, branches
are laid out as the kernel takes them; what it has no loop for becomes a finished set (``placing``).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import kernel
from searchsvc.engines.whoosh.clauses import Clauses, stand_in
from searchsvc.engines.whoosh.deadlines import checking, told
from searchsvc.engines.whoosh.kernel import ALL, ANY, NOTHING, SPANS
from searchsvc.engines.whoosh.placing import placed
from searchsvc.engines.whoosh.plain_words import TREE, lay
from searchsvc.engines.whoosh.resolving import Resolved, weight_of
from searchsvc.engines.whoosh.second_pass import FIRST, MEASURES
from searchsvc.engines.whoosh.sets import Scored
from searchsvc.engines.whoosh.variants import scaled, shares
from searchsvc.query.tree import (
    All,
    Any,
    Constant,
    DateRange,
    Everything,
    Expansion,
    Near,
    Node,
    Not,
    Nothing,
    Phrase,
    Ranked,
    Value,
    Variants,
    Word,
)
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Buffer, Counts, Facet, Hits, Program, Typed
    from searchsvc.engines.whoosh.operands import Entry, Index
    from searchsvc.engines.whoosh.ordering import Place
    from searchsvc.engines.whoosh.resolving import Expanded
    from searchsvc.query.tree import Position

TEXT, TITLE = Field.TEXT, Field.TITLE
LEMMAS = Stream.LEMMAS
"""An enum's members take 0.1 µs to reach."""

INFINITE = math.inf


class Evaluation:
    """One tree over one index; raises EngineUnavailable when the deadline passes."""

    __slots__ = ("_deadline", "_index", "_node", "_resolved")

    def __init__(self, index: Index, node: Node, deadline: float | None) -> None:
        self._index = index
        self._node = node
        self._deadline = INFINITE if deadline is None else deadline
        self._resolved: Resolved | None = None

    @property
    def resolved(self) -> Resolved:
        """Tell what the positions of the tree stand for; patterns are looked up once."""
        if self._resolved is None:
            self._resolved = Resolved(self._index, checking(self._deadline))
        return self._resolved

    @property
    def truncated(self) -> tuple[str, ...]:
        """List the patterns that fitted more terms than their limit."""
        return () if self._resolved is None else tuple(self._resolved.truncated)

    def search(
        self, place: Place, wanted: int, facets: tuple[Facet, ...] = ()
    ) -> tuple[int, Hits, list[Counts]]:
        """Count what matches and give the first of it after a place; see ``kernel``."""
        order, key, number = place
        try:
            return self._index.whole.search(
                self._root(), order, key, number, wanted, None, facets, self._deadline
            )
        except (TimeoutError, ValueError) as error:
            raise told(error) from error

    def search_twice(
        self,
        shown: int,
        facets: tuple[Facet, ...],
        words: tuple[Typed, ...],
        fresh: tuple[Buffer, ...] | None,
    ) -> tuple[int, Hits, list[Counts], tuple[float, int] | None]:
        """Count what matches and give hits of which the first are ordered anew; see ``kernel``."""
        try:
            return self._index.whole.search_twice(
                self._root(), FIRST, shown, facets, words, MEASURES, fresh, self._deadline
            )
        except (TimeoutError, ValueError) as error:
            raise told(error) from error

    def matching(self) -> Scored:
        """Give all living documents that match, by number in the generation."""
        try:
            return self._matching(self._root())
        except (TimeoutError, ValueError) as error:
            raise told(error) from error

    def among(self, node: Node, number: int, docs: NDArray[np.int32]) -> Scored:
        """Give those of some living documents of a segment (ascending) that a part matches."""
        base = np.int32(self._index.bases[number])
        both = (kernel.SET, docs + base, None), self._program(node)
        found, scores = self._matching((ALL, both, (), (), False, 0, 0))
        return Scored(found - base, scores)

    def _matching(self, program: Program) -> Scored:
        numbers, scores = self._index.whole.matching(program, self._deadline)
        return Scored(np.frombuffer(numbers, np.int32), np.frombuffer(scores, np.float32))

    def _root(self) -> Program:
        node, index = self._node, self._index
        known = lay(TREE, node, index.lemmas, index.titles)
        if known is not None:
            return known
        program: Program = PROGRAMS[node.__class__](self, node)
        return program if program[0] >= ALL else (ANY, (program,))

    def _program(self, node: Node) -> Program:
        return PROGRAMS[node.__class__](self, node)

    def _word(self, node: Word) -> Program:
        entry = self._index.titled(node) if node.field is TITLE else self._index.word(node)
        if node.weight == 1 or entry.program is NOTHING:
            return entry.program
        return kernel.WORD, entry.weight * node.weight, entry.item[0]

    def _expansion(self, node: Expansion) -> Program:
        if node.field is TITLE:
            expanded = self.resolved.of(node)
            return kernel.TITLE, expanded.weight, expanded.item[1]
        known = self._index.patterns.get(node)
        if known is not None and not known.truncated:
            return known.program
        return self.resolved.of(node).program

    def _phrase(self, node: Phrase) -> Program:
        return self._spans(node.items, -1, node)

    def _near(self, node: Near) -> Program:
        if len(node.items) == 2:
            one, two = node.items
            if one.__class__ is not Phrase and two.__class__ is not Phrase:
                return self._spans((one, two), node.distance, node)  # type: ignore[arg-type]
        return self._placed(node)

    def _spans(self, items: Sequence[Position], distance: int, leaf: Phrase | Near) -> Program:
        if not items:
            return NOTHING
        if items[0].field is TITLE:
            return self._placed(leaf)
        read: list[Entry | Expanded] = []
        lemmas = self._index.lemmas
        for item in items:
            if item.__class__ is Word:
                plain = item.stream is LEMMAS and item.field is TEXT
                entry = lemmas.get(item.terms) if plain else None
                read.append(entry or self._index.word(item))
            else:
                read.append(self.resolved.of(item))  # type: ignore[arg-type]
        return SPANS, weight_of(read), distance, tuple([one.item for one in read])

    def _placed(self, leaf: Phrase | Near) -> Program:
        """Find what the kernel has no loop for."""
        return placed(self.resolved, leaf, self._matching, self._deadline)

    def _value(self, node: Value) -> Program:
        columns = [segment.ordinals[node.field.value] for segment in self._index.segments]
        found = [(column, column.values.find(node.value)) for column in columns]
        rows = [(own.starts, own.ordinals, at) if at >= 0 else None for own, at in found]
        return (kernel.VALUE, tuple(rows)) if any(rows) else NOTHING

    def _constant(self, node: Constant) -> Program:
        """Finish what is scored by one number: mostly the few articles with all the words."""
        found, _ = self._matching((ANY, (self._program(node.child),)))
        return kernel.SET, found, np.full(found.size, node.score, np.float32)

    def _words(self, children: Sequence[Node]) -> list[Program] | None:
        """Lay out what mostly is asked, plain words; None where there is anything else."""
        programs, lemmas = [], self._index.lemmas
        for child in children:
            if child.__class__ is not Word:
                return None
            plain = child.stream is LEMMAS and child.field is TEXT and child.weight == 1
            entry = lemmas.get(child.terms) if plain else None
            programs.append(self._word(child) if entry is None else entry.program)
        return programs

    def _any(self, node: Any) -> Program:
        programs = self._words(node.children)
        if programs is None:
            programs = [self._program(child) for child in node.children]
        if NOTHING in programs:
            programs = [one for one in programs if one is not NOTHING]
        return ANY, tuple(programs)

    def _variants(self, node: Variants) -> Program:
        pairs = zip(node.children, shares(node.children, self.resolved.weight), strict=True)
        return kernel.BEST, tuple(scaled(self._program(child), own) for child, own in pairs)

    def _all(self, node: All) -> Program:
        must = self._words(node.children)
        if must is None:
            return self._branch(node)
        if NOTHING in must:
            return NOTHING
        return must[0] if len(must) == 1 else (ALL, tuple(must), (), (), False, 0, 0)

    def _ranked(self, node: Ranked) -> Program:
        """Lay out what is mostly asked, words and what only ranks.

        What only ranks is taken for alternatives where it is in no other articles: bounds leave
        most of a disjunction unscored.
        """
        must = node.must
        children = must.children if isinstance(must, (All, Any)) else (must,)
        words = self._words(children)
        if words is None and (must.__class__ is not Any or len(children) < 2):
            return self._branch(node)
        needed = [self._program(child) for child in children] if words is None else words
        if NOTHING in needed:
            if must.__class__ is not Any:
                return NOTHING
            needed = [one for one in needed if one is not NOTHING]
        if len(needed) > 1 and must.__class__ is Any and not stand_in(node.should, children):
            return self._branch(node)
        added = self._wished(node.should)
        if len(needed) > 1 and must.__class__ is Any:
            return ANY, (*needed, *added)
        return (ALL, tuple(needed), tuple(added), (), False, 0, 0) if needed else NOTHING

    def _wished(self, children: Sequence[Node]) -> list[Program]:
        """Lay out what only ranks, mostly words in titles and two words side by side."""
        programs = [self._program(child) for child in children]
        return [one for one in programs if one is not NOTHING]

    def _branch(self, node: Node) -> Program:
        clauses = Clauses()
        self._require(node, clauses)
        return clauses.program()

    def _require(self, node: Node, clauses: Clauses) -> None:
        """Add a node as what must match."""
        kind = node.__class__
        if kind is Word:
            clauses.must.append(self._word(node))  # type: ignore[arg-type]
        elif isinstance(node, All):
            for child in node.children:
                self._require(child, clauses)
        elif isinstance(node, Ranked):
            self._require(node.must, clauses)
            clauses.should += [self._program(child) for child in node.should]
        elif isinstance(node, DateRange):
            clauses.restrict(node)
        elif isinstance(node, Not):
            clauses.without.append(self._program(node.child))
        elif isinstance(node, Nothing):
            clauses.empty = True
        elif not isinstance(node, Everything):
            clauses.must.append(self._program(node))


PROGRAMS: dict[type, Callable[..., Program]] = {
    Word: Evaluation._word,
    Expansion: Evaluation._expansion,
    Phrase: Evaluation._phrase,
    Near: Evaluation._near,
    Value: Evaluation._value,
    Any: Evaluation._any,
    Constant: Evaluation._constant,
    Variants: Evaluation._variants,
    All: Evaluation._all,
    Ranked: Evaluation._ranked,
    **dict.fromkeys((Not, DateRange, Everything, Nothing), Evaluation._branch),
}
"""What makes a program of each kind of node."""
