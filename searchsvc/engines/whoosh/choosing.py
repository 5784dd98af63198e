"""Which of the terms that fit a pattern stand for it, where more of them fit than may.

In: the fitting terms of every segment, and a pattern. Out: the most frequent of them, counted over
all segments, in articles that are not deleted. Keys of terms are compared, which are in the order
of their code points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.deadlines import unchecked
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.deadlines import Check
    from searchsvc.engines.whoosh.segment import PostingField, Segment
    from searchsvc.query.tree import Expansion

    Numbers = range | NDArray[np.uint32]

AT_ONCE = 1_000_000
"""Postings counted between two looks at the clock: 2 ms, without the compiled kernel 45. «по*» has
7 million of a million articles, and a query may hold 32 patterns."""


class Chosen(NamedTuple):
    """Terms of one field of a segment, by number, ascending."""

    field: PostingField
    numbers: Numbers

    def part(self) -> tuple[int, int, int, NDArray[np.uint32] | None]:
        """Give them as a wide word takes them."""
        numbers = self.numbers
        if isinstance(numbers, range):
            return self.field.number, numbers.start, numbers.stop, None
        return self.field.number, 0, 0, numbers

    def each(self) -> Iterable[int]:
        """Go through their numbers."""
        return self.numbers if isinstance(self.numbers, range) else self.numbers.tolist()

    def keys(self) -> list[bytes]:
        """List the keys of the terms."""
        lexicon, numbers = self.field.lexicon, self.numbers
        if isinstance(numbers, range):
            return list(lexicon.keys(numbers.start, numbers.stop))
        return lexicon.some(numbers.tolist())

    def articles(self) -> int:
        """Count the postings of all of them, those of deleted articles too."""
        if isinstance(self.numbers, range):
            return self.field.articles(self.numbers.start, self.numbers.stop)
        return int(self.field.frequencies(self.numbers.astype(np.int64)).sum())


Rows = list[list[Chosen]]
"""For each segment its terms, field by field."""


class Standing(NamedTuple):
    """The terms that stand for a pattern, and whether there are more."""

    rows: Rows
    truncated: bool


def standing(
    segments: Sequence[Segment], rows: Rows, item: Expansion, check: Check = unchecked
) -> Standing:
    """Choose the terms that stand for a pattern; in titles only those that titles have.

    All of them where they are no more than the pattern's limit, those of deleted articles too; else
    the most frequent. What ``check`` raises ends it.
    """
    count = sum([len(chosen.numbers) for row in rows for chosen in row])
    in_title = item.field is Field.TITLE
    if count <= item.limit and not in_title:
        return Standing(rows, truncated=False)
    if len(rows) == len(rows[0]) == 1:
        return _alone(segments[0], rows[0][0], item, check)
    keys = [[chosen.keys() for chosen in row] for row in rows]
    names = [set().union(*own) for own in zip(*keys, strict=True)]
    if sum(map(len, names)) <= item.limit and not in_title:
        return Standing(rows, truncated=False)
    return _together(segments, rows, keys, item, check)


def _alone(segment: Segment, chosen: Chosen, item: Expansion, check: Check) -> Standing:
    """Choose among the terms of one field of one segment: numbers are in the order of texts."""
    numbers = np.array(chosen.numbers, np.int64)
    frequencies = _frequencies(segment, chosen.field, numbers, item, check)
    best = np.argsort(-frequencies, kind="stable")[: item.limit + 1]
    best = best[frequencies[best] > 0]
    kept = np.sort(numbers[best[: item.limit]]).astype(np.uint32)
    return Standing([[Chosen(chosen.field, kept)]], best.size > item.limit)


def _together(
    segments: Sequence[Segment],
    rows: Rows,
    keys: list[list[list[bytes]]],
    item: Expansion,
    check: Check,
) -> Standing:
    """Choose among the terms of several fields or segments by their keys."""
    counts: list[dict[bytes, int]] = [{} for _ in rows[0]]
    for segment, row, own in zip(segments, rows, keys, strict=True):
        for (field, numbers), texts, sums in zip(row, own, counts, strict=True):
            every = np.array(numbers, np.int64)
            frequencies = _frequencies(segment, field, every, item, check).tolist()
            for text, frequency in zip(texts, frequencies, strict=True):
                sums[text] = sums.get(text, 0) + frequency
    best = _most_frequent(counts, item.limit + 1)
    kept: list[set[bytes]] = [set() for _ in counts]
    for _, text, place in best[: item.limit]:
        kept[place].add(text)
    chosen = [
        [_among(pair, texts, some) for pair, texts, some in zip(row, own, kept, strict=True)]
        for row, own in zip(rows, keys, strict=True)
    ]
    return Standing(chosen, len(best) > item.limit)


def _most_frequent(counts: Sequence[dict[bytes, int]], most: int) -> list[tuple[int, bytes, int]]:
    """List minus the count, key and place of the most frequent terms, in their order."""
    every = np.array([count for sums in counts for count in sums.values()], np.int64)
    least = max(1, int(np.partition(every, -most)[-most])) if every.size > most else 1
    pairs = ((place, *pair) for place, sums in enumerate(counts) for pair in sums.items())
    return sorted([(-count, key, place) for place, key, count in pairs if count >= least])[:most]


def _among(chosen: Chosen, texts: Sequence[bytes], kept: set[bytes]) -> Chosen:
    places = [place for place, text in enumerate(texts) if text in kept]
    return Chosen(chosen.field, np.array(chosen.numbers, np.uint32)[places])


def _frequencies(
    segment: Segment,
    field: PostingField,
    numbers: NDArray[np.int64],
    item: Expansion,
    check: Check,
) -> NDArray[np.int64]:
    if item.field is Field.TITLE:
        return field.titled_frequencies(numbers, check)
    if segment.has_deletions:
        return _living(field, numbers, check)
    return field.frequencies(numbers)


def _living(field: PostingField, numbers: NDArray[np.int64], check: Check) -> NDArray[np.int64]:
    """Count postings of articles that are not deleted; the kernel looks at no clock meanwhile."""
    sizes = np.cumsum(field.frequencies(numbers))
    counts = []
    for part in np.split(numbers, np.diff(sizes // AT_ONCE).nonzero()[0] + 1):
        check()
        counts.append(field.living_frequencies(part))
    return np.concatenate(counts)
