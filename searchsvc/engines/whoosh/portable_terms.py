"""Posting lists in numpy, for the portable kernel: checked when made, kept as arrays.

An occurrence is one 64-bit key, ``document << 32 | position``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import unpacking
from searchsvc.engines.whoosh.buffers import DAMAGED
from searchsvc.engines.whoosh.packing import CHUNK, FRAME, MARGIN, RARE
from searchsvc.engines.whoosh.sets import counted, places, spread
from searchsvc.engines.whoosh.unpacking import TF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.portable_segment import Segment
    from searchsvc.engines.whoosh.unpacking import Packed

    Docs = NDArray[np.signedinteger]
    Numbers = NDArray[np.int64]

LARGEST = 255
TITLE_WEIGHT = 2

DOC_SHIFT = 32


class Term:
    """A posting list whose every posting was checked; ``field`` is None if it is a union.

    With its positions, kept once they were asked for, it takes about thirty bytes a posting.
    """

    def __init__(
        self,
        segment: Segment,
        docs: Numbers,
        weighted: Numbers,
        field: Packed | None = None,
        first: int = 0,
        title_tf: Numbers | None = None,
        united: tuple[Term, ...] = (),
    ) -> None:
        self.segment = segment
        self.docs = docs
        self.weighted = np.minimum(weighted, LARGEST).astype(np.uint8)
        codes = self.weighted.astype(np.int64) << 8 | segment.lengths[docs]
        self.impacts: NDArray[np.float32] = segment.table[codes]
        self.field = field
        self.first = first
        self.title_tf = None if title_tf is None else title_tf.astype(np.uint16)
        self._united = united

    @classmethod
    def read(cls, segment: Segment, field: Packed, number: int) -> Term:
        """Check a term of a field; raises ValueError."""
        first, last = _blocks(field, number)
        begin, end = field.blocks.item(first), field.blocks.item(last)
        docs = _documents(field, first, last, segment.size)
        tf, title_tf = unpacking.frequencies(field, begin, end)
        weighted = np.minimum(tf + TITLE_WEIGHT * title_tf, LARGEST)
        if not weighted.all():
            raise ValueError(DAMAGED)
        return cls(segment, docs, weighted, field, begin, title_tf)

    @classmethod
    def union(cls, segment: Segment, terms: Sequence[Term]) -> Term:
        """Make one of several."""
        return cls(segment, *united(segment.size, terms), united=tuple(terms))

    @cached_property
    def keys(self) -> Numbers:
        """Give where it stands, or where any of those that it unites do; raises ValueError."""
        if self.field is None:
            return distinct([term.keys for term in self._united])
        last = self.first + self.docs.size
        counts = unpacking.frequencies(self.field, self.first, last)[0]
        values = unpacking.positions(self.field, self.first, last)
        return (self.docs << DOC_SHIFT).repeat(counts) | values

    def keys_in(self, among: Numbers) -> Numbers:
        """Give where it stands in some of its own documents (sorted, distinct)."""
        if among.size == self.docs.size:
            return self.keys
        chosen = self.docs.searchsorted(among)
        begins, ends = self._begins[chosen], self._begins[chosen + 1]
        return self.keys[spread(begins, ends - begins)]

    @cached_property
    def _begins(self) -> Numbers:
        """Give where the keys of each document begin, and where the last one's end."""
        begins = self.keys.searchsorted(self.docs << DOC_SHIFT)
        return np.append(begins, self.keys.size)

    def in_titles(self) -> NDArray[np.uint16]:
        """Give how often it stands in titles that weigh more; raises ValueError for a union."""
        if self.title_tf is None:
            raise ValueError("a union has no titles")
        return self.title_tf

    @property
    def articles(self) -> int:
        """How many documents have it."""
        return self.docs.size


def united(size: int, terms: Sequence[Term]) -> tuple[Numbers, Numbers]:
    """Give the documents that have any of the terms, and their frequencies added up."""
    present = np.zeros(size, np.bool_)
    tf = np.zeros(size, np.int64)
    for term in terms:
        present[term.docs] = True
        tf[term.docs] += term.weighted
    docs = np.flatnonzero(present)
    return docs, tf[docs]


