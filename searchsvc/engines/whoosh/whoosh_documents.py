"""Read what the codec's per-document writer kept (``whoosh_recording``).

In: an array file of lengths and vectors, and column files. Out: what Whoosh asks of a document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whoosh.codec import base
from whoosh.matching import ListMatcher

from searchsvc.engines.whoosh.whoosh_files import Strings, damaged, part
from searchsvc.engines.whoosh.whoosh_recording import STORED, STORED_COLUMN, column_filename

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.container import ArrayFile


class DeletionReader(base.PerDocumentReader):  # type: ignore[misc]
    """Which documents of a segment there are, by its entry in the table of contents."""

    def __init__(self, segment: Any) -> None:
        self._segment = segment

    def doc_count(self) -> int:
        """Count the living documents."""
        return int(self._segment.doc_count())

    def doc_count_all(self) -> int:
        """Count all documents."""
        return int(self._segment.doc_count_all())

    def has_deletions(self) -> bool:
        """Tell whether documents are deleted."""
        return bool(self._segment.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        """Tell whether a document is deleted."""
        return bool(self._segment.is_deleted(docnum))

    def deleted_docs(self) -> Iterable[int]:
        """List the deleted documents."""
        deleted: Iterable[int] = self._segment.deleted_docs()
        return deleted


def shortest(lengths: NDArray[Any]) -> int:
    """Give the shortest of the documents' lengths, 0 if there are none."""
    return int(lengths.min()) if lengths.size else 0


def longest(lengths: NDArray[Any]) -> int:
    """Give the longest of the documents' lengths, 0 if there are none."""
    return int(lengths.max()) if lengths.size else 0


class StoredVectors:
    """The vectors of one field; raises IndexDamaged where its arrays do not fit each other."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self._docs, self._starts = part(file, f"{name}/docs"), part(file, f"{name}/starts")
        self._weights = part(file, f"{name}/weights")
        self._terms, self._values = Strings(file, f"{name}/terms"), Strings(file, f"{name}/values")
        items = len(self._terms)
        fits = self._starts.size == self._docs.size + 1 and self._starts[
            -1
        ] == items == self._weights.size == len(self._values)
        if not fits:
            raise damaged(file, name)

    def _place(self, docnum: int) -> int:
        place = int(self._docs.searchsorted(docnum))
        return place if place < self._docs.size and self._docs[place] == docnum else -1

    def __contains__(self, docnum: int) -> bool:
        return self._place(docnum) >= 0

    def matcher(self, docnum: int, format_: Any) -> ListMatcher:
        """Walk the terms of a document's vector; raises KeyError where it has none."""
        place = self._place(docnum)
        if place < 0:
            raise KeyError(f"document {docnum} has no vector")
        items = range(int(self._starts[place]), int(self._starts[place + 1]))
        weights = self._weights[items.start : items.stop].tolist()
        terms = [self._terms[item].decode() for item in items]
        return ListMatcher(terms, weights, [self._values[item] for item in items], format_)


class StoredDocuments(DeletionReader):
    """A segment's lengths, vectors, columns and stored values."""

    def __init__(self, storage: Any, segment: Any, file: ArrayFile | None) -> None:
        super().__init__(segment)
        self._storage = storage
        self._opened: dict[str, tuple[Any, int]] = {}
        self._stored: Any = None
        self._lengths: dict[str, NDArray[Any]] = {}
        self._vectors: dict[str, StoredVectors] = {}
        if file is None:
            return
        for number, name in enumerate(Strings(file, "lengths")):
            self._lengths[name.decode()] = part(file, f"lengths/{number}")
            if self._lengths[name.decode()].size < segment.doc_count_all():
                raise damaged(file, f"lengths/{number}")
        for number, name in enumerate(Strings(file, "vectors")):
            self._vectors[name.decode()] = StoredVectors(file, f"vectors/{number}")

    def close(self) -> None:
        """Close the column files."""
        for file, _ in self._opened.values():
            file.close()
        self._opened.clear()

    def supports_columns(self) -> bool:
        """Tell that columns are kept."""
        return True

    def has_column(self, fieldname: str) -> bool:
        """Tell whether a column was written."""
        return bool(self._storage.file_exists(column_filename(self._segment, fieldname)))

    def column_reader(self, fieldname: str, column: Any) -> Any:
        """Read a column that was written."""
        if fieldname not in self._opened:
            name = column_filename(self._segment, fieldname)
            length = self._storage.file_length(name)
            self._opened[fieldname] = self._storage.open_file(name), length
        file, length = self._opened[fieldname]
        return column.reader(file, 0, length, self.doc_count_all())

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Give a field's length in tokens."""
        return self.doc_field_length_reader(fieldname, default)(docnum)

    def doc_field_length_reader(self, fieldname: str, default: int = 0) -> Callable[[int], int]:
        """Give what tells a field's length by document."""
        if fieldname not in self._lengths:
            return lambda _: default
        lengths = self._lengths[fieldname].data
        return lambda docnum: lengths[docnum] or default

    def field_length(self, fieldname: str) -> int:
        """Sum the lengths of all documents."""
        return int(self._lengths[fieldname].sum()) if fieldname in self._lengths else 0

    def min_field_length(self, fieldname: str) -> int:
        """Give the shortest length."""
        return shortest(self._lengths[fieldname]) if fieldname in self._lengths else 0

    def max_field_length(self, fieldname: str) -> int:
        """Give the longest length."""
        return longest(self._lengths[fieldname]) if fieldname in self._lengths else 0

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        """Tell whether a document has a vector."""
        return fieldname in self._vectors and docnum in self._vectors[fieldname]

    def vector(self, docnum: int, fieldname: str, format_: Any) -> ListMatcher:
        """Walk a document's vector; raises KeyError where it has none."""
        return self._vectors[fieldname].matcher(docnum, format_)

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Unpack the stored values."""
        if self._stored is None:
            if not self.has_column(STORED):
                return {}
            self._stored = self.column_reader(STORED, STORED_COLUMN)
        return self._stored[docnum] or {}
