"""Many terms at once in numpy, by number: their postings gathered, for wide words.

In: parts of wide words, as ``kernel`` describes them. Out: one posting list of each word, kept.
"""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from searchsvc.engines.whoosh import unpacking
from searchsvc.engines.whoosh.buffers import DAMAGED, array_of, in_time
from searchsvc.engines.whoosh.documents import CHUNK, arrays_of, documents
from searchsvc.engines.whoosh.packing import RARE
from searchsvc.engines.whoosh.portable_terms import LARGEST, TITLE_WEIGHT, Term, united
from searchsvc.engines.whoosh.sets import spread
from searchsvc.engines.whoosh.unpacking import TF, TITLE_TF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Buffer, Part, Parts
    from searchsvc.engines.whoosh.portable_segment import Segment
    from searchsvc.engines.whoosh.unpacking import Packed

    Docs = NDArray[np.signedinteger]
    Numbers = NDArray[np.int64]
    Counts = NDArray[np.int32]

WEIGHTED = (TF + TITLE_WEIGHT * TITLE_TF).astype(np.int32)
"""What nibbles weigh; the rare ones are looked up."""


HELD_POSTINGS = 500_000
"""Postings of wide words that a segment keeps before a new start, fourteen bytes each."""

AT_ONCE = 500_000
"""Postings of many terms that are counted together, some 60 bytes each. «заголовок:п*» has 30
million of a million articles."""

POSTINGS_OF_WORD = 60
"""What a word takes besides, were it postings: 661 bytes with a single one."""


