"""Inversion: from (term, document, position) triples to posting lists.

In: parallel arrays in any order. Out: for each term its documents in order, how often it stands
in each and in its title, and its positions. ``_inversion`` deals triples
out by term, 7 times as fast as sorting by one 64-bit key a triple, which is the way without it.
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


class Targets(NamedTuple):
    """For each number of a triple the terms it stands for: ``terms[begins[n] : begins[n + 1]]``."""

    begins: NDArray[np.int32]
    terms: NDArray[np.int32]


def invert(
    terms: NDArray[np.int32],
    docs: NDArray[np.int32],
    positions: NDArray[np.int32],
    titles: NDArray[np.int32],
    term_count: int,
    targets: Targets | None = None,
) -> Postings:
    """Make posting lists of triples; equal ones are kept once.

    The first ``titles`` positions of each document count as its title's. With ``targets`` the
    first of each triple is no term yet but stands for any number of terms.
    """
    targets = targets or one_each(term_count)
    if compiled is None:
        return inverted_portably(*_expanded(terms, docs, positions, targets), titles)
    repeats = np.diff(targets.begins)
    size = int(np.bincount(terms, minlength=repeats.size)[: repeats.size] @ repeats)
    starts = np.empty(term_count + 1, np.int64)
    owners, tf, title_tf = np.empty((3, size), np.int32)
    places = np.empty(size, np.uint32)
    given = (terms, docs, positions, *targets, titles)
    read = (np.ascontiguousarray(each, np.int32) for each in given)
    count, kept = compiled.invert(*read, starts, owners, tf, title_tf, places)
    return Postings(
        terms=np.repeat(np.arange(term_count, dtype=np.int32), np.diff(starts)),
        docs=owners[:count],
        tf=tf[:count],
        title_tf=title_tf[:count],
        positions=places[:kept],
    )


def one_each(count: int) -> Targets:
    """Let each number stand for itself."""
    numbers = np.arange(count + 1, dtype=np.int32)
    return Targets(numbers, numbers[:-1])


def _expanded(
    terms: NDArray[np.int32],
    docs: NDArray[np.int32],
    positions: NDArray[np.int32],
    targets: Targets,
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Write a triple for each term that one stands for."""
    repeats = np.diff(targets.begins)[terms]
    within = np.arange(int(repeats.sum())) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    chosen = np.repeat(targets.begins[terms], repeats) + within
    return targets.terms[chosen], np.repeat(docs, repeats), np.repeat(positions, repeats)


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
