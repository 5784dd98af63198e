"""Write what a document of any Whoosh schema keeps besides postings: the per-document writer.

In: documents one after another: stored values, lengths, vectors, column values. Out, when closed:
one array file with lengths and vectors, and Whoosh's own column files (stored values are a column
too); each only if there is something in it. A cancelled document leaves nothing behind.

Arrays: ``lengths`` names fields, ``lengths/n`` has a length a document, exactly. ``vectors`` names
fields; ``vectors/n/docs`` the documents with a vector, ``…/starts`` their first terms,
``…/terms``, ``…/weights`` and ``…/values`` those terms in the field's order.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from whoosh import columns
from whoosh.codec import base
from whoosh.filedb.compound import CompoundWriter

from searchsvc.engines.whoosh.whoosh_files import compact, offsets_of, pack_strings, save_arrays

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]
    Item = tuple[str, float, bytes]

DOCUMENTS = ".documents"
"""The extension of a segment's array file of lengths and vectors."""

COLUMN = ".col"
"""The extension of a column's file, after the field's name: Whoosh's own."""

STORED = "_stored"
STORED_COLUMN = columns.PickleColumn(columns.CompressedBytesColumn())


def column_filename(segment: Any, fieldname: str) -> str:
    """Name the file of a column."""
    return str(segment.make_filename(f".{fieldname}{COLUMN}"))


@dataclass(slots=True)
class Pending:
    """The document that is coming in."""

    stored: dict[str, Any] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    vectors: list[tuple[str, list[Item]]] = field(default_factory=list)
    columns: list[tuple[str, Any, Any]] = field(default_factory=list)


class ArrayDocumentWriter(base.PerDocumentWriter):  # type: ignore[misc]
    """Takes documents in order."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._storage = storage
        self._segment = segment
        self._count = 0
        self._pending: Pending | None = None
        self._compound: CompoundWriter | None = None
        self._columns: dict[str, Any] = {}
        self._lengths: dict[str, dict[int, int]] = defaultdict(dict)
        self._vectors: dict[str, list[tuple[int, list[Item]]]] = defaultdict(list)
        self.is_closed = False

    def start_doc(self, docnum: int) -> None:
        """Begin the next document."""
        if self._pending is not None or docnum != self._count:
            raise RuntimeError(f"document {docnum} begun where {self._count} was expected")
        self._pending = Pending()

    def _document(self) -> Pending:
        if self._pending is None:
            raise RuntimeError("no document was begun")
        return self._pending

    def add_field(self, fieldname: str, _fieldobj: Any, value: Any, length: int | None) -> None:
        """Keep a field's stored value, if any, and its length in tokens."""
        if value is not None:
            self._document().stored[fieldname] = value
        if length:
            self._document().lengths[fieldname] = length

    def add_column_value(self, fieldname: str, columnobj: Any, value: Any) -> None:
        """Keep a value of a column."""
        self._document().columns.append((fieldname, columnobj, value))

    def add_vector_items(self, fieldname: str, _fieldobj: Any, items: Iterable[Item]) -> None:
        """Keep a vector: terms with weights and encoded values."""
        if vector := list(items):
            self._document().vectors.append((fieldname, vector))

    def finish_doc(self) -> None:
        """Write down the document."""
        document = self._document()
        for fieldname, length in document.lengths.items():
            self._lengths[fieldname][self._count] = length
        for fieldname, vector in document.vectors:
            self._vectors[fieldname].append((self._count, vector))
        for fieldname, column, value in document.columns:
            self._column(fieldname, column).add(self._count, value)
        if document.stored:
            self._column(STORED, STORED_COLUMN).add(self._count, document.stored)
        self._count += 1
        self._pending = None

    def cancel_doc(self) -> None:
        """Forget the document begun last."""
        self._pending = None

    def _column(self, fieldname: str, column: Any) -> Any:
        if fieldname not in self._columns:
            if self._compound is None:
                folder = self._storage.temp_storage(f"{self._segment.indexname}.tmp")
                self._compound = CompoundWriter(folder)
            self._columns[fieldname] = column.writer(self._compound.create_file(fieldname))
        return self._columns[fieldname]

    def close(self) -> None:
        """Write the files."""
        if self._pending is not None:
            self.finish_doc()
        for writer in self._columns.values():
            writer.finish(self._count)
        if self._compound is not None:
            self._compound.save_as_files(
                self._storage, lambda name: column_filename(self._segment, name)
            )
        arrays = {**self._length_arrays(), **self._vector_arrays()}
        if arrays:
            save_arrays(self._storage, self._segment.make_filename(DOCUMENTS), arrays)
            self._segment.has_documents = True
        self.is_closed = True

    def _length_arrays(self) -> Arrays:
        arrays = pack_strings("lengths", [name.encode() for name in self._lengths])
        for number, lengths in enumerate(self._lengths.values()):
            dense = np.zeros(self._count, np.uint64)
            dense[list(lengths)] = list(lengths.values())
            arrays[f"lengths/{number}"] = compact(dense)
        return arrays

    def _vector_arrays(self) -> Arrays:
        arrays = pack_strings("vectors", [name.encode() for name in self._vectors])
        for number, vectors in enumerate(self._vectors.values()):
            items = [item for _, vector in vectors for item in vector]
            name = f"vectors/{number}"
            arrays[f"{name}/docs"] = compact([doc for doc, _ in vectors])
            arrays[f"{name}/starts"] = offsets_of([len(vector) for _, vector in vectors])
            arrays[f"{name}/weights"] = np.array([weight for _, weight, _ in items], np.float32)
            arrays.update(pack_strings(f"{name}/terms", [text.encode() for text, _, _ in items]))
            arrays.update(pack_strings(f"{name}/values", [value for _, _, value in items]))
        return arrays
