"""Evaluation of a tree: the program it makes for the kernel, segment by segment.

In: a neutral tree and an index. Out: totals and the best documents. Words are looked up, branches
are laid out as the kernel takes them; what it has no loop for (proximities of three words, what
stands in titles, phrases inside proximities) becomes a finished set here.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import kernel
from searchsvc.engines.whoosh.clauses import Clauses
from searchsvc.engines.whoosh.deadlines import TOO_LONG, checking
from searchsvc.engines.whoosh.resolving import Resolved, positions_of
from searchsvc.engines.whoosh.sets import Scored
from searchsvc.engines.whoosh.spans import leaf_spans
from searchsvc.engines.whoosh.variants import scaled, shares
from searchsvc.errors import EngineUnavailable, IndexDamaged
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
    Value,
    Variants,
    Word,
)
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Buffer, Column, Counts, Hits, Program
    from searchsvc.engines.whoosh.operands import Entry, Index
    from searchsvc.engines.whoosh.resolving import Expanded
    from searchsvc.query.tree import Position

TEXT, TITLE = Field.TEXT, Field.TITLE
LEMMAS, FORMS = Stream.LEMMAS, Stream.FORMS
PREFIX = ExpansionKind.PREFIX
"""An enum's members are a little slow to reach."""


class Evaluation:
    """One tree over one index; raises EngineUnavailable when the deadline passes."""

    def __init__(self, index: Index, node: Node, deadline: float | None) -> None:
        self._index = index
        self._node = node
        self._deadline = math.inf if deadline is None else deadline
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
        self,
        number: int,
        order: int,
        after: tuple[float, int],
        wanted: int,
        folded: Buffer | None = None,
        facets: tuple[Column, ...] = (),
    ) -> tuple[int, Hits, list[Counts]]:
        """Count what matches in a segment and give the first of it; see ``kernel``."""
        try:
            program = self._root(number)
            return self._index.segments[number].searched.search(
                program, order, *after, wanted, folded, facets, self._deadline
            )
        except (TimeoutError, ValueError) as error:
            raise told(error) from error

    def matching(self, number: int) -> Scored:
        """Give all living documents of a segment that match."""
        try:
            program = self._root(number)
            found = self._index.segments[number].searched.matching(program, self._deadline)
        except (TimeoutError, ValueError) as error:
            raise told(error) from error
        docs, scores = found
        return Scored(np.frombuffer(docs, np.int32), np.frombuffer(scores, np.float32))

    def among(self, node: Node, number: int, docs: NDArray[np.int32]) -> Scored:
        """Give those of some living documents (ascending) that match a part of the tree."""
        program = self._program(node, number)
        if program is kernel.NOTHING:
            return Scored(docs[:0], np.zeros(0, np.float32))
        both = (kernel.SET, docs, None), program
        together = (kernel.ALL, both, (), (), False, 0, 0)
        searched = self._index.segments[number].searched
        found, scores = searched.matching(together, self._deadline)
        return Scored(np.frombuffer(found, np.int32), np.frombuffer(scores, np.float32))

    def _root(self, number: int) -> Program:
        program = self._program(self._node, number)
        return program if program[0] >= kernel.ALL else (kernel.ANY, (program,))

    def _program(self, node: Node, number: int) -> Program:
        return PROGRAMS[node.__class__](self, node, number)

    def _entry(self, word: Word) -> Entry:
        """Look a word up; most are lemmas of the text that were asked for before."""
        if word.stream is LEMMAS and word.field is TEXT:
            return self._index.lemmas.get(word.terms) or self._index.word(word)
        return self._index.word(word)

    def _word(self, node: Word, number: int) -> Program:
        entry = self._entry(node)
        if node.field is TITLE:
            return kernel.TITLE, entry.weight * node.weight, entry.items[number][1]
        if node.weight == 1:
            return entry.programs[number]
        one, _ = entry.items[number]
        if one is None:
            return kernel.NOTHING
        return kernel.WORD, entry.weight * node.weight, one

    def _expansion(self, node: Expansion, number: int) -> Program:
        if node.kind is PREFIX and self._index.simple and node.field is not TITLE:
            field = self._index.segments[number].field(node.field, FORMS)
            numbers = field.lexicon.prefixed(node.pattern)
            low, high = numbers.start, numbers.stop
            if high - low <= node.limit:
                weight = self._index.idf(field.articles(low, high))
                return kernel.WIDE, weight, ((field.number, low, high, None),)
        expanded = self.resolved.of(node)
        if node.field is TITLE:
            return kernel.TITLE, expanded.weight, self.resolved.terms(node, number)
        parts = tuple(chosen.part() for chosen in expanded.rows[number])
        return kernel.WIDE, expanded.weight, parts

    def _phrase(self, node: Phrase, number: int) -> Program:
        return self._spans(node.items, -1, node, number)

    def _near(self, node: Near, number: int) -> Program:
        if len(node.items) == 2 and not any(isinstance(item, Phrase) for item in node.items):
            return self._spans(node.items, node.distance, node, number)  # type: ignore[arg-type]
        return self._placed(node, number)

    def _spans(
        self, items: Sequence[Position], distance: int, leaf: Phrase | Near, number: int
    ) -> Program:
        if not items:
            return kernel.NOTHING
        if items[0].field is TITLE:
            return self._placed(leaf, number)
        read = [
            self._entry(item) if item.__class__ is Word else self.resolved.of(item)  # type: ignore[arg-type]
            for item in items
        ]
        rows = tuple([one.items[number] for one in read])
        for one, _ in rows:
            if one is None:
                return kernel.NOTHING
        return kernel.SPANS, weight_of(read), distance, rows

    def _placed(self, leaf: Phrase | Near, number: int) -> Program:
        """Find what the kernel has no loop for."""
        items = list(positions_of(leaf))
        weight = weight_of([self.resolved.read(item) for item in items])
        searched = self._index.segments[number].searched
        rows = [self.resolved.read(item).items[number][0] for item in items]
        if None in rows:
            return kernel.NOTHING
        words = ((kernel.WORD, 1.0, one) for one in rows)
        together = (kernel.ALL, tuple(words), (), (), False, 0, 0)
        docs, _ = searched.matching(together, self._deadline)
        among = np.frombuffer(docs, np.int32)
        spans = leaf_spans(self.resolved, number, leaf, among, self._check)
        counted = [np.unique(part.docs(), return_counts=True) for part in spans]
        found, counts = min(counted, key=lambda pair: pair[0].size)
        return kernel.SET, found, self._scores(number, found, counts, weight)

    def _scores(
        self, number: int, docs: NDArray[np.int32], counts: NDArray[np.int64], weight: float
    ) -> NDArray[np.float32]:
        lengths = self._index.segments[number].column("lengths")[docs]
        codes = np.minimum(counts, 255) << 8 | lengths
        scores: NDArray[np.float32] = np.float32(weight) * self._index.impacts[codes]
        return scores

    def _check(self) -> None:
        if time.monotonic() > self._deadline:
            raise TimeoutError

    def _value(self, node: Value, number: int) -> Program:
        column = self._index.segments[number].ordinals[node.field.value]
        ordinal = column.values.find(node.value)
        if ordinal < 0:
            return kernel.NOTHING
        return kernel.VALUE, column.starts, column.ordinals, ordinal

    def _constant(self, node: Constant, number: int) -> Program:
        """Finish what is scored by one number: mostly the few articles with all the words."""
        program = (kernel.ANY, (self._program(node.child, number),))
        docs, _ = self._index.segments[number].searched.matching(program, self._deadline)
        found = np.frombuffer(docs, np.int32)
        return kernel.SET, found, np.full(found.size, node.score, np.float32)

    def _any(self, node: Any, number: int) -> Program:
        programs = [self._program(child, number) for child in node.children]
        return kernel.ANY, tuple([one for one in programs if one is not kernel.NOTHING])

    def _variants(self, node: Variants, number: int) -> Program:
        pairs = zip(node.children, shares(node.children, self.resolved.weight), strict=True)
        return kernel.BEST, tuple(scaled(self._program(child, number), own) for child, own in pairs)

    def _all(self, node: All, number: int) -> Program:
        """Lay out what mostly is asked, plain words, without more ado."""
        must = []
        for child in node.children:
            if child.__class__ is not Word:
                return self._branch(node, number)
            program = self._word(child, number)
            if program is kernel.NOTHING:
                return program
            must.append(program)
        return must[0] if len(must) == 1 else (kernel.ALL, tuple(must), (), (), False, 0, 0)

    def _branch(self, node: Node, number: int) -> Program:
        clauses = Clauses()
        self._require(node, number, clauses)
        return clauses.program()

    def _require(self, node: Node, number: int, clauses: Clauses) -> None:
        """Add a node as what must match."""
        kind = node.__class__
        if kind is Word:
            clauses.must.append(self._word(node, number))  # type: ignore[arg-type]
        elif isinstance(node, All):
            for child in node.children:
                self._require(child, number, clauses)
        elif isinstance(node, Ranked):
            self._require(node.must, number, clauses)
            clauses.should += [self._program(child, number) for child in node.should]
        elif isinstance(node, DateRange):
            clauses.restrict(node)
        elif isinstance(node, Not):
            clauses.without.append(self._program(node.child, number))
        elif isinstance(node, Nothing):
            clauses.empty = True
        elif not isinstance(node, Everything):
            clauses.must.append(self._program(node, number))


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
    **dict.fromkeys((Ranked, Not, DateRange, Everything, Nothing), Evaluation._branch),
}
"""What makes a program of each kind of node."""


def weight_of(read: Sequence[Entry | Expanded]) -> float:
    """Add up the idf of different positions: of equal words once."""
    if len(read) == 2 and read[0] is not read[1]:
        return read[0].weight + read[1].weight
    return sum({id(one): one.weight for one in read}.values())


def told(error: TimeoutError | ValueError) -> EngineUnavailable | IndexDamaged:
    """Tell a reader what came of an evaluation, in an error of the engine's."""
    if isinstance(error, TimeoutError):
        return EngineUnavailable(TOO_LONG)
    return IndexDamaged(f"{error}; run `make index` (searchsvc index)")
