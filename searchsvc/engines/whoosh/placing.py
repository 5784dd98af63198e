"""Placing: the phrases and proximities that the kernel has no loop for, as finished sets.

In: a proximity of three words or of phrases, or either in titles, and the articles with all its
words. Out: those articles where these stand as they should, with scores.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import kernel
from searchsvc.engines.whoosh.deadlines import checking
from searchsvc.engines.whoosh.kernel import ALL
from searchsvc.engines.whoosh.resolving import positions_of, weight_of
from searchsvc.engines.whoosh.sets import Scored
from searchsvc.engines.whoosh.spans import leaf_spans

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Program
    from searchsvc.engines.whoosh.operands import Index
    from searchsvc.engines.whoosh.resolving import Resolved
    from searchsvc.query.tree import Near, Phrase


def placed(
    resolved: Resolved,
    leaf: Phrase | Near,
    matching: Callable[[Program], Scored],
    deadline: float,
) -> Program:
    """Find a leaf in all segments, as a set; raises EngineUnavailable after the deadline."""
    check = checking(deadline)
    read = [resolved.read(item) for item in positions_of(leaf)]
    words = tuple([(kernel.WORD, 1.0, one.item[0]) for one in read])
    among, _ = matching((ALL, words, (), (), False, 0, 0))
    weight, bases = weight_of(read), resolved.index.bases
    borders = np.searchsorted(among, bases).tolist()
    parts = [Scored(among[:0], np.zeros(0, np.float32))]
    for number, (low, high) in enumerate(pairwise(borders)):
        if low < high:
            base = np.int32(bases[number])
            spans = leaf_spans(resolved, number, leaf, among[low:high] - base, check)
            counted = [np.unique(part.docs(), return_counts=True) for part in spans]
            found, counts = min(counted, key=lambda pair: pair[0].size)
            parts.append(
                Scored(found + base, _scores(resolved.index, number, found, counts, weight))
            )
    numbers, given = (np.concatenate(column) for column in zip(*parts, strict=True))
    return kernel.SET, numbers, given


def _scores(
    index: Index, number: int, docs: NDArray[np.int32], counts: NDArray[np.int64], weight: float
) -> NDArray[np.float32]:
    lengths = index.segments[number].column("lengths")[docs]
    codes = np.minimum(counts, 255) << 8 | lengths
    scores: NDArray[np.float32] = np.float32(weight) * index.impacts[codes]
    return scores
