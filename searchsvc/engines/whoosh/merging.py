"""Merging segments: which, when, and their documents' columns.

In: segments with their deletions. Out: one segment file without the deleted documents. Arrays are
copied in slices and ranges of terms; lexicons, ids and columns are held in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh.growing import Growing
from searchsvc.engines.whoosh.layout import POSTING_FIELDS, posting_name
from searchsvc.engines.whoosh.posting_merge import merge_field
from searchsvc.engines.whoosh.segment_writer import NUMBERS, id_arrays
from searchsvc.engines.whoosh.sets import spread
from searchsvc.engines.whoosh.triples import lexicon_arrays

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.segment import Segment

    Docs = NDArray[np.int64]

MOST_SEGMENTS = 8
"""More segments than this are merged by an update; each costs every query a fixed part."""

ARTICLE_WEIGHT = 50
"""An article in memory takes as much as this many tokens beside its own."""

COPIED = 1_000
"""Documents whose stored blocks are copied at once."""

COLUMNS = (*NUMBERS, "minute", "title_made", "lengths")
ORDINALS = ("source", "origin", "topic", "author")
BLOCKS = ("stored", "offsets")


def weight(articles: int, tokens: int) -> int:
    """Weigh articles by the memory they take, in tokens."""
    return tokens + ARTICLE_WEIGHT * articles


def to_merge(segments: Sequence[Segment], *, fresh: bool) -> list[int]:
    """Choose what to merge: all of a fresh build, else the smallest when there are too many.

    An update merges segments of about one size: from the smallest on, each that is no larger
    than twice those before it together, and at least so many that few enough are left.
    """
    if fresh:
        return list(range(len(segments))) if len(segments) > 1 else []
    if len(segments) <= MOST_SEGMENTS:
        return []
    weights = [_weight(segment) for segment in segments]
    order = sorted(range(len(segments)), key=weights.__getitem__)
    chosen = order[: len(segments) - MOST_SEGMENTS + 1]
    for number in order[len(chosen) :]:
        if weights[number] > 2 * sum(weights[own] for own in chosen):
            break
        chosen.append(number)
    return sorted(chosen)


def _weight(segment: Segment) -> int:
    living = segment.tokens[~segment.deleted]
    return weight(living.size, int(living.sum()))


def merge(segments: Sequence[Segment], path: Path) -> int:
    """Write the living documents of segments as one; returns how many there are."""
    living = [np.flatnonzero(~segment.deleted) for segment in segments]
    with Growing(path) as growing:
        _append_columns(growing, segments, living)
        for name in ORDINALS:
            _append_ordinals(growing, name, segments, living)
        for name in BLOCKS:
            _append_blocks(growing, name, segments, living)
        moved = _moved(segments, living)
        for pair in POSTING_FIELDS:
            fields = [segment.field(*pair) for segment in segments]
            merge_field(growing, posting_name(*pair), fields, moved)
        growing.write()
    return sum(docs.size for docs in living)


def _moved(segments: Sequence[Segment], living: Sequence[Docs]) -> list[NDArray[np.int32]]:
    """Give every document its number in the merged segment, -1 to the deleted."""
    moved = []
    base = 0
    for segment, docs in zip(segments, living, strict=True):
        numbers = np.full(segment.size, -1, np.int32)
        numbers[docs] = np.arange(base, base + docs.size, dtype=np.int32)
        moved.append(numbers)
        base += docs.size
    return moved


def _append_columns(growing: Growing, segments: Sequence[Segment], living: Sequence[Docs]) -> None:
    for name in COLUMNS:
        for segment, docs in zip(segments, living, strict=True):
            growing.append(name, segment.column(name)[docs])
    ids = [
        segment.id_of(doc)
        for segment, docs in zip(segments, living, strict=True)
        for doc in docs.tolist()
    ]
    for name, array in id_arrays(ids).items():
        growing.append(name, array)


def _append_ordinals(
    growing: Growing, name: str, segments: Sequence[Segment], living: Sequence[Docs]
) -> None:
    columns = [segment.ordinals[name] for segment in segments]
    values = sorted({value for column in columns for value in column.values})
    rank = {value: number for number, value in enumerate(values)}
    counts = [np.zeros(1, np.int64)]
    for column, docs in zip(columns, living, strict=True):
        lengths = column.starts[docs + 1] - column.starts[docs]
        counts.append(lengths)
        numbers = np.array([rank[value] for value in column.values], np.int32)
        own = column.ordinals[spread(column.starts[docs], lengths)]
        growing.append(f"{name}_values/ordinals", numbers[own])
    growing.append(f"{name}_values/starts", np.cumsum(np.concatenate(counts)))
    for array, part in lexicon_arrays(f"{name}_values", values).items():
        growing.append(array, part)


def _append_blocks(
    growing: Growing, name: str, segments: Sequence[Segment], living: Sequence[Docs]
) -> None:
    sizes = [np.zeros(1, np.int64)]
    for segment, docs in zip(segments, living, strict=True):
        starts, data = segment.blocks(name)
        for first in range(0, docs.size, COPIED):
            some = docs[first : first + COPIED]
            lengths = starts[some + 1] - starts[some]
            sizes.append(lengths)
            begin, end = int(starts[some[0]]), int(starts[some[-1] + 1])
            whole = end - begin == int(lengths.sum())
            places = slice(begin, end) if whole else spread(starts[some], lengths)
            growing.append(f"{name}/bytes", data[places])
    growing.append(f"{name}/bytes", np.zeros(0, np.uint8))
    growing.append(f"{name}/starts", np.cumsum(np.concatenate(sizes)))
