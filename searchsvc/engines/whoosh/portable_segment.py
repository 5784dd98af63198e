"""The arrays of one segment in numpy, and what is read of them without a program.

In: buffers as ``kernel`` describes them. Out: arrays, checked; terms, counts and positions.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from searchsvc.engines.whoosh import unpacking
from searchsvc.engines.whoosh.buffers import DAMAGED, array_of, documents_of, in_time
from searchsvc.engines.whoosh.documents import CHUNK
from searchsvc.engines.whoosh.layout import CODES, SIZES, UNDATED
from searchsvc.engines.whoosh.portable_terms import Term, positions_in
from searchsvc.engines.whoosh.portable_wide import Wides, living
from searchsvc.engines.whoosh.unpacking import Packed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Buffer, Part, Parts


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
        self._wides = Wides(self)

    @cached_property
    def downwards(self) -> NDArray[np.float64]:
        """Give the key of each document from the newest on; undated ones are at infinity."""
        return np.where(self.minute == UNDATED, np.inf, -self.minute.astype(np.float64))

    @cached_property
    def upwards(self) -> NDArray[np.float64]:
        """Give the key of each document from the oldest on; undated ones are at infinity."""
        return np.where(self.minute == UNDATED, np.inf, self.minute.astype(np.float64))

    def impacts(
        self, frequencies: NDArray[np.integer], docs: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Give what weighted frequencies (uint8) in documents are worth."""
        codes = frequencies.astype(np.int64)
        codes <<= 8
        codes |= self.lengths[docs]
        impacts: NDArray[np.float32] = self.table[codes]
        return impacts

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

    def in_titles(self, terms: tuple[Any, ...], whole: Any, /) -> Term:
        """Make one posting list of where any of some terms stands in titles."""
        _own(self, whole)
        return self.titled(terms)

    def titled(self, terms: tuple[Any, ...]) -> Term:
        """Make the same without what the terms' union is worth there."""
        return Term.titled(self, [_own(self, term) for term in terms])

    def wide(self, parts: Parts, deadline: float) -> Term:
        """Make one posting list of all terms of some parts; it has no positions."""
        return self._wides.of(parts, deadline)

    def living(self, part: Part, /) -> bytes:
        """Count for each term of a part of a wide word the living documents that have it."""
        alive = np.ones(self.size, np.bool_) if self.dead is None else ~self.dead
        return living(self, part, alive).astype(np.int32).tobytes()

    def positions(self, terms: tuple[Any, ...], docs: Buffer, deadline: float, /) -> list[bytes]:
        """Give where each term stands in documents, ``document << 32 | position``."""
        among = documents_of(docs, self.size)
        found = []
        for term in terms:
            in_time(deadline)
            found.append(positions_in(_own(self, term), among).tobytes())
        return found


def _field(parts: tuple[Any, ...], size: int) -> Packed:
    kinds = unpacking.DTYPES.values()
    arrays = [array_of(part, kind) for part, kind in zip(parts, kinds, strict=True)]
    found = Packed(*arrays)
    whole = size <= CHUNK
    if whole and (found.lists.size or found.chunks.size):
        raise ValueError(DAMAGED)
    unpacking.check(found, whole=whole)
    return found


def _own(segment: Segment, term: Any) -> Term:
    if not isinstance(term, Term) or term.segment is not segment:
        raise TypeError("a word is made of terms of its segment")
    return term
