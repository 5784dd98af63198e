"""The kernel in numpy: what takes over without a compiler, and the compiled kernel's oracle.

What everything means is said in ``kernel``. Every node of a program becomes a set of documents with
scores; nothing is left out by bounds, so it is slower and plain. Damage that this does not read
(rank directories, for one) it does not find.
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from searchsvc.engines.whoosh import unpacking
from searchsvc.engines.whoosh.buffers import DAMAGED, array_of, documents_of, in_time
from searchsvc.engines.whoosh.layout import CODES, SIZES, UNDATED
from searchsvc.engines.whoosh.packing import CHUNK
from searchsvc.engines.whoosh.portable_columns import chosen_values
from searchsvc.engines.whoosh.portable_lexicon import find
from searchsvc.engines.whoosh.portable_nodes import Nodes, chosen_terms
from searchsvc.engines.whoosh.portable_second_pass import Words, ordered_anew
from searchsvc.engines.whoosh.portable_terms import Term, positions_in
from searchsvc.engines.whoosh.unpacking import Packed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import (
        Buffer,
        Counts,
        Facet,
        Hits,
        Measures,
        Part,
        Program,
        Typed,
    )
    from searchsvc.engines.whoosh.sets import Scored

__all__ = ["Segment", "Term", "Whole", "find"]


class Segment:
    """The arrays of one segment."""

    def __init__(
        self,
        size: int,
        table: Buffer,
        lengths: Buffer,
        fields: tuple[Any, ...],
        titles: tuple[Buffer, Buffer],
        dates: tuple[Buffer, Buffer, Buffer],
        group: Buffer | None,
        dead: Buffer | None,
        /,
    ) -> None:
        if not 0 <= size < SIZES:
            raise ValueError("a segment has from 0 to 2^31 documents")
        self.size = size
        self.table = array_of(table, np.float32, CODES)
        self.lengths = array_of(lengths, np.uint8, size)
        if not (np.isfinite(self.table).all() and (self.table >= 0).all()):
            raise ValueError("an impact is a number from 0 on")
        made, tokens = titles
        self.title_made = array_of(made, np.uint8, size)
        self.title_tokens = array_of(tokens, np.int32, size)
        first, last, minute = dates
        self.first_day = array_of(first, np.int32, size)
        self.last_day = array_of(last, np.int32, size)
        self.minute = array_of(minute, np.int64, size)
        self.group = None if group is None else array_of(group, np.int32, size)
        self.dead = None if dead is None else array_of(dead, np.uint8, size) != 0
        self._fields = tuple(_field(parts, size) for parts in fields)

    def field(self, number: int) -> Packed:
        """Give a field by its number; raises ValueError."""
        if not 0 <= number < len(self._fields):
            raise ValueError("there is no such field")
        return self._fields[number]

    def term(self, field: int, number: int, /) -> Term:
        """Check a posting list."""
        return Term.read(self, self.field(field), number)

    def union(self, terms: tuple[Any, ...], /) -> Term:
        """Make one posting list of several."""
        return Term.union(self, [_own(self, term) for term in terms])

    def living(self, part: Part, /) -> bytes:
        """Count for each term of a part of a wide word the living documents that have it."""
        alive = np.ones(self.size, np.bool_) if self.dead is None else ~self.dead
        counts = [np.count_nonzero(alive[term.docs]) for term in chosen_terms(self, part)]
        return np.array(counts, np.int32).tobytes()

    def positions(self, terms: tuple[Any, ...], docs: Buffer, deadline: float, /) -> list[bytes]:
        """Give where each term stands in documents, ``document << 32 | position``."""
        among = documents_of(docs, self.size)
        found = []
        for term in terms:
            in_time(deadline)
            found.append(positions_in(_own(self, term), among).tobytes())
        return found


class Found(NamedTuple):
    """What matches, by number in the whole and by document in each segment."""

    numbers: NDArray[np.int32]
    scores: NDArray[np.float32]
    parts: tuple[Scored, ...]


class Whole:
    """Segments that are searched as one."""

    def __init__(self, segments: tuple[Segment, ...], /) -> None:
        if not isinstance(segments, tuple) or not all(isinstance(one, Segment) for one in segments):
            raise TypeError("a whole is made of segments")
        self._segments = segments
        self._bases = tuple(accumulate((segment.size for segment in segments), initial=0))
        if self._bases[-1] >= SIZES:
            raise ValueError("a whole has from 0 to 2^31 documents")

    def search(
        self,
        program: Program,
        order: int,
        key: float,
        number: int,
        wanted: int,
        folded: Buffer | None,
        facets: tuple[Facet, ...],
        deadline: float,
        /,
    ) -> tuple[int, Hits, list[Counts]]:
        """Count the living documents that match, and give the first of them after a place."""
        if wanted < 0 or order not in {-1, 0, 1}:
            raise ValueError("there is no such order, or number of hits")
        found = self._matching(program, deadline)
        keys = self._keys(found, order)
        places = np.flatnonzero(_later(keys, found.numbers, (key, number)))
        if folded is None and 0 < wanted < places.size:
            places = places[_among_first(keys[places], wanted)]
        places = places[np.lexsort((found.numbers[places], keys[places]))]
        if folded is not None:
            places = _unfolded(self._groups(found), places, array_of(folded, np.int32))
        places = places[:wanted]
        columns = (keys[places], found.numbers[places], found.scores[places])
        hits = list(zip(*(column.tolist() for column in columns), strict=True))
        return found.numbers.size, hits, [self._counts(found, facet) for facet in facets]

    @np.errstate(over="ignore", invalid="ignore")
    def search_twice(
        self,
        program: Program,
        first: int,
        shown: int,
        facets: tuple[Facet, ...],
        words: tuple[Typed, ...],
        measures: Measures,
        fresh: tuple[Buffer, ...] | None,
        deadline: float,
        /,
    ) -> tuple[int, Hits, list[Counts], tuple[float, int] | None]:
        """Count what matches, and give hits of which the first by score are ordered anew."""
        if first < 0 or shown < 0:
            raise ValueError("there is no such number of hits")
        place = (-math.inf, -1)
        wanted = max(first, shown)
        total, hits, counts = self.search(program, 0, *place, wanted, None, facets, deadline)
        block, rest = hits[:first], hits[first:]
        asked = Words(words, measures, fresh, deadline)
        ordered = ordered_anew(self._segments, self._bases, block, asked)
        edge = block[-1][:2] if block else None
        return total, [*ordered, *rest][:shown], counts, edge

    def matching(self, program: Program, deadline: float, /) -> tuple[bytes, bytes]:
        """Give all living documents that match, and their scores."""
        found = self._matching(program, deadline)
        return found.numbers.tobytes(), found.scores.tobytes()

    def groups_until(
        self, program: Program, order: int, key: float, number: int, deadline: float, /
    ) -> set[int]:
        """Give the groups of the living documents that match and do not come after a place."""
        found = self._matching(program, deadline)
        earlier = ~_later(self._keys(found, order), found.numbers, (key, number))
        groups = self._groups(found)[earlier]
        return {group for group in groups.tolist() if group >= 0}

    @np.errstate(over="ignore", invalid="ignore")
    def _matching(self, program: Program, deadline: float) -> Found:
        parts = []
        for number, segment in enumerate(self._segments):
            found = Nodes(self._segments, self._bases, number, deadline).root(program)
            if segment.dead is not None:
                found = found.at(~segment.dead[found.docs])
            parts.append(found)
        bases = zip(parts, self._bases, strict=False)
        numbers = _joined([part.docs + np.int32(base) for part, base in bases], np.int32)
        return Found(numbers, _joined([part.scores for part in parts], np.float32), tuple(parts))

    def _keys(self, found: Found, order: int) -> NDArray[np.float64]:
        if not order:
            return -found.scores.astype(np.float64)
        pairs = zip(self._segments, found.parts, strict=True)
        minutes = _joined([segment.minute[part.docs] for segment, part in pairs], np.int64)
        return np.where(minutes == UNDATED, np.inf, minutes * np.float64(order))

    def _groups(self, found: Found) -> NDArray[np.int32]:
        groups = []
        for segment, part in zip(self._segments, found.parts, strict=True):
            if segment.group is None:
                raise ValueError("a segment has no groups")
            groups.append(segment.group[part.docs])
        return _joined(groups, np.int32)

    def _counts(self, found: Found, facet: Facet) -> Counts:
        values, columns = facet
        rows = zip(self._segments, found.parts, columns, strict=True)
        chosen = [chosen_values(own.size, part.docs, column, values) for own, part, column in rows]
        counts = np.bincount(_joined(chosen, np.int32), minlength=1)
        present = np.flatnonzero(counts)
        ordered = present[np.argsort(-counts[present], kind="stable")]
        return list(zip(ordered.tolist(), counts[ordered].tolist(), strict=True))


def _field(parts: tuple[Any, ...], size: int) -> Packed:
    kinds = unpacking.DTYPES.values()
    arrays = [array_of(part, kind) for part, kind in zip(parts, kinds, strict=True)]
    found = Packed(*arrays)
    whole = size <= CHUNK
    if whole and (found.lists.size or found.chunks.size):
        raise ValueError(DAMAGED)
    unpacking.check(found, whole=whole)
    return found


def _joined(parts: list[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, kind), *parts])


def _unfolded(
    every: NDArray[np.int32], places: NDArray[np.int64], folded: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Keep the first of each group in the order of places, and what has no group."""
    groups = every[places]
    first = np.zeros(places.size, np.bool_)
    first[np.unique(groups, return_index=True)[1]] = True
    return places[(groups < 0) | (first & ~np.isin(groups, folded))]


def _own(segment: Segment, term: Any) -> Term:
    if not isinstance(term, Term) or term.segment is not segment:
        raise TypeError("a word is made of terms of its segment")
    return term


def _among_first(keys: NDArray[np.float64], wanted: int) -> NDArray[np.bool_]:
    """Tell which keys are not behind the last of the wanted."""
    border = np.partition(keys, wanted - 1)[wanted - 1]
    first: NDArray[np.bool_] = keys <= border
    return first


def _later(
    keys: NDArray[np.float64], docs: NDArray[np.int32], after: tuple[float, int]
) -> NDArray[np.bool_]:
    key, number = after
    if math.isnan(key):
        return np.zeros(keys.size, np.bool_)
    number = max(-1, min(number, SIZES))
    later: NDArray[np.bool_] = (keys > key) | ((keys == key) & (docs > number))
    return later
