"""Plausibility: how much a string of letters looks like the words of the index.

In: a vocabulary. Out: the mean log probability of a letter after the two
before it, for Cyrillic and Latin words apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.correction.vocabulary import Vocabulary

CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
LATIN = "abcdefghijklmnopqrstuvwxyz"
SMOOTHING = 0.1
BETWEEN = "\n\n"
STRANGE = (1 << 16) - 1


class Letters:
    """Letter trigrams of the words of one alphabet; 144 KB."""

    def __init__(self, alphabet: str, vocabulary: Vocabulary) -> None:
        self._codes = {letter: number for number, letter in enumerate(alphabet, 1)}
        size = len(alphabet) + 1
        total = np.full(size**3, SMOOTHING)
        for forms in vocabulary.parts():
            spaced = _spaced(alphabet, forms)
            triples = (spaced[:-2] * size + spaced[1:-1]) * size + spaced[2:]
            total += np.bincount(triples, minlength=size**3)
        counts = total.reshape(size, size, size)
        shares: NDArray[np.float64] = counts / counts.sum(axis=2, keepdims=True)
        self._logs = np.log(shares).astype(np.float32)

    def plausibility(self, word: str) -> float:
        """Give the mean log probability of a word's letters and its end; -20 for other letters."""
        before = last = 0
        total = 0.0
        for letter in (*word, ""):
            code = self._codes.get(letter, 0)
            if not code and letter:
                return -20.0
            total += float(self._logs[before, last, code])
            before, last = last, code
        return total / (len(word) + 1)


def _spaced(alphabet: str, forms: Sequence[str]) -> NDArray[np.int64]:
    """Turn the words of one alphabet into numbers from 1, with two zeros around each."""
    table = np.full(STRANGE + 1, STRANGE, np.uint16)
    table[[ord(letter) for letter in alphabet]] = range(1, len(alphabet) + 1)
    table[ord(BETWEEN[0])] = 0
    text = BETWEEN.join(("", *forms, ""))
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    numbers = table[np.minimum(codes, STRANGE)]
    lengths = np.fromiter(map(len, forms), np.int64, len(forms)) + len(BETWEEN)
    strange = np.logical_or.reduceat(numbers == STRANGE, np.cumsum(lengths) - lengths)
    kept = numbers[: lengths.sum()][np.repeat(~strange, lengths)]
    return np.concatenate((kept, (0, 0))).astype(np.int64)
