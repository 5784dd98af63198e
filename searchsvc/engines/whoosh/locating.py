"""Where a tree's leaves stand in one article: from token positions to characters.

In: a document of a segment and the resolved tree. Out: matches in title and text, for
highlighting; texts are not analysed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.protocol import Match, Zone
from searchsvc.engines.whoosh.resolving import leaves
from searchsvc.engines.whoosh.spans import leaf_spans
from searchsvc.query.tree import Expansion, Word
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from searchsvc.engines.whoosh.resolving import Resolved
    from searchsvc.engines.whoosh.segment import Segment
    from searchsvc.query.tree import Leaf, Node

TEXT_FIELDS = (Field.TEXT, Field.TITLE)


def locate(segment: Segment, doc: int, node: Node, resolved: Resolved) -> tuple[Match, ...]:
    """List the occurrences of the leaves in a document, by zone, then by place."""
    among = np.array([doc], np.int32)
    spans = [
        (clause, int(key) & 0xFFFFFFFF, part.length)
        for clause, leaf in enumerate(leaves(node))
        if _in_text(leaf)
        for part in leaf_spans(segment, leaf, resolved, among)
        for key in part.keys
    ]
    if not spans:
        return ()
    found = _Ruler(segment, doc).matches(spans)
    return tuple(sorted(found, key=lambda match: (match.zone, match.start, match.end)))


def _in_text(leaf: Leaf) -> bool:
    if isinstance(leaf, (Word, Expansion)):
        return leaf.field in TEXT_FIELDS
    return all(_in_text(item) for item in leaf.items)


class _Ruler:
    """One document's token offsets, and which positions are title."""

    def __init__(self, segment: Segment, doc: int) -> None:
        self._starts, self._ends = segment.offsets(doc)
        self._title_tokens = int(segment.column("title_tokens")[doc])
        self._body_start = int(segment.column("body_start")[doc])
        self._made = bool(segment.title_made[doc])

    def matches(self, spans: list[tuple[int, int, int]]) -> Iterator[Match]:
        for clause, position, length in spans:
            in_title = position < self._title_tokens
            shift = 0 if in_title else self._body_start - self._title_tokens
            if self._made:
                shift = 0
            token = position - shift
            start, end = int(self._starts[token]), int(self._ends[token + length - 1])
            if in_title and position + length <= self._title_tokens:
                yield Match(Zone.TITLE, position, start, end, clause)
            if not in_title or self._made:
                yield Match(Zone.TEXT, position, start, end, clause)
