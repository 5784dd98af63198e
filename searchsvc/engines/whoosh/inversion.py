"""Inversion: from the terms of texts to posting lists.

In: terms in runs, in any order. Out: for each term its documents in order, how often it stands in
each and in its title, and its positions; range of terms by range of terms, so that what is done
with them stays in the processor's caches. ``_inversion`` deals occurrences out by term, 7 times as
fast as sorting by one 64-bit key each, which is the way without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.packing import Postings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from numpy.typing import NDArray

try:
    from searchsvc.engines.whoosh import _inversion

    compiled: ModuleType | None = _inversion
except ImportError:
    compiled = None

PIECE = 200_000
"""Occurrences whose postings are made at once, or one term's: 1 MB an array. Arrays of 8 million,
whose pages the system fills with zeros first, took twice as long."""


WIDE = 32
"""Bits of positions where an occurrence takes 64."""


class Targets(NamedTuple):
    """For each number of a run the terms it stands for: ``terms[begins[n] : begins[n + 1]]``."""

    begins: NDArray[np.int32]
    terms: NDArray[np.int32]


class Runs(NamedTuple):
    """Numbers one after another: in which document, from which position on, how many."""

    docs: NDArray[np.int32]
    starts: NDArray[np.int32]
    sizes: NDArray[np.int32]


def invert(
    numbers: NDArray[np.int32],
    runs: Runs,
    titles: NDArray[np.int32],
    term_count: int,
    targets: Targets | None = None,
    *,
    piece: int = PIECE,
) -> Iterator[Postings]:
    """Make posting lists, some terms at a time; what stands twice in one place is kept once.

    The first ``titles`` positions of each document count as its title's. A number is a term, or
    with ``targets`` stands for any number of terms. Postings are good until the next ones.
    """
    targets = targets or one_each(term_count)
    if compiled is None:
        rows = expanded(numbers, runs, targets)
        return iter((inverted_portably(*rows, titles),) if rows[0].size else ())
    return _inverted(compiled, numbers, runs, titles, term_count, targets, piece)


def _inverted(
    compiled: ModuleType,
    numbers: NDArray[np.int32],
    runs: Runs,
    titles: NDArray[np.int32],
    term_count: int,
    targets: Targets,
    piece: int,
) -> Iterator[Postings]:
    numbers, titles, *several = (
        np.ascontiguousarray(each, np.int32) for each in (numbers, titles, *runs, *targets)
    )
    starts = np.empty(term_count + 1, np.int64)
    bits = _position_bits(runs, titles.size)
    width = np.uint64 if bits == WIDE else np.uint32
    dealt = np.empty(compiled.count(numbers, *several[3:], starts), width)
    compiled.deal(bits, (numbers, *several, titles, starts, dealt))
    ranges = list(_ranges(starts, piece))
    room = max((int(starts[last] - starts[first]) for first, last in ranges), default=0)
    docs, tf, title_tf = np.empty((3, room), np.int32)
    places = np.empty(room, np.uint32)
    for first, last in ranges:
        sizes = np.empty(last - first, np.int32)
        arrays = (starts, titles, dealt, sizes, docs, tf, title_tf, places)
        count, kept = compiled.collect(first, last, bits, arrays)
        terms = np.repeat(np.arange(first, last, dtype=np.int32), sizes)
        yield Postings(terms, docs[:count], tf[:count], title_tf[:count], places[:kept])


def _position_bits(runs: Runs, documents: int) -> int:
    """Tell how many bits of an occurrence are its position: with the document's they are 32 or 64.

    Half of the memory counts more than anything else: its pages are filled with zeros first.
    """
    ends = runs.starts.astype(np.int64) + runs.sizes
    bits = max(int(ends.max(initial=0)).bit_length(), 1)
    return bits if bits + documents.bit_length() <= WIDE else WIDE


def _ranges(starts: NDArray[np.int64], piece: int) -> Iterator[tuple[int, int]]:
    """Cut terms into ranges of so many occurrences at most, or one term."""
    first, end = 0, starts.size - 1
    while first < end:
        last = int(np.searchsorted(starts, starts[first] + piece, "right")) - 1
        last = min(max(last, first + 1), end)
        yield first, last
        first = last


def one_each(count: int) -> Targets:
    """Let each number stand for itself."""
    numbers = np.arange(count + 1, dtype=np.int32)
    return Targets(numbers, numbers[:-1])


def expanded(
    numbers: NDArray[np.int32], runs: Runs, targets: Targets
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Write down terms, documents and positions one by one; raises ValueError."""
    if int(runs.sizes.sum(dtype=np.int64)) != numbers.size:
        raise ValueError("arrays do not fit together")
    before = np.cumsum(runs.sizes, dtype=np.int64) - runs.sizes
    docs = np.repeat(runs.docs, runs.sizes)
    positions = np.arange(numbers.size) + np.repeat(runs.starts - before, runs.sizes)
    repeats = np.diff(targets.begins)[numbers]
    within = np.arange(int(repeats.sum())) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    chosen = np.repeat(targets.begins[numbers], repeats) + within
    places = np.repeat(positions.astype(np.int32), repeats)
    return targets.terms[chosen], np.repeat(docs, repeats), places


def inverted_portably(
    terms: NDArray[np.int32],
    docs: NDArray[np.int32],
    positions: NDArray[np.int32],
    titles: NDArray[np.int32],
) -> Postings:
    """Sort triples into posting lists; equal triples are kept once."""
    terms, docs, positions = _sorted(terms, docs, positions)
    fresh = _changes(terms) | _changes(docs) | _changes(positions)
    terms, docs, positions = terms[fresh], docs[fresh], positions[fresh]
    heads = np.flatnonzero(_changes(terms) | _changes(docs))
    in_title = positions < titles[docs]
    return Postings(
        terms=terms[heads],
        docs=docs[heads],
        tf=np.diff(np.append(heads, terms.size)).astype(np.int32),
        title_tf=np.add.reduceat(in_title, heads, dtype=np.int32),
        positions=positions.astype(np.uint32),
    )


def _sorted(
    terms: NDArray[np.int32], docs: NDArray[np.int32], positions: NDArray[np.int32]
) -> tuple[NDArray[np.int32], ...]:
    columns = (terms, docs, positions)
    widths = [int(column.max(initial=0)).bit_length() for column in columns]
    if sum(widths) > 64:
        order = np.lexsort((positions, docs, terms))
        return tuple(column[order] for column in columns)
    key = np.zeros(terms.size, np.uint64)
    for column, width in zip(columns, widths, strict=True):
        key <<= np.uint64(width)
        key |= column.astype(np.uint64)
    key.sort()
    return tuple(_unpacked(key, widths))


def _unpacked(key: NDArray[np.uint64], widths: list[int]) -> Iterator[NDArray[np.int32]]:
    right = sum(widths)
    for width in widths:
        right -= width
        yield ((key >> np.uint64(right)) & np.uint64((1 << width) - 1)).astype(np.int32)


def _changes(values: NDArray[np.int32]) -> NDArray[np.bool_]:
    changed = np.ones(values.size, np.bool_)
    np.not_equal(values[1:], values[:-1], out=changed[1:])
    return changed
