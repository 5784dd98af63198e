"""Where a tree's leaves stand in articles: from token positions to characters.

In: documents of a segment, their articles and the resolved tree. Out: places of matches in title
and text, for highlighting. Positions come from the index, all documents' at once; texts are cut
into tokens again for the characters, up to the last match: the offsets of 57,000 articles would
take 9.5 MB.
``_locating`` measures positions; ``portable_locating`` takes over where it was not
compiled.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import portable_locating
from searchsvc.engines.whoosh.deadlines import unchecked
from searchsvc.engines.whoosh.portable_locating import POSITION, bytes_of, keys_of, piece_end
from searchsvc.engines.whoosh.spans import DOC_SHIFT, near_spans
from searchsvc.query.tree import Expansion, Near, Phrase, Word
from searchsvc.schema import POSITION_GAP, Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import ModuleType

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.whoosh.deadlines import Check
    from searchsvc.engines.whoosh.kernel import Term
    from searchsvc.engines.whoosh.portable_locating import Document, Standing
    from searchsvc.engines.whoosh.resolving import Resolved
    from searchsvc.engines.whoosh.segment import Segment
    from searchsvc.model import Article
    from searchsvc.query.tree import Leaf, Position

try:
    from searchsvc.engines.whoosh import _locating

    compiled: ModuleType | None = _locating
except ImportError:
    compiled = None

TEXT_FIELDS = (Field.TEXT, Field.TITLE)

CONSTANTS = (POSITION_GAP, piece_end)
"""What the compiled loops measure places with."""


def locate(
    resolved: Resolved,
    number: int,
    docs: Sequence[int],
    articles: Sequence[Article],
    wanted: Iterable[Leaf],
    analyzer: Analyzer,
    check: Check = unchecked,
) -> list[bytes]:
    """Give the places of leaves in each document of a segment, by zone, then by place.

    ``articles`` are what is stored of the documents; the leaves wanted are numbered. ``check`` is
    called on the way and may raise.
    """
    order = sorted(range(len(docs)), key=docs.__getitem__)
    documents = _documents(resolved.index.segments[number], docs, articles, order)
    finder = _Finder(resolved, number, documents, check)
    standing = tuple(
        [
            (clause, keys, length, finder.wholes(item))
            for clause, leaf in enumerate(wanted)
            if _in_text(leaf)
            for item, keys, length in finder.standing(leaf)
        ]
    )
    found = _places(documents, standing, analyzer)
    places = [b""] * len(docs)
    for place, own in zip(order, found, strict=True):
        places[place] = own
    return places


def _documents(
    segment: Segment, docs: Sequence[int], articles: Sequence[Article], order: Sequence[int]
) -> tuple[Document, ...]:
    tokens, made = segment.column("title_tokens").item, segment.column("title_made").item
    return tuple(
        [
            ((own := articles[place]).title, own.text, doc := docs[place], tokens(doc), made(doc))
            for place in order
        ]
    )


def _places(
    documents: tuple[Document, ...], standing: tuple[Standing, ...], analyzer: Analyzer
) -> list[bytes]:
    if compiled is None:
        return portable_locating.places(documents, standing, analyzer.offsets)
    found: list[bytes] = compiled.places(
        documents, standing, analyzer.offsets, analyzer.quick_offsets, CONSTANTS
    )
    return found


def _in_text(leaf: Leaf) -> bool:
    if isinstance(leaf, (Word, Expansion)):
        return leaf.field in TEXT_FIELDS
    return all(_in_text(item) for item in leaf.items)


class _Finder:
    """Finds occurrences in a few documents of a segment: keys, ascending, as bytes."""

    def __init__(
        self, resolved: Resolved, number: int, documents: tuple[Document, ...], check: Check
    ) -> None:
        self._resolved = resolved
        self._number = number
        self._documents = documents
        self._among = array("i", [doc for _, _, doc, _, _ in documents])
        self._loops = portable_locating if compiled is None else compiled
        self._check = check

    def standing(self, leaf: Leaf) -> Iterator[tuple[Position | Phrase, bytes, int]]:
        """Give the items of a leaf, where they stand and how many tokens long."""
        self._check()
        if isinstance(leaf, Near):
            among = np.frombuffer(self._among, np.int32)
            every = near_spans(self._resolved, self._number, leaf, among, self._check)
            for item, spans in zip(leaf.items, every, strict=True):
                yield item, spans.keys.tobytes(), spans.length
        elif isinstance(leaf, Phrase):
            rows = [self._keys(item, self._terms(item)) for item in leaf.items]
            yield leaf, self._loops.side_by_side(rows), len(leaf.items)
        else:
            yield leaf, self._keys(leaf, self._terms(leaf)), 1

    def wholes(self, item: Position | Phrase) -> bytes:
        """Find where whole compounds («онлайн-сервис») stand for an item."""
        if isinstance(item, Phrase) or (isinstance(item, Word) and "-" not in "".join(item.terms)):
            return b""
        terms = self._resolved.wholes(item, self._number)
        return self._keys(item, terms) if terms else b""

    def _terms(self, item: Position) -> tuple[Term, ...]:
        return self._resolved.terms(item, self._number)

    def _keys(self, item: Position, terms: tuple[Term, ...]) -> bytes:
        segment = self._resolved.index.segments[self._number]
        found = segment.searched.positions(terms, self._among, math.inf)
        row: bytes = found[0] if len(found) == 1 else self._loops.united(found)
        return self._in_titles(row) if item.field is Field.TITLE else row

    def _in_titles(self, row: bytes) -> bytes:
        tokens = {doc: title_tokens for _, _, doc, title_tokens, _ in self._documents}
        keys = keys_of(row)
        return bytes_of(key for key in keys if key & POSITION < tokens[key >> DOC_SHIFT])
