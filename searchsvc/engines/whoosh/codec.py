"""Whoosh's view of our segments: schema, segment, codec, and readers over the array postings.

``whoosh.index.open_dir`` opens an index written here, and Whoosh's own queries are answered
through these classes. Our evaluation does not go through them: it reads the arrays.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from whoosh.analysis import LowercaseFilter, SpaceSeparatedTokenizer
from whoosh.codec import base
from whoosh.fields import ID, STORED, TEXT, Schema
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from searchsvc.engines.whoosh.layout import EXTENSION, POSTING_FIELDS, posting_name
from searchsvc.engines.whoosh.segment import PostingField, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

FIELDS = {posting_name(*pair): pair for pair in POSTING_FIELDS}


def whoosh_schema() -> Schema:
    """Describe the index to Whoosh: posting fields take lemmas or forms apart by spaces."""
    analyzer = SpaceSeparatedTokenizer() | LowercaseFilter()
    fields = {name: TEXT(analyzer=analyzer, phrase=True) for name in FIELDS}
    stored = {name: STORED() for name in ("title", "url", "date", "body")}
    return Schema(id=ID(unique=True, stored=True), **fields, **stored)


class ArraySegment(base.Segment):  # type: ignore[misc]
    """A segment as the TOC lists it: its name, size and deletions."""

    def __init__(self, indexname: str, doccount: int = 0, deleted: frozenset[int] = frozenset()):
        super().__init__(indexname)
        self._doccount = doccount
        self._deleted = set(deleted)

    def codec(self) -> ArrayCodec:
        """Give the codec that reads it."""
        return ArrayCodec()

    def path(self, folder: Path) -> Path:
        """Give the segment's file in an index folder."""
        return folder / str(self.make_filename(EXTENSION))

    def set_doc_count(self, dc: int) -> None:
        """Set how many documents it has, deleted ones included."""
        self._doccount = dc

    def doc_count_all(self) -> int:
        """Count the documents, deleted ones included."""
        return self._doccount

    def deleted_count(self) -> int:
        """Count the deleted documents."""
        return len(self._deleted)

    def deleted_docs(self) -> Iterator[int]:
        """List the deleted documents."""
        return iter(self._deleted)

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Delete a document, or take that back."""
        (self._deleted.add if delete else self._deleted.discard)(docnum)

    def is_deleted(self, docnum: int) -> bool:
        """Tell whether a document is deleted."""
        return docnum in self._deleted

    def should_assemble(self) -> bool:
        """Tell Whoosh that there is one file only, nothing to put together."""
        return False


class ArrayCodec(base.Codec):  # type: ignore[misc]
    """Opens array segments for Whoosh; they are written in bulk by the builder, not through it."""

    def terms_reader(self, storage: Any, segment: ArraySegment) -> ArrayTermsReader:
        """Open the terms."""
        return ArrayTermsReader(_open(storage, segment))

    def per_document_reader(self, storage: Any, segment: ArraySegment) -> ArrayDocumentReader:
        """Open the documents."""
        return ArrayDocumentReader(_open(storage, segment), segment)

    def new_segment(self, _storage: Any, indexname: str) -> ArraySegment:
        """Name a new segment."""
        return ArraySegment(indexname)


def _open(storage: Any, segment: ArraySegment) -> Segment:
    return Segment(segment.path(Path(storage.folder)), segment.deleted_docs())


class ArrayTermsReader(base.TermsReader):  # type: ignore[misc]
    """Terms and posting lists as Whoosh asks for them; texts are UTF-8 bytes."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def _field(self, fieldname: str) -> PostingField:
        return self._segment.field(*FIELDS[fieldname])

    def _number(self, fieldname: str, text: bytes) -> int:
        if fieldname == "id":
            return self._segment.find(text.decode())
        return self._field(fieldname).lexicon.find(text.decode()) if fieldname in FIELDS else -1

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._number(*term) >= 0

    def indexed_field_names(self) -> tuple[str, ...]:
        """Name the fields with postings."""
        return (*FIELDS, "id")

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """List all terms by field and text."""
        for fieldname in sorted(FIELDS):
            yield from self.terms_from(fieldname, b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """List a field's terms from a text on."""
        lexicon = self._field(fieldname).lexicon
        for number in range(lexicon.lower_bound(prefix), len(lexicon)):
            yield fieldname, lexicon[number].encode()

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """List all terms with their statistics."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(
        self, fieldname: str, prefix: bytes
    ) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """List a field's terms with their statistics from a text on."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Give a term's statistics; raises TermNotFound."""
        number = self._number(fieldname, text)
        if number < 0:
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        if fieldname == "id":
            return TermInfo(1, 1, 1, 1, 1, number, number)
        docs, tf, _ = self._positions(fieldname, number)
        lengths = self._segment.tokens[docs]
        return TermInfo(
            weight=float(tf.sum()),
            df=docs.size,
            minlength=int(lengths.min()),
            maxlength=int(lengths.max()),
            maxweight=float(tf.max()),
            minid=int(docs[0]),
            maxid=int(docs[-1]),
        )

    def _positions(self, fieldname: str, number: int) -> tuple[NDArray[Any], ...]:
        """Give a term's documents, its frequencies and, end to end, its positions there."""
        return self._field(fieldname).occurrences(number)

    def frequency(self, fieldname: str, text: bytes) -> float:
        """Count a term's occurrences; another segment may be the one that has it."""
        present = (fieldname, text) in self
        return float(self.term_info(fieldname, text).weight()) if present else 0.0

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Count a term's documents; another segment may be the one that has it."""
        present = (fieldname, text) in self
        return int(self.term_info(fieldname, text).doc_frequency()) if present else 0

    def matcher(
        self, fieldname: str, text: bytes, format_: Any, scorer: Any = None
    ) -> ArrayMatcher:
        """Walk a term's postings; raises TermNotFound."""
        info = self.term_info(fieldname, text)
        term = (fieldname, text)
        if fieldname == "id":
            return ArrayMatcher([info.min_id()], [1.0], None, format_, scorer, 0, None, term, info)
        docs, tf, places = self._positions(fieldname, self._number(fieldname, text))
        positions = np.split(places, np.cumsum(tf)[:-1])
        weights = tf.astype(float).tolist()
        return ArrayMatcher(docs.tolist(), weights, positions, format_, scorer, 0, None, term, info)

    def cursor(self, fieldname: str, _fieldobj: Any) -> ArrayCursor:
        """Walk a field's terms."""
        return ArrayCursor(self, fieldname)


class ArrayCursor(base.FieldCursor):  # type: ignore[misc]
    """A place in a field's sorted terms."""

    def __init__(self, reader: ArrayTermsReader, fieldname: str) -> None:
        self._reader = reader
        self._fieldname = fieldname
        self.first()

    def first(self) -> str | None:
        """Go to the first term."""
        return self.find(b"")

    def find(self, string: str | bytes) -> str | None:
        """Go to the first term not before a string."""
        key = string.encode() if isinstance(string, str) else string
        self._terms = self._reader.terms_from(self._fieldname, key)
        return self.next()

    def next(self) -> str | None:
        """Go to the next term."""
        self._text: str | None = next((text.decode() for _, text in self._terms), None)
        return self._text

    def text(self) -> str | None:
        """Give the term here."""
        return self._text

    def is_valid(self) -> bool:
        """Tell whether there is a term here."""
        return self._text is not None


class ArrayMatcher(ListMatcher):  # type: ignore[misc]
    """A posting list in memory whose values are positions."""

    def value_as(self, astype: str) -> Any:
        """Give the current posting's positions or frequency."""
        if astype == "positions":
            return self._values[self._i].tolist() if self._values is not None else []
        if astype == "frequency":
            return int(self.weight())
        raise ValueError(f"postings have no {astype}")

    def spans(self) -> list[Any]:
        """Give the current positions as spans, which Whoosh's phrases compare."""
        from whoosh.query.spans import Span  # noqa: PLC0415 (it imports the matchers itself)

        return [Span(position) for position in self.value_as("positions")]


class ArrayDocumentReader(base.PerDocumentReader):  # type: ignore[misc]
    """Documents as Whoosh asks for them."""

    def __init__(self, segment: Segment, entry: ArraySegment) -> None:
        self._segment = segment
        self._entry = entry

    def doc_count(self) -> int:
        """Count the living documents."""
        return int(self._entry.doc_count())

    def doc_count_all(self) -> int:
        """Count all documents."""
        return self._segment.size

    def has_deletions(self) -> bool:
        """Tell whether documents are deleted."""
        return self._segment.has_deletions

    def is_deleted(self, docnum: int) -> bool:
        """Tell whether a document is deleted."""
        return bool(self._segment.deleted[docnum])

    def deleted_docs(self) -> Iterator[int]:
        """List the deleted documents."""
        return iter(np.flatnonzero(self._segment.deleted).tolist())

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Give a document's length in tokens (title and body)."""
        return int(self._segment.tokens[docnum]) if fieldname in FIELDS else default

    def field_length(self, fieldname: str) -> int:
        """Sum the lengths of all documents."""
        return int(self._segment.tokens.sum()) if fieldname in FIELDS else 0

    def min_field_length(self, fieldname: str) -> int:
        """Give the shortest length."""
        return int(self._segment.tokens.min(initial=0)) if fieldname in FIELDS else 0

    def max_field_length(self, fieldname: str) -> int:
        """Give the longest length."""
        return int(self._segment.tokens.max(initial=0)) if fieldname in FIELDS else 0

    def stored_fields(self, docnum: int) -> dict[str, object]:
        """Unpack what Whoosh's hits show."""
        article = self._segment.article(docnum)
        date = article.date.isoformat() if article.date else ""
        fields = {"id": article.id, "title": article.title, "url": article.url, "date": date}
        return {**fields, "body": article.text}
