"""BM25F over title and body, alternatives of one position counted as one term.

A posting carries a code: its weighted frequency and its document's length, each a byte. All
codes' impacts stand in one table, so that scoring is a look-up. Source: Robertson and Zaragoza
2009, "The Probabilistic Relevance Framework", 3.1 and 3.6; the idf is Lucene's, never negative.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

K1 = 0.7
B = 0.75
TITLE_WEIGHT = 2
"""A title's occurrence counts this much on top of its one; a made title's does not."""

EXACT = 64
STEPS = 24
"""Lengths under 64 tokens are coded exactly, longer ones by 24 steps a doubling: within 1.5 %,
up to 16,000 tokens."""


def idf(articles: int, having: int) -> float:
    """Weigh a term that ``having`` of ``articles`` have."""
    return math.log(1 + (articles - having + 0.5) / (having + 0.5))


def length_codes(tokens: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Code lengths as bytes."""
    steps = np.log2(np.maximum(tokens, EXACT) / EXACT) * STEPS
    coded = np.where(tokens < EXACT, tokens, EXACT + np.rint(steps))
    return np.minimum(coded, 255).astype(np.uint8)


def lengths() -> NDArray[np.float64]:
    """Give the length that each code stands for, shape (256,)."""
    codes = np.arange(256)
    return np.where(codes < EXACT, codes, EXACT * 2.0 ** ((codes - EXACT) / STEPS))


def impacts(average: float) -> NDArray[np.float32]:
    """Give what each code is worth before its idf, shape (65536,), for an average length."""
    tf = np.arange(256.0)[:, None]
    norm = K1 * (1 - B + B * lengths() / max(average, 1.0))
    return ((K1 + 1) * tf / (tf + norm)).astype(np.float32).ravel()
