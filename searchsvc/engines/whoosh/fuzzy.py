"""Strings of a lexicon within one or two edits of a pattern, in numpy.

In: a lexicon, its strings' lengths and letter sets. Out: numbers of strings and how many edits
each is away. One edit changes at most two letters of a set, so most strings are ruled out unread.
The compiled kernel walks the lexicon instead (``_near.c``) and needs nothing beside it.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh.deadlines import unchecked
from searchsvc.engines.whoosh.shapes import letter_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.deadlines import Check
    from searchsvc.engines.whoosh.lexicon import Lexicon
    from searchsvc.engines.whoosh.segment import PostingField
    from searchsvc.engines.whoosh.shapes import Shapes


def terms_within(
    field: PostingField, pattern: str, edits: int, check: Check = unchecked
) -> Iterator[int]:
    """List the numbers of the terms at most ``edits`` edits away from the pattern."""
    check()
    numbers, _ = field.lexicon.near(pattern, edits)
    yield from numbers.tolist()


def near(
    lexicon: Lexicon, shapes: Shapes, pattern: str, edits: int
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Give the numbers of the strings at most ``edits`` edits away, and how many each is."""
    close = np.abs(shapes.lengths.astype(np.int32) - min(len(pattern), 255)) <= edits
    changed = np.bitwise_count(shapes.letters ^ np.uint64(letter_set(pattern)))
    numbers = np.flatnonzero(close & (changed <= 2 * edits))
    counted = distances([lexicon[number] for number in numbers.tolist()], pattern, edits)
    kept = counted <= edits
    return numbers[kept].astype(np.int32), counted[kept].astype(np.uint8)


def distances(texts: Sequence[str], pattern: str, most: int) -> NDArray[np.int64]:
    """Count insertions, deletions, substitutions and swaps of neighbours from each text.

    What is more than ``most`` is ``most + 1``. All texts take a row of the table at once. Source:
    Damerau-Levenshtein distance, restricted form (Boytsov 2011, "Indexing methods for approximate
    dictionary searching").
    """
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    letters = _spread(texts, lengths)
    size = len(pattern)
    counted = np.full(len(texts), most + 1)
    before = above = np.minimum(np.arange(size + 1), most + 1)[:, None].repeat(len(texts), 1)
    counted[lengths == 0] = above[size, :1]
    for depth in range(1, min(letters.shape[0] - 1, size + most) + 1):
        row = np.full_like(above, most + 1)
        row[0] = min(depth, most + 1)
        for j in range(max(1, depth - most), min(size, depth + most) + 1):
            other = letters[depth] != ord(pattern[j - 1])
            best = np.minimum(np.minimum(above[j], row[j - 1]) + 1, above[j - 1] + other)
            if depth > 1 and j > 1:
                swapped = (letters[depth] == ord(pattern[j - 2])) & (
                    letters[depth - 1] == ord(pattern[j - 1])
                )
                best = np.where(swapped, np.minimum(best, before[j - 2] + 1), best)
            row[j] = np.minimum(best, most + 1)
        ended = lengths == depth
        counted[ended] = row[size, ended]
        before, above = above, row
    return counted


def _spread(texts: Sequence[str], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the letters of texts: row n has the n-th of each, from 1, and 0 after its end."""
    letters = np.zeros((int(lengths.max(initial=0)) + 1, lengths.size), np.int64)
    owners = np.repeat(np.arange(lengths.size), lengths)
    places = np.arange(owners.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    flat = np.fromiter(map(ord, chain.from_iterable(texts)), np.int64, owners.size)
    letters[places + 1, owners] = flat
    return letters
