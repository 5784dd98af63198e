"""BM25F as it is written in papers, for the reference; lengths as coarse as an index has them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

K1, B, TITLE_WORTH, MOST = 0.7, 0.75, 2, 255
EXACT_LENGTHS, STEPS = 64, 24


class Weighing:
    """Weighs frequencies by the lengths, in tokens, of articles."""

    def __init__(self, tokens: NDArray[np.int64]) -> None:
        self.articles = tokens.size
        average = tokens.sum() / max(tokens.size, 1)
        self._norm = K1 * (1 - B + B * _rounded(tokens) / max(average, 1.0))

    def impact(
        self, tf: NDArray[np.int64], numbers: NDArray[np.int64] | slice = slice(None)
    ) -> NDArray[np.float64]:
        """Weigh how often something counts in each article, or in each of some."""
        most = np.minimum(tf, MOST)
        return (K1 + 1) * most / np.maximum(most + self._norm[numbers], 1e-9)

    def idf(self, having: int) -> float:
        """Weigh what stands in so many articles."""
        df = min(having, self.articles)
        return math.log(1 + (self.articles - df + 0.5) / (df + 0.5))


def _rounded(tokens: NDArray[np.int64]) -> NDArray[np.float64]:
    """Round lengths as the index does: exact below 64, then 24 steps a doubling, 255 codes."""
    steps = np.rint(np.log2(np.maximum(tokens, EXACT_LENGTHS) / EXACT_LENGTHS) * STEPS)
    steps = np.minimum(steps, MOST - EXACT_LENGTHS)
    return np.where(tokens < EXACT_LENGTHS, tokens, EXACT_LENGTHS * 2.0 ** (steps / STEPS))
