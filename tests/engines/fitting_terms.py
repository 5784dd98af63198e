"""Which of many terms a pattern names, for the reference: what cannot fit is ruled out at once.

In: the terms of a field and stream. Out: those that a pattern names. What is not ruled out by its
beginning or its letters is asked ``reference.fits``; wildcards are Python's regular expressions.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np
from reference import edits_between

from searchsvc.query.tree import Expansion, ExpansionKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LETTERS = 64
"""Letters are told apart by so many numbers: enough for the Russian ones."""
AFTER_ALL = "\U0010ffff"


class Vocabulary:
    """Sorted terms, and how often each letter stands in each."""

    def __init__(self, terms: Sequence[str]) -> None:
        self.terms = terms
        self._letters: NDArray[np.int8] | None = None
        self._near: dict[tuple[str, int], list[str]] = {}

    def fitting(self, item: Expansion) -> list[str]:
        """List the terms that a pattern names, whatever its limit is."""
        if item.kind is ExpansionKind.PREFIX:
            return self.beginning(item.pattern)
        if item.kind is ExpansionKind.WILDCARD:
            letters = {"?": ".", "*": ".*"}
            pattern = "".join(letters.get(own, re.escape(own)) for own in item.pattern)
            fits = re.compile(pattern, re.DOTALL).fullmatch
            return [
                term for term in self.beginning(re.split(r"[?*]", item.pattern)[0]) if fits(term)
            ]
        if (wanted := (item.pattern, item.edits)) not in self._near:
            self._near[wanted] = self._edited(*wanted)
        return self._near[wanted]

    def beginning(self, start: str) -> Sequence[str]:
        """List the terms that begin with some letters."""
        low = bisect_left(self.terms, start)
        return self.terms[low : bisect_left(self.terms, start + AFTER_ALL)]

    def _edited(self, pattern: str, edits: int) -> list[str]:
        """Rule out by letters: an edit brings and takes one letter at most."""
        if self._letters is None:
            self._letters = _letters(self.terms)
        apart = np.abs(self._letters - _letters([pattern])[0]).sum(axis=1, dtype=np.int64)
        own = [self.terms[number] for number in np.flatnonzero(apart <= 2 * edits)]
        return [term for term in own if edits_between(pattern, term) <= edits]


def _letters(terms: Sequence[str]) -> NDArray[np.int8]:
    """Count letters, long terms' up to 63 of each."""
    counts = np.zeros((len(terms), LETTERS), np.int32)
    codes = np.frombuffer("".join(terms).encode("utf-32-le"), np.uint32).astype(np.int64)
    rows = np.repeat(np.arange(len(terms)), [len(term) for term in terms])
    np.add.at(counts, (rows, codes % LETTERS), 1)
    return np.minimum(counts, LETTERS - 1).astype(np.int8)
