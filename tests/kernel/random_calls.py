"""Random calls of a segment: programs of every node, orders, places, facets, positions.

Terms are objects of the kernel that made them, so a call names them and is resolved for each.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from random_segments import DAYS, GROUPS

from searchsvc.engines.whoosh.kernel import (
    ALL,
    ANY,
    BEST,
    SET,
    SPANS,
    TITLE,
    VALUE,
    WIDE,
    WORD,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from random_segments import Made

    from searchsvc.engines.whoosh.kernel import Column, Part, Program, Segment, Typed

PATIENCE = 600.0
"""Seconds that calls may take, of which some are made at once; none comes near."""


class Named(NamedTuple):
    """A term by its field and number."""

    field: Any
    number: Any


class United(NamedTuple):
    """The union of some terms."""

    terms: tuple[Named, ...]


class Call(NamedTuple):
    """A method of a segment and what it is called with."""

    name: str
    arguments: tuple[Any, ...]

    def of(self, segment: Segment) -> Any:
        """Call it."""
        return getattr(segment, self.name)(*resolved(self.arguments, segment))


def resolved(value: Any, segment: Segment) -> Any:
    """Put a segment's own terms where they are named."""
    if isinstance(value, Named):
        return segment.term(*value)
    if isinstance(value, United):
        return segment.union(resolved(tuple(value.terms), segment))
    if isinstance(value, tuple):
        return tuple(resolved(part, segment) for part in value)
    return value


