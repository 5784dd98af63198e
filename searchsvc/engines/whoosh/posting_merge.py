"""Merging the postings of one field: ranges of terms, one after another.

In: the field in several segments, and the new number of each document (-1: it is left out). Out:
the arrays of the field, appended piece by piece. Lexicons are sorted, so a range of the merged
terms is a slice of every segment's postings; documents keep their order, so a term's merged list
is its lists end to end. Memory holds one range, and the field's lexicon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.inversion import LARGEST
from searchsvc.engines.whoosh.layout import SAMPLED
from searchsvc.engines.whoosh.sets import spread
from searchsvc.engines.whoosh.triples import lexicon_arrays

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.growing import Growing
    from searchsvc.engines.whoosh.segment import PostingField

    Numbers = NDArray[np.int64]
    Moved = NDArray[np.int32]

PIECE = 500_000
"""Postings merged at once: about 100 MB with their positions."""


class Part(NamedTuple):
    """One segment's share: its field, its documents' new numbers, its terms' merged numbers."""

    field: PostingField
    moved: Moved
    numbers: Numbers


def merge_field(
    growing: Growing, name: str, fields: Sequence[PostingField], moved: Sequence[Moved]
) -> None:
    """Append the merged field's arrays; terms without a living document are left out."""
    strings = sorted({text for field in fields for text in field.lexicon})
    rank = {text: number for number, text in enumerate(strings)}
    numbers = [np.array([rank[text] for text in field.lexicon], np.int64) for field in fields]
    totals = np.zeros(len(strings), np.int64)
    for field, own, new in zip(fields, numbers, moved, strict=True):
        totals[own] += field.living_counts(new >= 0)
    living = np.flatnonzero(totals)
    for array, values in lexicon_arrays(name, [strings[number] for number in living]).items():
        growing.append(array, values)
    _append_shapes(growing, name, fields, numbers, living)
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(totals[living])))
    growing.append(f"{name}/starts", starts)
    # A term that is left out has no posting, so it may have the number of the one before it.
    kept = np.cumsum(totals > 0) - 1
    parts = [Part(*row) for row in zip(fields, moved, (kept[own] for own in numbers), strict=True)]
    _append_postings(growing, name, parts, starts)


def _append_shapes(
    growing: Growing,
    name: str,
    fields: Sequence[PostingField],
    numbers: Sequence[Numbers],
    living: Numbers,
) -> None:
    size = 1 + max((int(own.max(initial=-1)) for own in numbers), default=-1)
    lengths, letters = np.zeros(size, np.uint8), np.zeros(size, np.uint64)
    for field, own in zip(fields, numbers, strict=True):
        lengths[own], letters[own] = field.lengths, field.letters
    growing.append(f"{name}/lengths", lengths[living])
    growing.append(f"{name}/letters", letters[living])


class _Piece(NamedTuple):
    """Postings of a range of merged terms, in any order, their positions end to end."""

    terms: Numbers
    docs: Moved
    codes: NDArray[np.uint16]
    title_tf: NDArray[np.uint8]
    tf: Numbers
    positions: NDArray[np.uint32]


def _append_postings(growing: Growing, name: str, parts: Sequence[Part], starts: Numbers) -> None:
    wide = any(part.field.stream[3] for part in parts)
    postings = positions = 0
    for first, last in _ranges(starts):
        piece = _sorted([_cut(part, first, last) for part in parts])
        begins = np.cumsum(piece.tf) - piece.tf + positions
        over = np.flatnonzero(piece.tf >= LARGEST)
        growing.append(f"{name}/docs", piece.docs)
        growing.append(f"{name}/codes", piece.codes)
        growing.append(f"{name}/tf", np.minimum(piece.tf, LARGEST).astype(np.uint8))
        growing.append(f"{name}/title_tf", piece.title_tf)
        growing.append(f"{name}/over_index", over + postings)
        growing.append(f"{name}/over_count", piece.tf[over].astype(np.uint32))
        growing.append(f"{name}/samples", begins[-postings % SAMPLED :: SAMPLED])
        growing.append(
            f"{name}/positions", piece.positions.astype(np.uint32 if wide else np.uint16)
        )
        postings += piece.docs.size
        positions += piece.positions.size


def _ranges(starts: Numbers) -> Iterator[tuple[int, int]]:
    """Cut the terms into ranges of about ``PIECE`` postings; there is always one."""
    first = 0
    while True:
        last = int(np.searchsorted(starts, starts[first] + PIECE, "right")) - 1
        last = min(max(last, first + 1), starts.size - 1)
        yield first, last
        if last >= starts.size - 1:
            return
        first = last


def _cut(part: Part, first: int, last: int) -> _Piece:
    field, moved, numbers = part
    low, high = np.searchsorted(numbers, (first, last)).tolist()
    every = field.range_of(low, high)
    docs = moved[every.docs]
    alive = np.flatnonzero(docs >= 0)
    starts, counts = field.located(alive + every.first)
    own = np.repeat(numbers[low:high], field.document_frequencies(np.arange(low, high)))
    return _Piece(
        terms=own[alive],
        docs=docs[alive],
        codes=every.codes[alive],
        title_tf=field.title_tfs(every)[alive],
        tf=counts,
        positions=field.positions(starts, counts).astype(np.uint32),
    )


def _sorted(pieces: Sequence[_Piece]) -> _Piece:
    """Bring the pieces of several segments into the order of terms, then of segments."""
    terms, docs, codes, title_tf, tf, positions = (
        np.concatenate(column) for column in zip(*pieces, strict=True)
    )
    order = np.argsort(terms, kind="stable")
    begins = np.cumsum(tf) - tf
    return _Piece(
        terms[order],
        docs[order],
        codes[order],
        title_tf[order],
        tf[order],
        positions[spread(begins[order], tf[order])],
    )
