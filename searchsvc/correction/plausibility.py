"""Plausibility: how much a string of letters looks like the words of the index.

In: a vocabulary. Out: the mean log probability of a letter after the two
before it, for Cyrillic and Latin words apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.correction.vocabulary import Vocabulary

CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
LATIN = "abcdefghijklmnopqrstuvwxyz"
SMOOTHING = 0.1


class Letters:
    """Letter trigrams of the words of one alphabet; 144 KB."""

    def __init__(self, alphabet: str, vocabulary: Vocabulary) -> None:
        self._codes = {letter: number for number, letter in enumerate(alphabet, 1)}
        size = len(alphabet) + 1
        total = np.full(size**3, SMOOTHING)
        for codes, offsets in vocabulary.spelled():
            spaced = _spaced(alphabet, codes, offsets)
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


def _spaced(
    alphabet: str, codes: NDArray[np.uint16], offsets: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Turn letters of one alphabet into numbers from 1, with two zeros around each word of it."""
    table = np.zeros(1 << 16, np.int32)
    table[[ord(letter) for letter in alphabet]] = range(1, len(alphabet) + 1)
    numbers = table[codes]
    lengths = np.diff(offsets)
    strange = np.concatenate(([0], np.cumsum(numbers == 0)))
    own = np.diff(strange[offsets]) == 0
    letters = numbers[np.repeat(own, lengths)]
    before = 2 * np.repeat(np.arange(1, own.sum() + 1), lengths[own])
    spaced = np.zeros(letters.size + 2 * int(own.sum()) + 2, np.int32)
    spaced[np.arange(letters.size) + before] = letters
    return spaced
