"""Merging segments: which, when, and their documents' columns.

In: segments with their deletions. Out: one segment file without the deleted documents. Arrays are
copied in slices and ranges of terms; lexicons, ids and columns are held in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.columns import (
    TYPES,
    column,
    id_docs,
    laid_out,
    value_ordinals,
    value_starts,
)
from searchsvc.engines.whoosh.facet_values import ordinal_arrays
from searchsvc.engines.whoosh.growing import Growing
from searchsvc.engines.whoosh.layout import POSTING_FIELDS, posting_name
from searchsvc.engines.whoosh.lexicon import lexicon_of
from searchsvc.engines.whoosh.posting_merge import Source, merge_field
from searchsvc.engines.whoosh.segment_writer import id_arrays
from searchsvc.engines.whoosh.sets import spread
from searchsvc.engines.whoosh.stored import store_of
from searchsvc.engines.whoosh.stored_merge import append_store
from searchsvc.engines.whoosh.unpacking import packed_field

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.segment import Segment
    from searchsvc.engines.whoosh.triples import Arrays

    Docs = NDArray[np.int64]
    Moved = NDArray[np.int32]

MOST_SEGMENTS = 8
"""More segments than this are merged by an update; each costs every query a fixed part."""

ARTICLE_WEIGHT = 50
"""An article in memory takes as much as this many tokens beside its own."""

ORDINALS = ("source", "origin", "topic", "author")


class Merged(NamedTuple):
    """How many documents a new segment has, and the SHA-256 of its file in hex."""

    documents: int
    digest: str


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


def merge(segments: Sequence[Segment], path: Path) -> Merged:
    """Write the living documents of segments as one."""
    living = [np.flatnonzero(~segment.deleted) for segment in segments]
    with Growing(path) as growing:
        _append(growing, _columns(segments, living))
        _append(growing, _ids(segments, living))
        for name in ORDINALS:
            _append(growing, _ordinals(name, segments, living))
        append_store(growing, [store_of(segment.file) for segment in segments], living)
        _release(segments)
        moved = _moved(segments, living)
        for pair in POSTING_FIELDS:
            name = posting_name(*pair)
            merge_field(growing, name, _sources(name, segments, moved))
            _release(segments)
        digest = growing.write()
    return Merged(sum(docs.size for docs in living), digest)


def _release(segments: Sequence[Segment]) -> None:
    """Keep what was read of the segments from adding up in memory."""
    for segment in segments:
        segment.file.release()


def _append(growing: Growing, arrays: Arrays) -> None:
    for name, array in arrays.items():
        growing.append(name, array)


def _sources(name: str, segments: Sequence[Segment], moved: Sequence[Moved]) -> list[Source]:
    return [
        Source(
            lexicon_of(segment.file, name),
            packed_field(segment.file, name, segment.size),
            own,
        )
        for segment, own in zip(segments, moved, strict=True)
    ]


def _moved(segments: Sequence[Segment], living: Sequence[Docs]) -> list[Moved]:
    """Give every document its number in the merged segment, -1 to the deleted."""
    moved = []
    base = 0
    for segment, docs in zip(segments, living, strict=True):
        numbers = np.full(segment.size, -1, np.int32)
        numbers[docs] = np.arange(base, base + docs.size, dtype=np.int32)
        moved.append(numbers)
        base += docs.size
    return moved


def _columns(segments: Sequence[Segment], living: Sequence[Docs]) -> Arrays:
    pairs = list(zip(segments, living, strict=True))
    return laid_out(
        {
            name: np.concatenate([column(own.file, name, own.size)[docs] for own, docs in pairs])
            for name in TYPES
        }
    )


def _ids(segments: Sequence[Segment], living: Sequence[Docs]) -> Arrays:
    ids: list[str] = []
    for segment, docs in zip(segments, living, strict=True):
        own = np.empty(segment.size, object)
        own[id_docs(segment.file)] = list(lexicon_of(segment.file, "id"))
        ids.extend(own[docs])
    return id_arrays(ids)


def _ordinals(name: str, segments: Sequence[Segment], living: Sequence[Docs]) -> Arrays:
    lexicons = [list(lexicon_of(segment.file, f"{name}_values")) for segment in segments]
    distinct = sorted({value for values in lexicons for value in values})
    rank = {value: number for number, value in enumerate(distinct)}
    counts, ordinals = [], []
    for segment, docs, values in zip(segments, living, lexicons, strict=True):
        starts = value_starts(segment.file, name, segment.size)
        if starts is None:
            starts = np.arange(segment.size + 1)
        lengths = np.diff(starts)[docs]
        numbers = np.array([rank[value] for value in values], np.int64)
        own = value_ordinals(segment.file, name)
        counts.append(lengths)
        ordinals.append(numbers[own[spread(starts[docs], lengths)]])
    return ordinal_arrays(name, distinct, np.concatenate(counts), np.concatenate(ordinals))
