"""Merging the postings of one field: ranges of terms, one after another.

In: the field in several segments, and the new number of each document (-1: it is left out). Out:
the arrays of the field, appended piece by piece. Lexicons are sorted, so a range of the merged
terms is a slice of every segment's postings; documents keep their order, so a term's merged list
is its lists end to end. A term too large for one piece is merged by ranges of documents. Memory
holds one piece, and the field's lexicon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh import unpacking
from searchsvc.engines.whoosh.documents import CHUNK, documents
from searchsvc.engines.whoosh.lexicon import pack_keys
from searchsvc.engines.whoosh.packing import Packer, Postings
from searchsvc.engines.whoosh.sets import spread
from searchsvc.engines.whoosh.triples import Numbers as Numbered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.growing import Growing
    from searchsvc.engines.whoosh.lexicon import Lexicon
    from searchsvc.engines.whoosh.unpacking import Packed

    Numbers = NDArray[np.int64]
    Moved = NDArray[np.int32]

PIECE = 500_000
"""Postings merged at once: about 100 MB with their positions."""


class Source(NamedTuple):
    """A field of one segment, and its documents' new numbers."""

    lexicon: Lexicon
    packed: Packed
    moved: Moved


class _Part(NamedTuple):
    """One segment's share: its arrays, its documents' new numbers, its terms' merged numbers."""

    packed: Packed
    moved: Moved
    numbers: Numbers


class _Range(NamedTuple):
    """A piece of the merged field: terms from ``first`` to before ``last``, documents likewise."""

    first: int
    last: int
    low: int
    high: int


class _Cut(NamedTuple):
    """Postings of a range in one segment: of each of its ``terms``, ``sizes`` postings."""

    terms: Numbers
    sizes: Numbers
    docs: Moved
    tf: NDArray[np.int32]
    title_tf: NDArray[np.int32]
    positions: NDArray[np.uint32]


def merge_field(growing: Growing, name: str, sources: Sequence[Source]) -> None:
    """Append the merged field's arrays; terms without a living document are left out."""
    keys, numbers = _numbered([source.lexicon for source in sources])
    totals = np.zeros(len(keys), np.int64)
    for own, (_, packed, moved) in zip(numbers, sources, strict=True):
        totals[own] += unpacking.living_frequencies(packed, moved >= 0)
    living = np.flatnonzero(totals)
    lexicon = pack_keys([keys[number] for number in living.tolist()])
    for part, values in lexicon.items():
        growing.append(f"{name}/{part}", values)
    # A term that is left out has no posting, so it may have the number of the one before it.
    kept = np.cumsum(totals > 0) - 1
    parts = [
        _Part(packed, moved, kept[own])
        for own, (_, packed, moved) in zip(numbers, sources, strict=True)
    ]
    size = sum(int((moved >= 0).sum()) for _, _, moved in sources)
    packer = Packer(name, living.size, size, growing.append)
    for piece in _ranges(totals[living], size):
        packer.add(_merged([_cut(part, piece) for part in parts], piece))
    packer.finish()


def _numbered(lexicons: Sequence[Lexicon]) -> tuple[list[bytes], list[Numbers]]:
    """Give the distinct keys in order, and for each lexicon the numbers of its own."""
    known = Numbered[bytes]()
    found = [
        np.fromiter(map(known.__getitem__, lexicon.keys(0, len(lexicon))), np.int32, len(lexicon))
        for lexicon in lexicons
    ]
    keys = sorted(known)
    rank = np.empty(len(keys), np.int64)
    rank[np.fromiter(map(known.__getitem__, keys), np.int32, len(keys))] = np.arange(len(keys))
    return keys, [rank[own] for own in found]


def _ranges(counts: Numbers, size: int) -> Iterator[_Range]:
    """Cut terms with ``counts`` postings into ranges of at most ``PIECE``.

    A term that has more is cut by whole chunks of the ``size`` documents.
    """
    ends = np.cumsum(counts)
    first = 0
    while first < counts.size:
        before = int(ends[first] - counts[first])
        last = max(first + 1, int(np.searchsorted(ends, before + PIECE, "right")))
        many = int(ends[last - 1]) - before > PIECE
        step = max(CHUNK, PIECE - PIECE % CHUNK) if many and size else max(size, CHUNK)
        for low in range(0, max(size, 1), step):
            yield _Range(first, last, low, low + step)
        first = last


def _cut(part: _Part, piece: _Range) -> _Cut:
    packed, moved, numbers = part
    low, high = np.searchsorted(numbers, (piece.first, piece.last)).tolist()
    blocks = unpacking.blocks_of(packed, low, high)
    docs = moved[documents(packed, *blocks)]
    sizes = unpacking.frequencies_of_terms(packed, low, high)
    terms = numbers[low:high] - piece.first
    inside = (docs >= piece.low) & (docs < piece.high)
    first, last = 0, docs.size
    if not inside.all():
        places = np.flatnonzero(inside)
        first, last = (places[0], places[-1] + 1) if places.size else (0, 0)
        owners = np.repeat(np.arange(terms.size), sizes)
        sizes = np.bincount(owners[inside], minlength=terms.size)
        docs = docs[first:last]
        inside = inside[first:last]
    begin = packed.blocks.item(blocks[0]) + int(first)
    tf, title_tf, positions = unpacking.postings(packed, begin, begin + docs.size)
    if not inside.all():
        positions = positions[np.repeat(inside, tf)]
        docs, tf, title_tf = docs[inside], tf[inside], title_tf[inside]
    # A term that is left out has the number of another: its postings must not count as that one's.
    there = sizes > 0
    return _Cut(terms[there], sizes[there], docs, tf, title_tf, positions)


def _merged(cuts: Sequence[_Cut], piece: _Range) -> Postings:
    """Put each term's postings of all segments end to end."""
    terms = piece.last - piece.first
    sizes = np.zeros(terms, np.int64)
    for cut in cuts:
        sizes[cut.terms] += cut.sizes
    total = int(sizes.sum())
    docs, tf, title_tf = np.empty((3, total), np.int32)
    places = []
    free = np.cumsum(sizes) - sizes
    for cut in cuts:
        place = spread(free[cut.terms], cut.sizes)
        free[cut.terms] += cut.sizes
        docs[place], tf[place], title_tf[place] = cut.docs, cut.tf, cut.title_tf
        places.append(place)
    ends = np.cumsum(tf, dtype=np.int64)
    begins = ends - tf
    positions = np.empty(ends[-1] if total else 0, np.uint32)
    for cut, place in zip(cuts, places, strict=True):
        positions[spread(begins[place], cut.tf.astype(np.int64))] = cut.positions
    numbers = np.repeat(np.arange(piece.first, piece.last, dtype=np.int32), sizes)
    return Postings(numbers, docs, tf, title_tf, positions)