class Calls:
    """Makes calls of one segment from a source of chance."""

    def __init__(self, made: Made, chance: np.random.Generator) -> None:
        self._chance = chance
        self._size = made.size
        self._grouped = made.arguments[6] is not None
        self._names = [
            Named(field, number)
            for field, count in enumerate(made.terms)
            for number in range(count)
        ]
        self._terms = made.terms
        self._leaves: list[Callable[[], Program]] = [self._value, self._set]
        if self._names:
            self._leaves += [self._word] * 6 + [self._wide, self._title, self._spans, self._spans]

    def any(self) -> Call:
        """Make a call of any method."""
        make = [self._search, self._search, self._search, self._matching]
        if self._names:
            make += [self._positions, self._living, self._rescored]
        return make[self._below(len(make))]()

    def _living(self) -> Call:
        return Call("living", (self._part(),))

    def _search(self) -> Call:
        order = int(self._chance.choice((0, 0, 0, 1, -1)))
        if self._grouped and not self._below(6):
            return Call("groups_until", (self._root(), order, *self._after(), self._later()))
        wanted = int(self._chance.choice((0, 1, 3, 10, 11, 40, self._size, 3 * self._size)))
        folded = self._folded() if self._grouped and not self._below(3) else None
        facets = tuple(self._column() for _ in range(self._below(3)))
        arguments = (self._root(), order, *self._after(), wanted, folded, facets, self._later())
        return Call("search", arguments)

    def _matching(self) -> Call:
        return Call("matching", (self._root(), self._later()))

    def _positions(self) -> Call:
        terms = tuple(self._name() for _ in range(self._below(4)))
        return Call("positions", (terms, self._docs(), self._later()))

    def _rescored(self) -> Call:
        base = int(self._chance.choice((0, 7, 70_000)))
        docs = self._chance.permutation(self._docs()[:200]).tolist()
        hits = [(0.0, base + doc, self._score()) for doc in docs]
        words = tuple(self._typed() for _ in range(self._below(5)))
        lead, window, gap = (int(self._chance.choice((0, 1, 3, 40, 2**31 - 1))) for _ in range(3))
        measures = (self._weight(), lead, window, gap)
        return Call("rescored", (hits, base, words, measures, self._later()))

    def _typed(self) -> Typed:
        parts = (self._part(), self._part(), self._part())
        return (*parts, self._weight(), self._weight(), self._weight(), self._weight())

    def _score(self) -> float:
        """Draw a score; some are equal."""
        return float(np.float32(self._below(9)) / np.float32(3))

    def _root(self) -> Program:
        kind = self._below(4)
        if kind == 0:
            return (ANY, (self._leaf(),))
        if kind == 1:
            return (ANY, tuple(self._leaf() for _ in range(self._below(6))))
        return self._branch(3)

    def _branch(self, depth: int) -> Program:
        kind = (ALL, ALL, ANY, BEST)[self._below(4)]
        if kind != ALL:
            return (kind, self._nodes(5, depth))
        low, high = self._chance.integers(-DAYS, 2 * DAYS, 2).tolist()
        dated = not self._below(3)
        parts = (self._nodes(4, depth), self._nodes(3, depth), self._nodes(2, depth))
        return (ALL, *parts, dated, low, high)

    def _nodes(self, most: int, depth: int) -> tuple[Program, ...]:
        return tuple(self._node(depth - 1) for _ in range(self._below(most)))

    def _node(self, depth: int) -> Program:
        return self._branch(depth) if depth and self._below(4) == 0 else self._leaf()

    def _leaf(self) -> Program:
        return self._leaves[self._below(len(self._leaves))]()

    def _word(self) -> Program:
        return (WORD, self._weight(), self._term())

    def _title(self) -> Program:
        return (TITLE, self._weight(), self._some(3))

    def _spans(self) -> Program:
        pair = self._below(2)
        items = tuple(self._item() for _ in range(2 if pair else 1 + self._below(4)))
        distance = int(self._chance.choice((0, 1, 2, 5, 300, 2**40))) if pair else -1
        return (SPANS, self._weight(), distance, items)

    def _item(self) -> tuple[Any, ...]:
        terms = self._some(3)
        one = terms[0] if len(terms) == 1 and self._below(2) else United(terms)
        return one, terms

    def _wide(self) -> Program:
        return (WIDE, self._weight(), tuple(self._part() for _ in range(1 + self._below(2))))

    def _part(self) -> Part:
        field = self._below(len(self._terms))
        low, high = sorted(self._chance.integers(0, self._terms[field] + 1, 2).tolist())
        numbers = np.arange(low, high, 1 + self._below(2)).astype(np.uint32)
        return (field, low, high, None) if self._below(2) else (field, 0, 0, numbers)

    def _value(self) -> Program:
        starts, ordinals, values = self._column()
        return (VALUE, starts, ordinals, self._below(values + 2))

    def _set(self) -> Program:
        docs = self._docs()
        scores = self._chance.random(docs.size).astype(np.float32)
        return (SET, docs, scores if self._below(2) else None)

    def _column(self) -> Column:
        values = 1 + self._below(5)
        if self._below(2):
            ordinals = self._chance.integers(-1, values, self._size).astype(np.int32)
            return None, ordinals, values
        starts = np.zeros(self._size + 1, np.int64)
        np.cumsum(self._chance.integers(0, 3, self._size), out=starts[1:])
        return starts, self._chance.integers(0, values, starts[-1]).astype(np.int32), values

    def _docs(self) -> np.ndarray[Any, np.dtype[np.int32]]:
        share = self._chance.choice((0.0, 0.01, 0.2, 0.95))
        return np.flatnonzero(self._chance.random(self._size) < share).astype(np.int32)

    def _name(self) -> Named:
        return self._names[self._below(len(self._names))]

    def _some(self, most: int) -> tuple[Named, ...]:
        return tuple({self._name(): None for _ in range(1 + self._below(most))})

    def _term(self) -> Named | United:
        return United(self._some(3)) if not self._below(4) else self._name()

    def _folded(self) -> np.ndarray[Any, np.dtype[np.int32]]:
        return np.flatnonzero(self._chance.random(GROUPS) < 0.3).astype(np.int32)

    def _after(self) -> tuple[float, int]:
        number = int(self._chance.choice((-1, 0, self._size // 2, self._size, 2**62)))
        key = float(self._chance.choice((-math.inf, -2.5, -0.75, 0.0, 3.0, math.inf, math.nan)))
        return (-math.inf, -1) if self._below(2) else (key, number)

    def _below(self, bound: int) -> int:
        return int(self._chance.integers(bound))

    def _weight(self) -> float:
        return float(self._chance.choice((1.0, 0.0, 2.5, 11.1)))

    def _later(self) -> float:
        return time.monotonic() + PATIENCE
