"""BM25F over title and body, alternatives of one position counted as one term.

Source: Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", 3.1 and 3.6; the
idf is Lucene's, never negative.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

K1 = 1.2
B = 0.75
TITLE_WEIGHT = 2.0
"""A title's occurrence counts this much on top of its one; a made title's does not."""


def idf(articles: int, having: int) -> float:
    """Weigh a term that ``having`` of ``articles`` have."""
    return math.log(1 + (articles - having + 0.5) / (having + 0.5))


def length_norm(tokens: NDArray[np.int32], average: float) -> NDArray[np.float32]:
    """Give ``k1 · (1 − b + b · length / average)`` of each document."""
    return (K1 * (1 - B + B * tokens / max(average, 1.0))).astype(np.float32)


def bm25(
    tf: NDArray[np.float32], norm: NDArray[np.float32], term_idf: float
) -> NDArray[np.float32]:
    """Score weighted frequencies against the length norms of the same documents."""
    scores: NDArray[np.float32] = np.float32(term_idf * (K1 + 1)) * tf / (tf + norm)
    return scores
