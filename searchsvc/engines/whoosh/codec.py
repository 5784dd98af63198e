"""Whoosh's codec over array files: segments as the table of contents lists them, their readers.

Two kinds of segments: ``ArraySegment``, articles written in bulk by the builder, and
``SchemaSegment``, written through Whoosh's own writer for any schema. Both are opened by
``whoosh.index.open_dir`` and answer Whoosh's queries. The table of contents is a pickle, so the
places of these classes are part of the file format.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from whoosh.codec import base

from searchsvc.engines.whoosh.layout import EXTENSION
from searchsvc.engines.whoosh.segment import Segment
from searchsvc.engines.whoosh.whoosh_articles import ArticleDocuments, ArticleTerms, whoosh_schema
from searchsvc.engines.whoosh.whoosh_documents import StoredDocuments
from searchsvc.engines.whoosh.whoosh_files import open_arrays
from searchsvc.engines.whoosh.whoosh_inverting import POSTINGS, ArrayFieldWriter
from searchsvc.engines.whoosh.whoosh_matcher import BLOCK
from searchsvc.engines.whoosh.whoosh_postings import StoredTerms
from searchsvc.engines.whoosh.whoosh_recording import (
    DOCUMENTS,
    ArrayDocumentWriter,
    column_filename,
)
from searchsvc.engines.whoosh.whoosh_terms import ArrayTermsReader

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ArrayCodec", "ArraySegment", "SchemaSegment", "whoosh_schema"]


class _Listed(base.Segment):  # type: ignore[misc]
    """A segment as the TOC lists it: its name, size and deletions."""

    def __init__(self, indexname: str, doccount: int = 0, deleted: frozenset[int] = frozenset()):
        super().__init__(indexname)
        self._doccount = doccount
        self._deleted = set(deleted)

    def codec(self) -> ArrayCodec:
        """Give the codec that reads it."""
        return ArrayCodec()

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
        """Tell Whoosh not to copy the files into one: mapped as they are, they need none."""
        return False


class ArraySegment(_Listed):
    """A segment of articles written in bulk: one array file."""

    def path(self, folder: Path) -> Path:
        """Give the segment's file in an index folder."""
        return folder / str(self.make_filename(EXTENSION))

    def open(self, storage: Any) -> Segment:
        """Open the articles."""
        return Segment(self.path(Path(storage.folder)), self.deleted_docs())

    def terms(self, storage: Any) -> ArticleTerms:
        """Open the terms."""
        return ArticleTerms(self.open(storage))

    def documents(self, storage: Any) -> ArticleDocuments:
        """Open the documents."""
        return ArticleDocuments(self.open(storage), self)


class SchemaSegment(_Listed):
    """A segment that Whoosh's writer filled: array files of postings and of lengths, and columns.

    What was written is noted, so that a lost file is not taken for an empty one.
    """

    has_postings = False
    has_documents = False

    def terms(self, storage: Any) -> StoredTerms:
        """Open the terms."""
        name = self.make_filename(POSTINGS)
        return StoredTerms(open_arrays(storage, name) if self.has_postings else None)

    def documents(self, storage: Any) -> StoredDocuments:
        """Open the documents."""
        name = self.make_filename(DOCUMENTS)
        file = open_arrays(storage, name) if self.has_documents else None
        return StoredDocuments(storage, self, file)


class ArrayCodec(base.Codec):  # type: ignore[misc]
    """Reads both kinds of segments; writes those of any schema.

    ``blocklimit`` is how many postings have their bounds stored together.
    """

    def __init__(self, blocklimit: int = BLOCK) -> None:
        self._block = blocklimit

    def per_document_writer(self, storage: Any, segment: SchemaSegment) -> ArrayDocumentWriter:
        """Write documents."""
        return ArrayDocumentWriter(storage, segment)

    def field_writer(self, storage: Any, segment: SchemaSegment) -> ArrayFieldWriter:
        """Write postings."""
        return ArrayFieldWriter(storage, segment, self._block)

    def terms_reader(self, storage: Any, segment: _Listed) -> ArrayTermsReader:
        """Open the terms."""
        return ArrayTermsReader(segment.terms(storage))

    def per_document_reader(
        self, storage: Any, segment: ArraySegment | SchemaSegment
    ) -> ArticleDocuments | StoredDocuments:
        """Open the documents."""
        return segment.documents(storage)

    def supports_columns(self) -> bool:
        """Tell that columns are kept."""
        return True

    @staticmethod
    def column_filename(segment: SchemaSegment, fieldname: str) -> str:
        """Name the file of a column, where Whoosh adds one to a segment."""
        return column_filename(segment, fieldname)

    def new_segment(self, _storage: Any, indexname: str) -> SchemaSegment:
        """Name a new segment."""
        return SchemaSegment(indexname)
