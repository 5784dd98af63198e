"""Write the postings of any Whoosh schema as arrays: the codec's field writer.

In: fields, terms and postings in order, as Whoosh's segment writer gives them. Out: one array file
when closed, or none where nothing was given.

For field number ``n``: ``n/terms`` sorted; ``n/starts`` first posting of each term; ``n/docs``;
``n/weights`` (left out where all are 1); ``n/blocks`` first block of each term, ``n/shortest`` and
``n/longest`` lengths in each block (left out where there are none); ``n/counts``, ``n/places``
(first occurrence of each term), ``n/positions``, ``n/begins``, ``n/ends`` as far as the format
keeps them; ``n/odd`` and ``n/odd_values``: postings whose values are kept as bytes.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

import numpy as np
from whoosh.codec import base

from searchsvc.engines.whoosh.whoosh_files import (
    EMPTY,
    compact,
    offsets_of,
    pack_strings,
    save_arrays,
)
from searchsvc.engines.whoosh.whoosh_values import Value, kind_of, parse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.whoosh_values import Kind

    Arrays = dict[str, NDArray[Any]]

POSTINGS = ".postings"
"""The extension of a segment's file of postings."""

NO_VALUE = Value()
SMALL = 1 << 16


class FieldBuffer:
    """The postings of one field while they come in."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.terms: list[bytes] = []
        self._firsts: list[int] = []
        self._first_places: list[int] = []
        self._docs, self._lengths, self._counts = array("I"), array("I"), array("I")
        self._weights = array("f")
        self._places = (array("I"), array("I"), array("I"))
        self._odd: list[int] = []
        self._odd_values: list[bytes] = []

    def start_term(self, text: bytes) -> None:
        """Begin a term; raises OutOfOrderError."""
        if self.terms and text <= self.terms[-1]:
            raise base.OutOfOrderError(f"Term {self.terms[-1]!r} .. {text!r}")
        self.terms.append(text)
        self._firsts.append(len(self._docs))
        self._first_places.append(len(self._places[0]))

    def add(self, doc: int, weight: float, data: bytes, length: int) -> None:
        """Add a posting to the term begun last; raises OutOfOrderError."""
        number = len(self._docs)
        if number > self._firsts[-1] and doc < self._docs[-1]:
            raise base.OutOfOrderError(f"Document {self._docs[-1]} .. {doc}")
        value = parse(self.kind, data)
        if value is None:
            self._odd.append(number)
            self._odd_values.append(data)
            value = NO_VALUE
        self._docs.append(doc)
        self._weights.append(weight)
        self._lengths.append(length)
        self._counts.append(value.times)
        for column, numbers in zip(self._places, value[1:], strict=True):
            column.extend(numbers)

    def arrays(self, name: str, block: int) -> Arrays:
        """Lay the field out; ``block`` postings have their bounds stored together."""
        starts = np.array([*self._firsts, len(self._docs)], np.int64)
        counts = np.array(self._counts, np.uint32)
        places = [compact(np.array(column, np.uint32)) for column in self._places]
        named = {
            "starts": compact(starts),
            "docs": compact(np.array(self._docs, np.uint32)),
            "weights": _weights(np.array(self._weights, np.float32)),
            "counts": compact(counts) if counts.any() else EMPTY,
            "places": compact([*self._first_places, len(self._places[0])]),
            **dict(zip(("positions", "begins", "ends"), places, strict=True)),
            "odd": compact(self._odd),
            **_bounds(starts, np.array(self._lengths, np.uint32), block),
        }
        return {
            **pack_strings(f"{name}/terms", self.terms),
            **{f"{name}/{part}": values for part, values in named.items()},
            **pack_strings(f"{name}/odd_values", self._odd_values),
        }


def _weights(weights: NDArray[np.float32]) -> NDArray[Any]:
    """Store weights as whole numbers where they all are, and not at all where all are 1."""
    if (weights == 1).all():
        return EMPTY
    whole = (weights >= 0) & (weights < SMALL) & (weights == np.floor(weights))
    return compact(weights) if whole.all() else weights


def _bounds(starts: NDArray[np.int64], lengths: NDArray[np.uint32], block: int) -> Arrays:
    """Give the first block of each term, and each block's shortest and longest length, 0 apart."""
    sizes = -(-np.diff(starts) // block)
    blocks = offsets_of(sizes)
    if not lengths.any():
        return {"blocks": blocks}
    inside = np.arange(int(sizes.sum())) - np.repeat(blocks[:-1].astype(np.int64), sizes)
    firsts = np.repeat(starts[:-1], sizes) + inside * block
    none = np.iinfo(np.uint32).max
    shortest = np.minimum.reduceat(np.where(lengths == 0, none, lengths), firsts)
    longest = np.maximum.reduceat(lengths, firsts)
    shortest[shortest == none] = 0
    return {"blocks": blocks, "shortest": compact(shortest), "longest": compact(longest)}


class ArrayFieldWriter(base.FieldWriter):  # type: ignore[misc]
    """Takes postings field by field, term by term."""

    def __init__(self, storage: Any, segment: Any, block: int) -> None:
        self._storage = storage
        self._segment = segment
        self._block = block
        self._names: list[str] = []
        self._kinds: list[int] = []
        self._arrays: Arrays = {}
        self._field: FieldBuffer | None = None
        self.is_closed = False

    def start_field(self, fieldname: str, fieldobj: Any) -> None:
        """Begin a field; each comes once."""
        if fieldname in self._names:
            raise base.OutOfOrderError(f"Field {fieldname!r} came before")
        self._names.append(fieldname)
        self._field = FieldBuffer(kind_of(fieldobj.format))
        self._kinds.append(int(self._field.kind))

    def _open_field(self) -> FieldBuffer:
        if self._field is None:
            raise RuntimeError("no field was started")
        return self._field

    def start_term(self, text: bytes) -> None:
        """Begin a term."""
        self._open_field().start_term(text)

    def add(self, docnum: int, weight: float, vbytes: bytes, length: int | None) -> None:
        """Add a posting: its document, weight, encoded value, and the document's length."""
        self._open_field().add(docnum, weight, vbytes, length or 0)

    def finish_term(self) -> None:
        """End a term."""

    def finish_field(self) -> None:
        """End a field and lay it out."""
        self._arrays.update(self._open_field().arrays(str(len(self._names) - 1), self._block))
        self._field = None

    def close(self) -> None:
        """Write the file, if there is anything to write."""
        if self._names:
            head = {"kinds": np.array(self._kinds, np.uint8), "block": compact([self._block])}
            names = pack_strings("fields", [name.encode() for name in self._names])
            file = self._segment.make_filename(POSTINGS)
            save_arrays(self._storage, file, {**head, **names, **self._arrays})
            self._segment.has_postings = True
        self.is_closed = True
