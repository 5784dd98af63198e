"""Posting lists in numpy, for the portable kernel: checked when made, kept as arrays.

An occurrence is one 64-bit key, ``document << 32 | position``.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import unpacking
from searchsvc.engines.whoosh.buffers import DAMAGED
from searchsvc.engines.whoosh.documents import CHUNK, documents
from searchsvc.engines.whoosh.portable_positions import positions_of
from searchsvc.engines.whoosh.portable_sets import Matched, counted, found_in
from searchsvc.engines.whoosh.sets import spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.portable_segment import Segment
    from searchsvc.engines.whoosh.unpacking import Packed

    Docs = NDArray[np.signedinteger]
    Numbers = NDArray[np.int64]
    Frequencies = NDArray[np.integer]
    Scores = NDArray[np.float32]

LARGEST = 255
TITLE_WEIGHT = 2

DOC_SHIFT = 32
FARTHEST = (1 << DOC_SHIFT) - 1

APART = 33
"""In the places of words a document has one bit more: nothing is within 2^32 of another one's."""

FREQUENT = 16
"""A word that one in so many documents has keeps its frequencies by document as well: a byte each,
so at most sixteen bytes a posting."""

FEW = 64
"""The scores of so few documents are looked up one by one."""


class Term:
    """A posting list whose every posting was checked; ``field`` is None if it is a union.

    It takes ten bytes a posting, four more for its scores once they were asked for, eight more and
    eight for each place once places were, and what ``FREQUENT`` says.
    """

    def __init__(
        self,
        segment: Segment,
        docs: Numbers,
        weighted: Frequencies,
        field: Packed | None = None,
        first: int = 0,
        title_tf: Numbers | None = None,
        united: tuple[Term, ...] = (),
    ) -> None:
        self.segment = segment
        self.docs = docs
        self.weighted = np.minimum(weighted, LARGEST).astype(np.uint8)
        self.field = field
        self.first = first
        self.title_tf = None if title_tf is None else np.minimum(title_tf, LARGEST).astype(np.uint8)
        self._united = united
        self._matched: tuple[float, Matched] | None = None

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
        lists = [(term.docs, term.weighted) for term in terms]
        return cls(segment, *united(segment.size, lists), united=tuple(terms))

    @classmethod
    def titled(cls, segment: Segment, terms: Sequence[Term]) -> Term:
        """Make one of where several stand in titles; raises ValueError for a union."""
        counts = np.zeros(segment.size, np.int64)
        for term in terms:
            titled = term.in_titles()
            counts[term.docs] += titled
            made = term.docs[(segment.title_made[term.docs] > 0) & (titled == 0)]
            keys = positions_in(term, made)
            docs = keys >> DOC_SHIFT
            inside = (keys & FARTHEST) < segment.title_tokens[docs]
            counts += np.bincount(docs[inside], minlength=segment.size)
        found = np.flatnonzero(counts)
        worth = np.where(segment.title_made[found] > 0, 1, 3)
        return cls(segment, found, np.minimum(counts[found], LARGEST) * worth)

    def matched(self, weight: float) -> Matched:
        """Give its documents with their scores, kept for the weight that was asked for last."""
        known = self._matched
        if known is not None and known[0] == weight:
            return known[1]
        checked = checked_weight(weight)
        scores = checked * self.segment.impacts(self.weighted, self.docs)
        if self.by_document is None:
            found = Matched(self.docs, scores)
        else:
            found = Frequent(self, self.by_document, scores, checked)
        self._matched = (weight, found)
        return found

    @cached_property
    def by_document(self) -> NDArray[np.uint8] | None:
        """Give its weighted frequency in every document of the segment; None if it is rare."""
        size = self.segment.size
        if self.docs.size * FREQUENT < size:
            return None
        table = np.zeros(size, np.uint8)
        table[self.docs] = self.weighted
        return table

    def has(self, docs: Numbers) -> NDArray[np.bool_]:
        """Tell which of some documents have it."""
        if self.by_document is None:
            return found_in(docs, self.docs)
        found: NDArray[np.bool_] = self.by_document[docs] != 0
        return found

    @cached_property
    def keys(self) -> Numbers:
        """Give its places, ``document << 33 | position``, or those of all that it unites."""
        if self.field is None:
            return distinct([term.keys for term in self._united])
        last = self.first + self.docs.size
        counts, values = unpacking.occurrences(self.field, self.first, last)
        return (self.docs << APART).repeat(counts) | values

    def keys_of(self, postings: Numbers) -> Numbers:
        """Give its places in some of its documents, by their rows."""
        begins = self._begins[postings]
        return self.keys[spread(begins, self._begins[postings + 1] - begins)]

    @cached_property
    def _begins(self) -> Numbers:
        """Give where the keys of each document begin, and where the last one's end."""
        return np.append(self.keys.searchsorted(self.docs << APART), self.keys.size)

    def in_titles(self) -> NDArray[np.uint8]:
        """Give how often it stands in titles that weigh more; raises ValueError for a union."""
        if self.title_tf is None:
            raise ValueError("a union has no titles")
        return self.title_tf

    @property
    def articles(self) -> int:
        """How many documents have it."""
        return self.docs.size


class Frequent(Matched):
    """The documents of a frequent word: looked up in a table instead of a list."""

    __slots__ = ("_frequencies", "_segment", "_weight")

    def __init__(
        self, term: Term, frequencies: NDArray[np.uint8], scores: Scores, weight: np.float32
    ) -> None:
        super().__init__(term.docs, scores)
        self._segment = term.segment
        self._frequencies = frequencies
        self._weight = weight

    def has(self, docs: Numbers) -> NDArray[np.bool_]:
        """Tell which of some documents match."""
        found: NDArray[np.bool_] = self._frequencies[docs] != 0
        return found

    def scores_of(self, docs: Numbers) -> Scores:
        """Give the scores of some documents that match."""
        if docs.size <= FEW or docs.size == self.docs.size:
            return super().scores_of(docs)
        scores: Scores = self._weight * self._segment.impacts(self._frequencies[docs], docs)
        return scores


def checked_weight(weight: float) -> np.float32:
    """Give a weight as it counts; raises ValueError."""
    checked = np.float32(weight)
    if not (checked >= 0 and math.isfinite(checked)):
        raise ValueError("a weight is a number from 0 on")
    return checked


def united(
    size: int, lists: Iterable[tuple[Docs, Frequencies]]
) -> tuple[Numbers, NDArray[np.int32]]:
    """Give the documents of any of some lists, and their weighted frequencies added up."""
    tf = np.zeros(size, np.int32)
    for docs, weighted in lists:
        np.add.at(tf, docs, weighted)
    found = (tf > 0).nonzero()[0]
    return found, tf[found]


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
    docs = documents(field, first, last).astype(np.int64)
    if docs.size and not (docs[0] >= 0 and docs[-1] < size and (docs[1:] > docs[:-1]).all()):
        raise ValueError(DAMAGED)
    return docs


def positions_in(term: Term, among: Docs) -> Numbers:
    """Give where a term stands in documents (sorted, distinct): one key an occurrence."""
    if term.field is None:
        raise ValueError("a union has no positions")
    chosen = found_in(term.docs, among).nonzero()[0]
    return _keys(term.field, term.docs[chosen], chosen + term.first)


def positions_of_term(segment: Segment, field: Packed, number: int, among: Docs) -> Numbers:
    """Give where a term of a field stands in documents, without checking its whole list."""
    first, last = _blocks(field, number)
    docs = _documents(field, first, last, segment.size)
    chosen = found_in(docs, among).nonzero()[0]
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
