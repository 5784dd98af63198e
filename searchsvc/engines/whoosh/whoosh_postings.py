"""Read the postings that the codec's field writer laid out (``whoosh_inverting``).

In: an array file. Out: fields, their terms and postings, as views of the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from searchsvc.engines.whoosh.whoosh_files import Strings, damaged, part
from searchsvc.engines.whoosh.whoosh_matcher import Postings
from searchsvc.engines.whoosh.whoosh_values import ArrayValues, Kind, OddValues

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.container import ArrayFile
    from searchsvc.engines.whoosh.whoosh_matcher import Values


class StoredField:
    """The terms of one field; raises IndexDamaged where its arrays do not fit each other."""

    def __init__(self, file: ArrayFile, name: str, kind: int, block: int) -> None:
        def array(part_name: str) -> NDArray[Any]:
            return part(file, f"{name}/{part_name}")

        self._damaged = damaged(file, name)
        self._strings = Strings(file, f"{name}/terms")
        self._block = block
        self._starts, self._docs, self._weights = array("starts"), array("docs"), array("weights")
        self._blocks, self._shortest = array("blocks"), array("shortest")
        self._longest, self._counts = array("longest"), array("counts")
        self._places = array("places")
        self._columns = tuple(array(column) for column in ("positions", "begins", "ends"))
        self._odd, self._odd_values = array("odd"), Strings(file, f"{name}/odd_values")
        if not self._fits(kind):
            raise self._damaged
        self._kind = Kind(kind)

    def _fits(self, kind: int) -> bool:
        terms, postings = len(self._strings), self._docs.size
        places, begins, ends = (column.size for column in self._columns)
        return (
            kind in set(Kind)
            and self._block > 0
            and self._starts.size == self._blocks.size == self._places.size == terms + 1
            and self._starts[-1] == postings
            and self._places[-1] == places
            and self._weights.size in {0, postings}
            and self._counts.size in {0, postings}
            and self._shortest.size == self._longest.size
            and self._shortest.size in {0, self._blocks[-1]}
            and begins == ends == (places if kind == Kind.CHARACTERS else 0)
            and self._odd.size == len(self._odd_values)
        )

    def __len__(self) -> int:
        return len(self._strings)

    def __getitem__(self, number: int) -> bytes:
        return self._strings[number]

    def lower_bound(self, key: bytes) -> int:
        """Give the number of the first term that is not before a key."""
        return self._strings.lower_bound(key)

    def postings(self, number: int) -> Postings:
        """Give a term's postings; raises IndexDamaged."""
        start, end = int(self._starts[number]), int(self._starts[number + 1])
        blocks = int(self._blocks[number + 1]) - int(self._blocks[number])
        if not start < end <= self._docs.size or blocks != -(-(end - start) // self._block):
            raise self._damaged
        weights = self._weights[start:end] if self._weights.size else None

        def lengths() -> tuple[NDArray[Any], NDArray[Any]]:
            return self._bounds(number)

        values = self._values(number, start, end)
        return Postings(self._docs[start:end], weights, lengths, values, self._block)

    def _bounds(self, number: int) -> tuple[NDArray[Any], NDArray[Any]]:
        first, last = int(self._blocks[number]), int(self._blocks[number + 1])
        if self._shortest.size:
            return self._shortest[first:last], self._longest[first:last]
        none = np.zeros(last - first, np.uint8)
        return none, none

    def _values(self, number: int, start: int, end: int) -> Values:
        first, last = int(self._places[number]), int(self._places[number + 1])
        kind = self._kind
        columns = self._columns if kind is Kind.CHARACTERS else self._columns[:1]
        counts = self._counts[start:end] if self._counts.size else np.zeros(end - start, np.uint8)
        values = ArrayValues(kind, counts, lambda: tuple(column[first:last] for column in columns))
        if not self._odd.size:
            return values
        low, high = np.searchsorted(self._odd, (start, end)).tolist()
        if low == high:
            return values
        all_odd = high - low == end - start
        odd = range(end - start) if all_odd else (self._odd[low:high] - start).tolist()
        return OddValues(values, odd, lambda place: self._odd_values[low + place])


class StoredTerms:
    """The fields of a segment's file of postings; of none where nothing was indexed."""

    def __init__(self, file: ArrayFile | None) -> None:
        self._file = file
        self._fields: dict[str, StoredField] = {}
        self._numbers: dict[str, int] = {}
        if file is None:
            return
        names = Strings(file, "fields")
        self._kinds, block = part(file, "kinds"), part(file, "block")
        if not len(names) == self._kinds.size or block.size != 1:
            raise damaged(file, "fields")
        self._block = int(block[0])
        try:
            self._numbers = {name.decode(): number for number, name in enumerate(names)}
        except UnicodeDecodeError as error:
            raise damaged(file, "fields") from error

    def names(self) -> Sequence[str]:
        """Name the fields."""
        return tuple(self._numbers)

    def terms(self, fieldname: str) -> StoredField | None:
        """Give a field's terms, if it has any."""
        number = self._numbers.get(fieldname)
        if self._file is None or number is None:
            return None
        if fieldname not in self._fields:
            kind = int(self._kinds[number])
            self._fields[fieldname] = StoredField(self._file, str(number), kind, self._block)
        return self._fields[fieldname]
