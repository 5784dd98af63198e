"""Positions of postings in numpy: any of them, wherever their frames begin.

In: a field's packed arrays and the numbers of postings. Out: where their words stand, end to end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import unpacking
from searchsvc.engines.whoosh.buffers import DAMAGED
from searchsvc.engines.whoosh.packing import FRAME, MARGIN, RARE
from searchsvc.engines.whoosh.sets import spread
from searchsvc.engines.whoosh.unpacking import TF

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.unpacking import Packed

    Numbers = NDArray[np.int64]

MOST_POSITIONS = 1 << 25
"""What a word and what parts it take of the 64 MB that one file may have."""


def positions_of(field: Packed, postings: Numbers) -> tuple[NDArray[np.uint32], Numbers]:
    """Give the positions of postings (ascending), end to end, and how many each has.

    Raises ValueError where they lie outside the field's.
    """
    if not postings.size:
        return np.zeros(0, np.uint32), postings
    frames, rows = np.unique(postings // FRAME, return_inverse=True)
    members = np.minimum(frames[:, None] * FRAME + np.arange(FRAME), field.postings - 1)
    tf = _frequencies(field, members)
    within = postings % FRAME
    before = (np.cumsum(tf, axis=1) - tf)[rows, within]
    counts = tf[rows, within]
    widths = field.widths[frames].astype(np.int64)[rows]
    bits = field.frames[frames].astype(np.int64)[rows] * 8 + before * widths
    ends = bits + counts * widths
    limit = (field.positions.size - MARGIN) * 8
    if ((widths < 1) | (widths > 32) | (ends > limit) | (counts > MOST_POSITIONS)).any():
        raise ValueError(DAMAGED)
    every = np.repeat(bits, counts) + spread(np.zeros_like(counts), counts) * np.repeat(
        widths, counts
    )
    gaps = unpacking.gathered(field.positions, every, np.repeat(widths, counts))
    return unpacking.summed(gaps, counts), counts


def _frequencies(field: Packed, postings: Numbers) -> Numbers:
    nibbles = field.freqs[postings >> 1] >> ((postings & 1) << 2).astype(np.uint8) & 15
    tf = TF[nibbles]
    rare = nibbles == RARE
    wanted = postings[rare]
    found = field.rare_at.searchsorted(wanted.astype(np.uint32))
    found[found == field.rare_at.size] = 0
    if wanted.size and (not field.rare_at.size or (field.rare_at[found] != wanted).any()):
        raise ValueError(DAMAGED)
    if wanted.size:
        tf[rare] = field.rare_tf[found]
    counts: Numbers = tf
    return counts
