"""Evaluation of a tree: what it asks the kernel, segment by segment.

In: a neutral tree and the segments of one generation. Out: totals and the wanted documents with
their scores. Leaves become posting lists, phrases and nested branches become finished sets, and
one call for each segment combines them; nothing is approximate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import sets
from searchsvc.engines.whoosh.deadlines import checking
from searchsvc.engines.whoosh.operands import Leaves
from searchsvc.engines.whoosh.resolving import Resolved
from searchsvc.engines.whoosh.sets import Scored
from searchsvc.errors import EngineUnavailable, IndexDamaged
from searchsvc.query.tree import (
    All,
    Any,
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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searchsvc.engines.whoosh.kernel import Operand, Order, Range
    from searchsvc.engines.whoosh.operands import Statistics
    from searchsvc.engines.whoosh.segment import Segment

FIRST_ORDINAL = 719163
"""``date(1970, 1, 1).toordinal()``."""

EARLIEST, LATEST = -(2**31) + 1, 2**31 - 1

BY_SCORE: Order = (None, 1)
ANYWHERE = (-math.inf, -1)


@dataclass(slots=True)
class Clauses:
    """What one call of the kernel combines: operands, and the days that bound it.

    Without operands that must match and without ``either`` every document passes.
    """

    must: list[Operand]
    should: list[Operand]
    without: list[Operand]
    first: int = EARLIEST
    last: int = LATEST
    dated: bool = False
    either: bool = False
    best: bool = False


class Evaluation:
    """One tree over one generation; raises EngineUnavailable when the deadline passes."""

    def __init__(
        self,
        node: Node,
        segments: Sequence[Segment],
        statistics: Statistics,
        deadline: float | None,
    ) -> None:
        self._segments = segments
        self._node = node
        self._statistics = statistics
        self._deadline = math.inf if deadline is None else deadline
        self.resolved = Resolved(node, segments, checking(deadline))
        self._leaves = Leaves(segments, self.resolved, statistics, self._deadline)

    def results(self) -> list[Scored]:
        """Give all living documents that match, by number, segment by segment."""
        return [self.best(number, BY_SCORE, ANYWHERE, -1)[1] for number in range(self._count)]

    @property
    def _count(self) -> int:
        return len(self._segments)

    def best(
        self, number: int, order: Order, after: tuple[float, int], wanted: int
    ) -> tuple[int, Scored]:
        """Give how many living documents of a segment match, and the first of them."""
        try:
            return self._run(self._node, number, order, after, wanted)
        except TimeoutError:
            message = "the query took too long; ask for fewer or rarer words"
            raise EngineUnavailable(message) from None
        except ValueError as error:
            raise IndexDamaged(f"{error}; run `make index` (searchsvc index)") from error

    def _run(
        self, node: Node, number: int, order: Order, after: tuple[float, int], wanted: int
    ) -> tuple[int, Scored]:
        segment = self._segments[number]
        clauses = self._clauses(node, number)
        if clauses is None:
            return 0, sets.nothing()
        mode = "O" if clauses.either else ("A" if clauses.must else "E")
        days: Range = (None, None, 0, 0)
        if clauses.dated:
            columns = (segment.column("first_day"), segment.column("last_day"))
            days = (*columns, clauses.first, clauses.last)
        total, docs, scores = segment.kernel.boolean(
            mode,
            segment.size,
            self._statistics.impacts,
            tuple(clauses.must),
            tuple(clauses.should),
            tuple(clauses.without),
            days,
            segment.deleted if segment.has_deletions else None,
            order,
            after,
            wanted,
            clauses.best,
            self._deadline,
        )
        return total, Scored(np.frombuffer(docs, np.int32), np.frombuffer(scores, np.float32))

    def _clauses(self, node: Node, number: int) -> Clauses | None:
        """Lay a node out for the kernel; None if it cannot match."""
        clauses = Clauses([], [], [])
        if isinstance(node, (All, Ranked, Not, DateRange, Everything, Nothing)):
            return clauses if self._require(node, number, clauses) else None
        children = node.children if isinstance(node, (Any, Variants)) else (node,)
        clauses.should += [self._operand(child, number) for child in children]
        clauses.either, clauses.best = True, isinstance(node, Variants)
        return clauses

    def _require(self, node: Node, number: int, clauses: Clauses) -> bool:
        """Add a node as what must match; False if it cannot match."""
        if isinstance(node, All):
            return all(self._require(child, number, clauses) for child in node.children)
        if isinstance(node, Ranked):
            clauses.should += [self._operand(child, number) for child in node.should]
            return self._require(node.must, number, clauses)
        if isinstance(node, (DateRange, Not)):
            self._restrict(node, number, clauses)
        elif not isinstance(node, (Everything, Nothing)):
            clauses.must.append(self._operand(node, number))
        return not isinstance(node, Nothing)

    def _restrict(self, node: DateRange | Not, number: int, clauses: Clauses) -> None:
        if isinstance(node, Not):
            clauses.without.append(self._operand(node.child, number))
            return
        clauses.dated = True
        if node.first is not None:
            clauses.first = max(clauses.first, node.first.toordinal() - FIRST_ORDINAL)
        if node.last is not None:
            clauses.last = min(clauses.last, node.last.toordinal() - FIRST_ORDINAL)

    def _operand(self, node: Node, number: int) -> Operand:
        if isinstance(node, (Word, Expansion)):
            return self._leaves.word(node, number)
        if isinstance(node, (Phrase, Near)):
            found = self._leaves.spanned(node, number)
        elif isinstance(node, Value):
            column = self._segments[number].ordinals[node.field.value]
            return 1.0, ((column.docs_with(node.value), None, None),)
        else:
            _, found = self._run(node, number, BY_SCORE, ANYWHERE, -1)
        return 1.0, ((found.docs, None, found.scores),)