def _blocks(field: Packed, number: int) -> tuple[int, int]:
    terms = (field.lists.size or field.blocks.size) - 1
    if not 0 <= number < terms:
        raise ValueError(DAMAGED)
    first, last = unpacking.blocks_of(field, number, number + 1)
    if not 0 <= first <= last < field.blocks.size:
        raise ValueError(DAMAGED)
    ends = field.blocks[first : last + 1].astype(np.int64)
    sizes = np.diff(ends)
    if sizes.size and not 0 <= sizes.min() <= sizes.max() <= CHUNK:
        raise ValueError(DAMAGED)
    if ends.item(-1) > field.postings:
        raise ValueError(DAMAGED)
    return first, last


def _documents(field: Packed, first: int, last: int, size: int) -> Numbers:
    docs = unpacking.documents(field, first, last).astype(np.int64)
    if docs.size and not (docs[0] >= 0 and docs[-1] < size and (docs[1:] > docs[:-1]).all()):
        raise ValueError(DAMAGED)
    return docs


def positions_in(term: Term, among: Docs) -> Numbers:
    """Give where a term stands in documents (sorted, distinct): one key an occurrence."""
    if term.field is None:
        raise ValueError("a union has no positions")
    chosen = places(term.docs, among)[0]
    return _keys(term.field, term.docs[chosen], chosen + term.first)


def positions_of_term(segment: Segment, field: Packed, number: int, among: Docs) -> Numbers:
    """Give where a term of a field stands in documents, without checking its whole list."""
    first, last = _blocks(field, number)
    docs = _documents(field, first, last, segment.size)
    chosen = places(docs, among)[0]
    return _keys(field, docs[chosen], chosen + field.blocks.item(first))


def _keys(field: Packed, docs: Numbers, postings: Numbers) -> Numbers:
    values, counts = positions_of(field, postings)
    return (docs << DOC_SHIFT).repeat(counts) | values


def distinct(parts: Sequence[Numbers]) -> Numbers:
    """Put places of several terms into one ascending list, each once."""
    if len(parts) == 1:
        return parts[0]
    keys = np.concatenate([np.zeros(0, np.int64), *parts])
    keys.sort(kind="stable")
    return counted(keys)[0]


def positions_of(field: Packed, postings: Numbers) -> tuple[NDArray[np.uint32], Numbers]:
    """Give the positions of postings (ascending), end to end, and how many each has.

    Raises ValueError where they lie outside the field's.
    """
    if not postings.size:
        return np.zeros(0, np.uint32), postings
    frames, rows = np.unique(postings // FRAME, return_inverse=True)
    members = np.minimum(frames[:, None] * FRAME + np.arange(FRAME), field.postings - 1)
    tf = _frequencies(field, members)
    within = postings % FRAME
    before = (np.cumsum(tf, axis=1) - tf)[rows, within]
    counts = tf[rows, within]
    widths = field.widths[frames].astype(np.int64)[rows]
    bits = field.frames[frames].astype(np.int64)[rows] * 8 + before * widths
    ends = bits + counts * widths
    limit = (field.positions.size - MARGIN) * 8
    if ((widths < 1) | (widths > 32) | (ends > limit)).any():
        raise ValueError(DAMAGED)
    every = np.repeat(bits, counts) + spread(np.zeros_like(counts), counts) * np.repeat(
        widths, counts
    )
    gaps = unpacking.gathered(field.positions, every, np.repeat(widths, counts))
    return unpacking.summed(gaps, counts), counts


def _frequencies(field: Packed, postings: Numbers) -> Numbers:
    nibbles = field.freqs[postings >> 1] >> ((postings & 1) << 2).astype(np.uint8) & 15
    tf = TF[nibbles]
    rare = nibbles == RARE
    wanted = postings[rare]
    found = np.searchsorted(field.rare_at, wanted)
    found[found == field.rare_at.size] = 0
    if wanted.size and (not field.rare_at.size or (field.rare_at[found] != wanted).any()):
        raise ValueError(DAMAGED)
    if wanted.size:
        tf[rare] = field.rare_tf[found]
    counts: Numbers = tf
    return counts