class Wides:
    """The wide words of a segment that were asked for."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._held: dict[Any, Term] = {}
        self._postings = 0

    def of(self, parts: Parts, deadline: float) -> Term:
        """Make one posting list of all terms of some parts, once; raises ValueError, TimeoutError.

        A prefix of 200 forms takes .3 ms to be read where 5,000 articles have them.
        """
        key = tuple([_key(*part) for part in parts])
        found = self._held.get(key)
        if found is None:
            lists = self._postings_of(parts, deadline)
            found = Term(self._segment, *united(self._segment.size, lists))
            if self._postings > HELD_POSTINGS:
                self._held, self._postings = {}, 0
            self._held[key] = found
            self._postings += found.articles + POSTINGS_OF_WORD
        return found

    def _postings_of(self, parts: Parts, deadline: float) -> Iterator[tuple[Docs, Counts]]:
        for part in parts:
            in_time(deadline)
            yield from postings_of(self._segment, part)


def postings_of(segment: Segment, part: Part) -> Iterator[tuple[Docs, Counts]]:
    """Give the postings of a part, many at a time: documents, and how much each weighs.

    Raises ValueError. A document comes once for each of the terms that it has.
    """
    field, _, _, _ = part
    packed = segment.field(field)
    blocks = _blocks(packed, _numbers(packed, part))
    begins, sizes = _extents(packed, blocks)
    larger = np.isin(blocks, packed.large)
    for block in blocks[larger].tolist():
        own = documents(packed, block, block + 1)
        first, last = packed.blocks.item(block), packed.blocks.item(block + 1)
        tf, title_tf = unpacking.frequencies(packed, first, last)
        weighted = np.minimum(tf + TITLE_WEIGHT * title_tf, LARGEST)
        yield _below(own, segment.size), weighted.astype(np.int32)
    if larger.any():
        blocks, begins, sizes = (column[~larger] for column in (blocks, begins, sizes))
    yield _below(arrays_of(packed, blocks), segment.size), _weighted(packed, spread(begins, sizes))


def living(segment: Segment, part: Part, alive: NDArray[np.bool_]) -> Numbers:
    """Count the living documents of each term of a part, all together; raises ValueError.

    One by one 50,000 terms of a document each, as names have, took 3 s.
    """
    field, _, _, _ = part
    packed = segment.field(field)
    counts = [np.zeros(0, np.int64)]
    for terms in in_parts(packed, _numbers(packed, part)):
        _, sizes, docs = documents_of_terms(packed, terms, segment.size)
        counts.append(sums(alive[docs], sizes))
    return np.concatenate(counts)


def in_parts(packed: Packed, terms: Numbers) -> list[Numbers]:
    """Cut terms, so that no part has more than ``AT_ONCE`` postings beside its first term's.

    Raises ValueError.
    """
    _, sizes = _extents(packed, _blocks(packed, terms))
    if packed.lists.size:
        sizes = sums(sizes, packed.lists[terms + 1].astype(np.int64) - packed.lists[terms])
    return np.split(terms, np.diff(np.cumsum(sizes) // AT_ONCE).nonzero()[0] + 1)


def documents_of_terms(packed: Packed, terms: Numbers, bound: int) -> tuple[Numbers, Numbers, Docs]:
    """Give where each term's postings begin, how many it has, and their documents, end to end.

    Raises ValueError; documents are below ``bound``.
    """
    blocks = _blocks(packed, terms)
    begins, sizes = _extents(packed, blocks)
    larger = np.isin(blocks, packed.large)
    docs = np.empty(int(sizes.sum()), np.int64)
    docs[(~larger).repeat(sizes)] = arrays_of(packed, blocks[~larger])
    starts = np.cumsum(sizes) - sizes
    for place in larger.nonzero()[0].tolist():
        block, start = blocks.item(place), starts.item(place)
        docs[start : start + sizes.item(place)] = documents(packed, block, block + 1)
    if packed.lists.size:
        counts = packed.lists[terms + 1].astype(np.int64) - packed.lists[terms]
        sizes, begins = sums(sizes, counts), packed.blocks[packed.lists[terms]].astype(np.int64)
    return begins, sizes, _below(docs, bound)


def sums(numbers: NDArray[np.integer] | NDArray[np.bool_], sizes: Numbers) -> Numbers:
    """Add up numbers that stand end to end, so many at a time."""
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(numbers, dtype=np.int64)))
    ends = np.cumsum(sizes, dtype=np.int64)
    found: Numbers = before[ends] - before[ends - sizes]
    return found


def _extents(packed: Packed, blocks: Numbers) -> tuple[Numbers, Numbers]:
    """Give where the postings of blocks begin, and how many each has."""
    begins, ends = (packed.blocks[chosen].astype(np.int64) for chosen in (blocks, blocks + 1))
    sizes = ends - begins
    if ((sizes < 0) | (sizes > CHUNK) | (ends > packed.postings)).any():
        raise ValueError(DAMAGED)
    return begins, sizes


def _key(field: int, low: int, high: int, numbers: Buffer | None) -> tuple[Any, ...]:
    return field, low, high, None if numbers is None else memoryview(numbers).tobytes()


def _numbers(packed: Packed, part: Part) -> Numbers:
    _, *ends, numbers = part
    count = (packed.lists.size or packed.blocks.size) - 1
    if numbers is not None:
        chosen = array_of(numbers, np.uint32).astype(np.int64)
        _below(chosen, count)
        return chosen
    low, high = map(index, ends)
    if not (low >= 0 and high <= count):
        raise ValueError("there are no such terms")
    return np.arange(min(low, count), max(high, 0))


def _blocks(packed: Packed, terms: Numbers) -> Numbers:
    if not packed.lists.size:
        return terms
    begins, ends = (packed.lists[chosen].astype(np.int64) for chosen in (terms, terms + 1))
    if ((ends < begins) | (ends >= packed.blocks.size)).any():
        raise ValueError(DAMAGED)
    return spread(begins, ends - begins)


def _weighted(packed: Packed, postings: Numbers) -> NDArray[np.int32]:
    """Give what postings weigh, at most as much as counts."""
    nibbles = packed.freqs[postings >> 1] >> ((postings & 1) << 2) & 15
    weighted: NDArray[np.int32] = WEIGHTED[nibbles]
    rare = (nibbles == RARE).nonzero()[0]
    if rare.size:
        wanted = postings[rare]
        found = packed.rare_at.searchsorted(wanted.astype(np.uint32))
        found[found == packed.rare_at.size] = 0
        if not packed.rare_at.size or (packed.rare_at[found] != wanted).any():
            raise ValueError(DAMAGED)
        own = packed.rare_tf[found] + TITLE_WEIGHT * packed.rare_title[found].astype(np.int64)
        weighted[rare] = np.minimum(own, LARGEST)
    return weighted


def _below(numbers: Docs, bound: int) -> Docs:
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < bound:
        raise ValueError(DAMAGED)
    return numbers
