"""Inversion: from (term, document, position) triples to posting lists.

In: parallel arrays in any order. Out: for each term its documents in order, how often it stands
in each and in its title, what it is worth there, and its positions. ``_inversion`` deals triples
out by term, 7 times as fast as sorting by one 64-bit key a triple, which is the way without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.layout import SAMPLED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from numpy.typing import NDArray

try:
    from searchsvc.engines.whoosh import _inversion

    compiled: ModuleType | None = _inversion
except ImportError:
    compiled = None


LARGEST = 255
"""The largest frequency that fits its byte."""


class Documents(NamedTuple):
    """What inversion has to know of every document, shape (documents,).

    ``title_tokens`` positions of each are its title's, ``title_weight`` what an occurrence there
    adds to its frequency, ``lengths`` their length codes.
    """

    title_tokens: NDArray[np.int32]
    title_weight: NDArray[np.int32]
    lengths: NDArray[np.uint8]


class Postings(NamedTuple):
    """Posting lists of ``n`` terms, ``p`` postings and ``q`` positions.

    ``starts`` (n + 1,) cut ``docs``, ``codes``, ``tf`` and ``title_tf`` (p,) by term.
    ``positions`` (q,) lie in the order of the postings, ``tf`` of each, and ``samples`` say where
    those of every 128th posting begin. A tf of 255 stands for that and more: ``over_index`` lists
    such postings and ``over_count`` their true numbers. A code is
    ``weighted tf << 8 | length code``, the weighted tf at most 255.
    """

    starts: NDArray[np.int64]
    docs: NDArray[np.int32]
    codes: NDArray[np.uint16]
    tf: NDArray[np.uint8]
    title_tf: NDArray[np.uint8]
    over_index: NDArray[np.int64]
    over_count: NDArray[np.uint32]
    samples: NDArray[np.int64]
    positions: NDArray[np.uint32]


class Targets(NamedTuple):
    """For each number of a triple the terms it stands for: ``terms[begins[n] : begins[n + 1]]``."""

    begins: NDArray[np.int32]
    terms: NDArray[np.int32]


def invert(
    terms: NDArray[np.int32],
    docs: NDArray[np.int32],
    positions: NDArray[np.int32],
    documents: Documents,
    term_count: int,
    targets: Targets | None = None,
) -> Postings:
    """Make posting lists of triples; equal ones are kept once.

    With ``targets`` the first of each triple is no term yet but stands for any number of terms.
    """
    targets = targets or one_each(term_count)
    if compiled is None:
        triples = _expanded(terms, docs, positions, targets)
        return inverted_portably(*triples, documents, term_count)
    repeats = np.diff(targets.begins)
    size = int(np.bincount(terms, minlength=repeats.size)[: repeats.size] @ repeats)
    starts = np.empty(term_count + 1, np.int64)
    owners, places = np.empty(size, np.int32), np.empty(size, np.uint32)
    codes = np.empty(size, np.uint16)
    tf, title_tf = np.empty(size, np.uint8), np.empty(size, np.uint8)
    samples = np.empty(-(-size // SAMPLED), np.int64)
    given = (terms, docs, positions, *targets, documents.title_tokens, documents.title_weight)
    read = (*(np.ascontiguousarray(each, np.int32) for each in given), documents.lengths)
    written = (starts, owners, codes, tf, title_tf, samples, places)
    count, kept, over_index, over_count = compiled.invert(*read, *written)
    return Postings(
        starts=starts,
        docs=owners[:count],
        codes=codes[:count],
        tf=tf[:count],
        title_tf=title_tf[:count],
        over_index=np.frombuffer(over_index or b"", np.int64),
        over_count=np.frombuffer(over_count or b"", np.uint32),
        samples=samples[: -(-count // SAMPLED)],
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
    documents: Documents,
    term_count: int,
) -> Postings:
    """Sort triples into posting lists; equal triples are kept once."""
    terms, docs, positions = _sorted(terms, docs, positions)
    fresh = _changes(terms) | _changes(docs) | _changes(positions)
    terms, docs, positions = terms[fresh], docs[fresh], positions[fresh]
    heads = np.flatnonzero(_changes(terms) | _changes(docs))
    tf = np.diff(np.append(heads, terms.size))
    in_title = (positions < documents.title_tokens[docs]).astype(np.int32)
    title_tf = np.add.reduceat(in_title, heads) if heads.size else heads
    owners = docs[heads]
    weighted = np.minimum(tf + title_tf * documents.title_weight[owners], LARGEST)
    over = np.flatnonzero(tf >= LARGEST)
    return Postings(
        starts=np.searchsorted(terms[heads], np.arange(term_count + 1)).astype(np.int64),
        docs=owners.astype(np.int32),
        codes=(weighted << 8 | documents.lengths[owners]).astype(np.uint16),
        tf=np.minimum(tf, LARGEST).astype(np.uint8),
        title_tf=np.minimum(title_tf, LARGEST).astype(np.uint8),
        over_index=over.astype(np.int64),
        over_count=tf[over].astype(np.uint32),
        samples=heads[::SAMPLED].astype(np.int64),
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


def narrow(values: NDArray[np.uint32]) -> NDArray[np.generic]:
    """Keep values in 16 bits where they fit (positions of all but the longest articles do)."""
    if values.size and int(values.max()) > np.iinfo(np.uint16).max:
        return values
    return values.astype(np.uint16)
