"""Random calls of segments: programs of every node, orders, places, facets, positions.

Terms are objects of the kernel that made them, so a call names them and is resolved for each;
calls of the same segments share them, as queries do.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from random_segments import DAYS, GROUPS

from searchsvc.engines.whoosh.buffers import SIGNED
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
    from collections.abc import Callable, Sequence

    from random_segments import Made, Opened

    from searchsvc.engines.whoosh.kernel import (
        Buffer,
        Column,
        Facet,
        Part,
        Program,
        Segment,
        Whole,
    )

PATIENCE = 600.0
"""Seconds that calls may take, of which some are made at once; none comes near."""


class Named(NamedTuple):
    """A term by its field, number and segment."""

    field: Any
    number: Any
    segment: Any = 0


class United(NamedTuple):
    """The union of some terms."""

    terms: tuple[Named, ...]
    segment: Any = 0


class Titled(NamedTuple):
    """Where any of some terms stands in titles."""

    terms: tuple[Named, ...]
    segment: Any = 0


class Typing(NamedTuple):
    """A typed word by what it is made of."""

    arguments: tuple[Any, ...]


class Call(NamedTuple):
    """A method of the whole, or of one segment, and what it is called with."""

    name: str
    arguments: tuple[Any, ...]
    segment: int | None = None

    def of(self, opened: Opened) -> Any:
        """Call it."""
        called = opened.whole if self.segment is None else opened.segments[self.segment]
        arguments = resolved(self.arguments, opened.segments, opened.terms, opened.whole)
        return getattr(called, self.name)(*arguments)


def resolved(
    value: Any,
    segments: Sequence[Segment],
    terms: dict[Any, Any],
    whole: Whole | None = None,
) -> Any:
    """Put segments' own terms where they are named, and typed words where they are described.

    Those of before are in ``terms``.
    """
    if isinstance(value, Typing) and whole is not None:
        return whole.typed(*value.arguments)
    if isinstance(value, (Named, Titled, United)):
        if value.segment not in range(len(segments)):
            raise ValueError("there is no such segment")
        own = segments[value.segment]
        if isinstance(value, Named):
            return _term(value, own, terms)
        return _made(value, own, resolved(tuple(value.terms), segments, terms), terms)
    if isinstance(value, tuple):
        return tuple(resolved(part, segments, terms, whole) for part in value)
    return value


def _term(name: Named, own: Segment, terms: dict[Named, Any]) -> Any:
    if not type(name.field) is type(name.number) is type(name.segment) is int:
        return own.term(name.field, name.number)
    if name not in terms:
        terms[name] = own.term(name.field, name.number)
    return terms[name]


def _made(name: United | Titled, own: Segment, rows: tuple[Any, ...], terms: dict[Any, Any]) -> Any:
    """Make one term of several, once for each that are the same, as queries do."""
    key = type(name), name.segment, tuple(map(id, rows))
    if key not in terms:
        if isinstance(name, Titled):
            whole = rows[0] if len(rows) == 1 else _made(United(*name), own, rows, terms)
            terms[key] = rows, own.in_titles(rows, whole)
        else:
            terms[key] = rows, own.union(rows)
    return terms[key][1]


class Calls:
    """Makes calls of segments and of their whole from a source of chance."""

    def __init__(self, some: Sequence[Made], chance: np.random.Generator) -> None:
        self._chance = chance
        self._some = some
        self._size = sum(made.size for made in some)
        self._grouped = all(made.arguments[6] is not None for made in some)
        self._names = [
            [
                Named(field, number, place)
                for field, count in enumerate(made.terms)
                for number in range(count)
            ]
            for place, made in enumerate(some)
        ]
        self._leaves: list[Callable[[], Program]] = [self._value, self._set]
        if any(self._names):
            self._leaves += [self._word] * 6 + [self._wide, self._title, self._spans, self._spans]

    def any(self) -> Call:
        """Make a call of any method."""
        whole = [self._search, self._search, self._search, self.twice, self._matching]
        number = self._below(len(whole) + 2)
        if number < len(whole):
            return whole[number]()
        place = self._below(len(self._some))
        if not self._names[place]:
            return self._matching()
        one = (self._positions, self._living)[number - len(whole)]
        return one(place)

    def _living(self, place: int) -> Call:
        return Call("living", (self._part(place),), place)

    def _search(self) -> Call:
        order = int(self._chance.choice((0, 0, 0, 1, -1)))
        if self._grouped and not self._below(6):
            return Call("groups_until", (self._root(), order, *self._after(), self._later()))
        wanted = int(self._chance.choice((0, 1, 3, 10, 11, 40, self._size, 3 * self._size)))
        folded = self._folded() if self._grouped and not self._below(3) else None
        facets = tuple(self._facet() for _ in range(self._below(3)))
        arguments = (self._root(), order, *self._after(), wanted, folded, facets, self._later())
        return Call("search", arguments)

    def _matching(self) -> Call:
        return Call("matching", (self._root(), self._later()))

    def _positions(self, place: int) -> Call:
        terms = tuple(self._name(place) for _ in range(self._below(4)))
        docs = self._docs(self._some[place].size)
        return Call("positions", (terms, docs, self._later()), place)

    def twice(self) -> Call:
        """Make a call of two passes."""
        first, shown = (int(self._chance.choice((0, 1, 10, 40, 3 * self._size))) for _ in range(2))
        facets = tuple(self._facet() for _ in range(self._below(3)))
        words = tuple(self._typed() for _ in range(self._below(5)))
        lead, window, gap = (int(self._chance.choice((0, 1, 3, 40, 2**31 - 1))) for _ in range(3))
        measures = (self._weight(), lead, window, gap)
        fresh = self._each(self._fresh) if self._below(2) else None
        asked = (self._root(), first, shown, facets, words, measures, fresh, self._later())
        return Call("search_twice", asked)

    def _typed(self) -> Typing:
        parts = (self._each(self._part), self._each(self._part), self._each(self._part))
        weights = (self._weight(), self._weight(), self._weight(), self._weight())
        return Typing((*parts, *weights))

    def _fresh(self, place: int) -> Buffer:
        return self._chance.integers(0, 3, self._some[place].size).astype(np.float32) / 2

    def _root(self) -> Program:
        kind = self._below(5)
        if kind == 4 and any(self._names):
            return self._ranked()
        if kind == 0:
            return (ANY, (self._leaf(),))
        if kind == 1:
            return (ANY, tuple(self._leaf() for _ in range(self._below(6))))
        return self._branch(3)

    def _ranked(self) -> Program:
        """Ask for words, and for phrases of them and for titles that only rank, as services do."""
        items = [self._item() for _ in range(1 + self._below(4))]
        words = tuple((WORD, self._weight(), item[0]) for item in items)
        if not self._below(3):
            titles = tuple(self._titled(items[0]) for _ in range(self._below(3)))
            return (ALL, words[:1], titles, (), False, 0, 0)
        wishes = tuple(self._wish(items) for _ in range(self._below(6)))
        if self._below(2):
            return (ANY, words + wishes)
        without = self._nodes(2, 1) if not self._below(4) else ()
        return (ALL, words, wishes, without, not self._below(4), -DAYS, 2 * DAYS)

    def _wish(self, items: list[tuple[Any, ...]]) -> Program:
        chosen = tuple(items[self._below(len(items))] for _ in range(2 + self._below(2)))
        kind = self._below(6)
        if kind < 2:
            return (SPANS, self._weight(), -1, chosen)
        if kind == 2:
            return (SPANS, self._weight(), int(self._chance.choice((1, 5, 300))), chosen[:2])
        if kind == 3:
            return self._leaf()
        return self._titled(chosen[0])

    def _titled(self, item: tuple[Any, ...]) -> Program:
        rows = enumerate(item[1])
        return (WORD, self._weight(), tuple(Titled(t, at) if t else None for at, t in rows))

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
        return (WORD, self._weight(), self._each(self._term))

    def _title(self) -> Program:
        return (TITLE, self._weight(), self._each(self._few))

    def _spans(self) -> Program:
        pair = self._below(2)
        items = tuple(self._item() for _ in range(2 if pair else 1 + self._below(4)))
        distance = int(self._chance.choice((0, 1, 2, 5, 300, 2**40))) if pair else -1
        return (SPANS, self._weight(), distance, items)

    def _item(self) -> tuple[Any, ...]:
        rows = self._each(self._few)
        return tuple(self._as_one(row, place) for place, row in enumerate(rows)), rows

    def _as_one(self, terms: tuple[Named, ...], place: int) -> Named | United | None:
        if not terms:
            return None
        return terms[0] if len(terms) == 1 and self._below(2) else United(terms, place)

    def _wide(self) -> Program:
        return (WIDE, self._weight(), self._each(self._parts))

    def _parts(self, place: int) -> tuple[Part, ...]:
        return tuple(self._part(place) for _ in range(self._below(3)))

    def _part(self, place: int) -> Part:
        terms = self._some[place].terms
        field = self._below(len(terms))
        low, high = sorted(self._chance.integers(0, terms[field] + 1, 2).tolist())
        numbers = np.arange(low, high, 1 + self._below(2)).astype(np.uint32)
        return (field, low, high, None) if self._below(2) else (field, 0, 0, numbers)

    def _value(self) -> Program:
        return (VALUE, self._each(self._carried))

    def _carried(self, place: int) -> tuple[Any, ...] | None:
        starts, ordinals, values = self._column(place)
        return (starts, ordinals, self._below(values + 2)) if self._below(5) else None

    def _facet(self) -> Facet:
        values = 1 + self._below(9)
        return values, self._each(lambda place: self._counted(place, values))

    def _counted(self, place: int, values: int) -> Column | None:
        if not self._below(5):
            return None
        starts, ordinals, own = self._column(place)
        if own <= values and self._below(2):
            return starts, ordinals, None
        return starts, ordinals, self._chance.integers(0, values, own).astype(np.int32)

    def _set(self) -> Program:
        docs = self._docs(self._size)
        scores = self._chance.random(docs.size).astype(np.float32)
        return (SET, docs, scores if self._below(2) else None)

    def _column(self, place: int) -> tuple[Buffer | None, Buffer, int]:
        values, size = 1 + self._below(5), self._some[place].size
        width = SIGNED[1 << self._below(3)]
        if self._below(2):
            return None, self._chance.integers(-1, values, size).astype(width), values
        starts = np.zeros(size + 1, np.int64)
        np.cumsum(self._chance.integers(0, 3, size), out=starts[1:])
        return starts, self._chance.integers(0, values, starts[-1]).astype(width), values

    def _docs(self, size: int) -> np.ndarray[Any, np.dtype[np.int32]]:
        share = self._chance.choice((0.0, 0.01, 0.2, 0.95))
        return np.flatnonzero(self._chance.random(size) < share).astype(np.int32)

    def _each(self, make: Callable[[int], Any]) -> tuple[Any, ...]:
        """Make something for each segment."""
        return tuple(make(place) for place in range(len(self._some)))

    def _name(self, place: int) -> Named:
        return self._names[place][self._below(len(self._names[place]))]

    def _few(self, place: int) -> tuple[Named, ...]:
        """Name one to three terms of a segment; sometimes none, as it may lack a word."""
        if not self._names[place] or (len(self._some) > 1 and not self._below(5)):
            return ()
        return tuple({self._name(place): None for _ in range(1 + self._below(3))})

    def _term(self, place: int) -> Named | Titled | United | None:
        terms = self._few(place)
        if not terms:
            return None
        made = (United(terms, place), Titled(terms, place), *[terms[0]] * 4)
        return made[self._below(len(made))]

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
