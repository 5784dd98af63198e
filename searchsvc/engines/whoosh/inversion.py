"""Inversion: from (term, document, position) triples to posting lists.

In: parallel arrays in any order. Out: for each term its documents in order, how often it stands
in each and in its title, and its positions. Sorting is by one 64-bit key a triple.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


class Postings(NamedTuple):
    """Posting lists of ``n`` terms, ``p`` postings and ``q`` positions.

    ``starts`` (n + 1,) cut ``docs``, ``tf``, ``title_tf`` (p,) by term; ``position_starts``
    (n + 1,) cut ``positions`` (q,), which lie in the order of the postings, ``tf`` of each.
    """

    starts: NDArray[np.int64]
    docs: NDArray[np.int32]
    tf: NDArray[np.uint32]
    title_tf: NDArray[np.uint8]
    position_starts: NDArray[np.int64]
    positions: NDArray[np.uint32]


def invert(
    terms: NDArray[np.int32],
    docs: NDArray[np.int32],
    positions: NDArray[np.int32],
    title_tokens: NDArray[np.int32],
    term_count: int,
) -> Postings:
    """Sort triples into posting lists; equal triples are kept once.

    ``title_tokens`` has the number of title positions of each document.
    """
    terms, docs, positions = _sorted(terms, docs, positions)
    fresh = _changes(terms) | _changes(docs) | _changes(positions)
    terms, docs, positions = terms[fresh], docs[fresh], positions[fresh]
    heads = np.flatnonzero(_changes(terms) | _changes(docs))
    tf = np.diff(np.append(heads, terms.size)).astype(np.uint32)
    in_title = (positions < title_tokens[docs]).astype(np.int32)
    title_tf = np.add.reduceat(in_title, heads) if heads.size else heads
    bounds = np.arange(term_count + 1)
    return Postings(
        starts=np.searchsorted(terms[heads], bounds).astype(np.int64),
        docs=docs[heads].astype(np.int32),
        tf=tf,
        title_tf=np.minimum(title_tf, 255).astype(np.uint8),
        position_starts=np.searchsorted(terms, bounds).astype(np.int64),
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
