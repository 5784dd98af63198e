"""Plausibility: how much a string of letters looks like the words of the index.

In: words with the articles that have them. Out: the mean log probability of a letter after the two
before it, for Cyrillic and Latin words apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
LATIN = "abcdefghijklmnopqrstuvwxyz"
SMOOTHING = 0.1


class Letters:
    """Letter trigrams of the words of one alphabet; 144 KB."""

    def __init__(self, alphabet: str, words: Iterable[str]) -> None:
        self._codes = {letter: number for number, letter in enumerate(alphabet, 1)}
        size = len(alphabet) + 1
        own = set(alphabet)
        text = "  ".join(["", *(word for word in words if own.issuperset(word)), ""])
        table = np.zeros(ord(max(alphabet)) + 1, np.int32)
        table[[ord(letter) for letter in alphabet]] = range(1, size)
        codes = table[np.frombuffer(text.encode("utf-16-le"), np.uint16)]
        triples = (codes[:-2] * size + codes[1:-1]) * size + codes[2:]
        counts = np.bincount(triples, minlength=size**3).reshape(size, size, size) + SMOOTHING
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
