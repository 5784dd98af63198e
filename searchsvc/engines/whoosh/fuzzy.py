"""Terms within one or two edits of a pattern.

In: a posting field's sorted terms with their lengths and letter sets. Out: numbers of terms. One
edit changes at most two letters of a set, so most terms are ruled out without being unpacked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh.deadlines import unchecked
from searchsvc.engines.whoosh.shapes import letter_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from searchsvc.engines.whoosh.deadlines import Check
    from searchsvc.engines.whoosh.segment import PostingField


def terms_within(
    field: PostingField, pattern: str, edits: int, check: Check = unchecked
) -> Iterator[int]:
    """List the numbers of the terms at most ``edits`` edits away from the pattern.

    ``check`` is called before each comparison, which takes some 30 microseconds.
    """
    lengths, letters = field.shapes
    close = np.abs(lengths.astype(np.int32) - min(len(pattern), 255)) <= edits
    changed = np.bitwise_count(letters ^ np.uint64(letter_set(pattern)))
    for number in np.flatnonzero(close & (changed <= 2 * edits)).tolist():
        check()
        if distance(field.lexicon[number], pattern, edits) <= edits:
            yield number


def distance(one: str, two: str, most: int) -> int:
    """Count insertions, deletions, substitutions and swaps of neighbours (optimal alignment).

    Stops early with ``most + 1`` when it must be more. Source: Damerau-Levenshtein distance,
    restricted form (Boytsov 2011, "Indexing methods for approximate dictionary searching").
    """
    before: list[int] = []
    above = list(range(len(two) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, other in enumerate(two, 1):
            best = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == two[j - 2] and one[i - 2] == other:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
        before, above = above, row
    return above[-1]
