"""Values of facet fields on their way to a segment: most documents share theirs with others.

In: for each document its values. Out: triples of their words; a column of their numbers. What
documents have in common is looked at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.columns import laid_out_values
from searchsvc.engines.whoosh.inversion import Runs
from searchsvc.engines.whoosh.numbering import joined
from searchsvc.engines.whoosh.sets import spread
from searchsvc.engines.whoosh.triples import Numbers, Triples, lexicon_arrays
from searchsvc.schema import POSITION_GAP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from searchsvc.analysis.analyzer import AnalysedText
    from searchsvc.engines.whoosh.numbering import Numbered
    from searchsvc.engines.whoosh.triples import Arrays

    Ints = NDArray[np.int32]


class Rows(NamedTuple):
    """The ``distinct`` lists of values, in the order they come, and ``which`` a document has."""

    distinct: list[tuple[str, ...]]
    which: NDArray[np.int64]


def rows_of(values: Sequence[tuple[str, ...]]) -> Rows:
    """Find what documents have in common."""
    numbers = Numbers[tuple[str, ...]]()
    which = np.fromiter(map(numbers.__getitem__, values), np.int64, len(values))
    return Rows(list(numbers), which)


def of_one(values: Iterable[str]) -> Rows:
    """Do the same for values of which a document has one, or none that is empty."""
    numbers = Numbers[str]()
    which = np.fromiter(map(numbers.__getitem__, values), np.int64)
    return Rows([(value,) if value else () for value in numbers], which)


def facet_triples(rows: Rows, read: Callable[[str], AnalysedText], forms: Numbered) -> Triples:
    """Give the words of all values; each value begins a gap after the one before.

    ``forms`` are those of the index.
    """
    numbers = Numbers[str]()
    pairs = [_pairs(values, numbers, read) for values in rows.distinct]
    places, sizes = _chosen([len(row) for row in pairs], rows.which)
    flat = np.array([pair for row in pairs for pair in row], np.int32).reshape(-1, 2)[places]
    docs = np.arange(rows.which.size, dtype=np.int32)
    return Triples(
        strings=forms,
        chosen=forms.numbers(joined(numbers)),
        terms=flat[:, 0],
        runs=Runs(
            docs=np.repeat(docs, sizes),
            starts=flat[:, 1],
            sizes=np.ones(len(flat), np.int32),
        ),
    )


def _pairs(
    values: tuple[str, ...], numbers: Numbers[str], read: Callable[[str], AnalysedText]
) -> list[tuple[int, int]]:
    """Give the numbers and positions of the words of some values."""
    pairs = []
    start = 0
    for value in values:
        found = read(value)
        words = [*enumerate(found.forms), *found.compounds]
        pairs += [(numbers[form], start + place) for place, form in words]
        start += len(found.forms) + POSITION_GAP
    return pairs


def facet_arrays(name: str, rows: Rows) -> Arrays:
    """Lay out a column of values."""
    distinct = sorted({value for values in rows.distinct for value in values})
    ordinal = {value: number for number, value in enumerate(distinct)}
    places, counts = _chosen([len(values) for values in rows.distinct], rows.which)
    flat = [ordinal[value] for values in rows.distinct for value in values]
    return ordinal_arrays(name, distinct, counts, np.array(flat, np.int64)[places])


def ordinal_arrays(
    name: str, distinct: Sequence[str], counts: NDArray[np.int64], ordinals: NDArray[np.int64]
) -> Arrays:
    """Lay out a column of values: sorted, how many each document has, their numbers."""
    numbers = laid_out_values(counts, ordinals).items()
    return {
        **lexicon_arrays(f"{name}_values", distinct),
        **{f"{name}_values/{part}": array for part, array in numbers},
    }


def _chosen(
    lengths: list[int], which: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the places of chosen rows that stand end to end, and how many each has."""
    sizes = np.array(lengths, np.int64)
    starts = np.cumsum(sizes) - sizes
    return spread(starts[which], sizes[which]), sizes[which]
