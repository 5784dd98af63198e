"""Merging small segments into one, so that updates do not leave ever more of them.

In: segments with their deletions. Out: one segment file without the deleted documents. Tokens of
one posting field at a time are taken apart and inverted again, in memory; the policy bounds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.protocol import Identity
from searchsvc.engines.whoosh.container import write_arrays
from searchsvc.engines.whoosh.digest import Digest
from searchsvc.engines.whoosh.layout import POSTING_FIELDS, posting_name
from searchsvc.engines.whoosh.segment_writer import NUMBERS, columns, described
from searchsvc.engines.whoosh.triples import Triples, posting_arrays

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.segment import Segment
    from searchsvc.schema import Field, Stream

MOST_SEGMENTS = 8
MERGED_WEIGHT = 6_000_000
"""A merge holds about 60 bytes of memory a token; what weighs more stays apart."""

ARTICLE_WEIGHT = 50
"""An article in memory takes as much as this many tokens beside its own."""


def weight(articles: int, tokens: int) -> int:
    """Weigh articles by the memory they take, in tokens."""
    return tokens + ARTICLE_WEIGHT * articles


def to_merge(segments: Sequence[Segment]) -> list[int]:
    """Choose the smallest segments when there are too many: their indices, or none."""
    if len(segments) <= MOST_SEGMENTS:
        return []
    weights = [_weight(segment) for segment in segments]
    chosen: list[int] = []
    whole = 0
    for number in sorted(range(len(segments)), key=weights.__getitem__):
        whole += weights[number]
        if whole > MERGED_WEIGHT:
            break
        chosen.append(number)
    return sorted(chosen) if len(chosen) > 1 else []


def _weight(segment: Segment) -> int:
    living = segment.tokens[~segment.deleted]
    return weight(living.size, int(living.sum()))


def merge(segments: Sequence[Segment], path: Path) -> int:
    """Write the living documents of segments as one; returns how many there are."""
    living = [np.flatnonzero(~segment.deleted) for segment in segments]
    digests = [
        _digest(segment, int(doc))
        for segment, docs in zip(segments, living, strict=True)
        for doc in docs
    ]
    arrays = columns(digests)
    for field, stream in POSTING_FIELDS:
        triples = _triples(segments, living, field, stream)
        arrays |= posting_arrays(posting_name(field, stream), triples, described(arrays, field))
    write_arrays(path, arrays)
    return len(digests)


def _digest(segment: Segment, doc: int) -> Digest:
    numbers = {name: int(segment.column(name)[doc]) for name in (*NUMBERS, "minute")}
    source, origin, topics, authors = (
        tuple(_values(segment, name, doc)) for name in ("source", "origin", "topic", "author")
    )
    return Digest(
        id=segment.id_of(doc),
        identity=Identity("", ""),
        article=segment.block("stored", doc),
        offsets=segment.block("offsets", doc),
        forms="",
        compounds=(),
        source=source[0] if source else "",
        origin=origin[0] if origin else "",
        topics=topics,
        authors=authors,
        **numbers,
    )


def _values(segment: Segment, name: str, doc: int) -> Iterator[str]:
    column = segment.ordinals[name]
    for place in range(int(column.starts[doc]), int(column.starts[doc + 1])):
        yield column.values[int(column.ordinals[place])]


def _triples(
    segments: Sequence[Segment],
    living: Sequence[NDArray[np.int64]],
    field: Field,
    stream: Stream,
) -> Triples:
    numbers: dict[str, int] = {}
    parts: list[tuple[NDArray[np.int32], ...]] = []
    base = 0
    for segment, docs in zip(segments, living, strict=True):
        lexicon = segment.field(field, stream).lexicon
        renumbered = [numbers.setdefault(text, len(numbers)) for text in lexicon]
        moved = np.full(segment.size, -1, np.int32)
        moved[docs] = np.arange(base, base + docs.size, dtype=np.int32)
        base += docs.size
        terms, where, positions = segment.field(field, stream).triples()
        kept = moved[where] >= 0
        new_terms = np.array(renumbered, np.int32)[terms[kept]]
        parts.append((new_terms, moved[where[kept]], positions[kept]))
    terms, where, positions = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Triples(list(numbers), terms, where, positions)
