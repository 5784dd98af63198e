"""Columns of values in numpy: what documents of a segment carry, for the portable kernel.

In: columns as ``kernel`` describes them. Out: their arrays, checked, and the values of documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh.buffers import DAMAGED, array_of, numbers_of
from searchsvc.engines.whoosh.sets import spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Buffer, Column

    Numbers = NDArray[np.int64]
    Ordinals = NDArray[np.signedinteger]


def read_column(size: int, starts: Buffer | None, ordinals: Buffer) -> tuple[Numbers, Ordinals]:
    """Give where each document's values begin, shape (size + 1,), and the values."""
    values = numbers_of(ordinals, size if starts is None else None)
    if starts is None:
        return np.arange(size + 1), values
    begins = array_of(starts, np.int64, size + 1)
    ordered = (begins[1:] >= begins[:-1]).all()
    if not (ordered and begins[0] >= 0 and begins[-1] <= values.size):
        raise ValueError(DAMAGED)
    return begins, values


def chosen_values(
    size: int, docs: NDArray[np.int64], column: Column | None, values: int
) -> Ordinals:
    """List the values of some documents of a segment; raises ValueError."""
    if column is None:
        return np.zeros(0, np.int32)
    starts, buffer, numbers = column
    if starts is None:
        chosen = numbers_of(buffer, size)[docs]
    else:
        begins, ordinals = read_column(size, starts, buffer)
        chosen = ordinals[spread(begins[docs], begins[docs + 1] - begins[docs])]
    chosen = chosen[chosen != -1]
    if numbers is None:
        return _below(chosen, values)
    every = array_of(numbers, np.int32)
    return _below(every[_below(chosen, every.size)], values)


def _below(numbers: Ordinals, bound: int) -> Ordinals:
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < bound:
        raise ValueError(DAMAGED)
    return numbers
