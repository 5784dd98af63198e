"""Sets of documents with scores, as they leave the kernel, and ranges of numbers.

``docs`` is sorted and distinct, shape (n,); ``scores`` float32 of the same shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Scored(NamedTuple):
    """Documents that match, each with its score."""

    docs: NDArray[np.signedinteger]
    scores: NDArray[np.float32]


def spread(begins: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """List the numbers of the ranges ``begins[i] … begins[i] + lengths[i] - 1``, end to end.

    >>> spread(np.array([5, 9]), np.array([2, 1])).tolist()
    [5, 6, 9]
    """
    ends: NDArray[np.int64] = lengths.cumsum()
    total = int(ends[-1]) if ends.size else 0
    numbers: NDArray[np.int64] = np.arange(total) + (begins - (ends - lengths)).repeat(lengths)
    return numbers
