"""One segment opened for reading: posting fields, columns, stored articles, over mapped arrays.

In: a segment file and which of its documents are deleted. Out: views of its arrays, and, once it
is given the impacts, the kernel's segment. Thread-safe.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from searchsvc.engines.whoosh import columns, unpacking
from searchsvc.engines.whoosh.container import MEND, ArrayFile
from searchsvc.engines.whoosh.documents import documents
from searchsvc.engines.whoosh.kernel import best
from searchsvc.engines.whoosh.layout import POSTING_FIELDS, UNDATED, posting_name
from searchsvc.engines.whoosh.lexicon import lexicon_of
from searchsvc.engines.whoosh.remembering import Remembered
from searchsvc.engines.whoosh.stored import store_of
from searchsvc.engines.whoosh.titled_terms import Titles, titled_frequencies
from searchsvc.errors import IndexDamaged
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh import kernel as kernels
    from searchsvc.engines.whoosh.deadlines import Check
    from searchsvc.engines.whoosh.kernel import Kernel, Term
    from searchsvc.model import Article

HELD = 20_000
"""Posting lists that a field keeps checked, about 200 bytes each beside their postings."""

HELD_POSTINGS = 2_000_000
"""And so many postings: five bytes each in the compiled kernel's memory, in the other's ten
to thirty."""


class Occurrences(NamedTuple):
    """One term's postings, unpacked: documents, frequencies, and positions end to end."""

    docs: NDArray[np.int32]
    tf: NDArray[np.int64]
    positions: NDArray[np.uint32]


class PostingField:
    """The posting lists of one field and stream; ``number`` is its place in the kernel."""

    def __init__(self, segment: Segment, name: str, number: int) -> None:
        self._segment = segment
        self.number = number
        self.lexicon = lexicon_of(segment.file, name, segment.kernel)
        self.packed = unpacking.packed_field(segment.file, name, segment.size)
        self._blocks = self.packed.blocks
        self._lists = self.packed.lists
        if self.size != len(self.lexicon):
            raise IndexDamaged(f"the postings of {name} do not fit its terms; {MEND}")
        self._held: Remembered[int, Term] = Remembered()
        self._postings = 0

    @property
    def size(self) -> int:
        """How many terms it has."""
        return int((self._lists.size or self._blocks.size) - 1)

    def term(self, number: int) -> Term:
        """Give a term's posting list as the kernel takes it; raises IndexDamaged."""
        term = self._held.get(number)
        if term is not None:
            return term
        term = self._held.recalled(number) or self._checked(number)
        self._postings += term.articles
        if len(self._held) >= HELD // 2 or self._postings > HELD_POSTINGS // 2:
            self._held.turn()
            self._postings = term.articles
        self._held[number] = term
        return term

    def _checked(self, number: int) -> Term:
        try:
            return self._segment.searched.term(self.number, number)
        except ValueError as error:
            raise IndexDamaged(f"{error}; {MEND}") from error

    def look_up(self, text: str) -> Term | None:
        """Find a term's posting list."""
        number = self.lexicon.find(text)
        return self.term(number) if number >= 0 else None

    def articles(self, low: int, high: int) -> int:
        """Count the postings of a range of terms."""
        if self._lists.size:
            low, high = self._lists.item(low), self._lists.item(high)
        return self._blocks.item(high) - self._blocks.item(low)

    def frequencies(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Count the postings of each term."""
        low, high = numbers, numbers + 1
        if self._lists.size:
            low, high = (self._lists[places].astype(np.int64) for places in (low, high))
        return self._blocks[high].astype(np.int64) - self._blocks[low]

    def titled_frequencies(self, numbers: NDArray[np.int64], check: Check) -> NDArray[np.int64]:
        """Count each term's documents that are not deleted and have it in title."""
        try:
            return titled_frequencies(self.packed, numbers, self._segment.titles, check)
        except ValueError as error:
            raise IndexDamaged(f"{error}; {MEND}") from error

    def living_frequencies(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Count each term's documents that are not deleted."""
        try:
            part = (self.number, 0, 0, numbers.astype(np.uint32))
            living = self._segment.searched.living(part)
        except ValueError as error:
            raise IndexDamaged(f"{error}; {MEND}") from error
        return np.frombuffer(living, np.int32).astype(np.int64)

    def occurrences(self, number: int) -> Occurrences:
        """Unpack a term's postings."""
        blocks = unpacking.blocks_of(self.packed, number, number + 1)
        first, last = (self._blocks.item(block) for block in blocks)
        return Occurrences(
            documents(self.packed, *blocks),
            unpacking.frequencies(self.packed, first, last)[0],
            unpacking.positions(self.packed, first, last),
        )


class Ordinals:
    """A column of values: sorted distinct values, and for each document the numbers of its own."""

    def __init__(self, segment: Segment, name: str) -> None:
        self.values = lexicon_of(segment.file, f"{name}_values", segment.kernel)
        self.starts: NDArray[np.int64] | None = None
        ordinals = columns.one_each(segment.file, name, segment.size)
        if ordinals is None:
            ordinals = columns.value_ordinals(segment.file, name)
            self.starts = columns.value_starts(segment.file, name, segment.size)
        self.ordinals = ordinals

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Give all values by their numbers."""
        return tuple(self.values)

    def docs_with(self, value: str) -> NDArray[np.int32]:
        """Give the documents that carry a value, in order."""
        number = self.values.find(value)
        places = np.flatnonzero(self.ordinals == number) if number >= 0 else np.zeros(0, np.int64)
        if self.starts is not None:
            places = np.searchsorted(self.starts, places, side="right") - 1
        return places.astype(np.int32)


class _Made(dict[str, Ordinals]):
    """Columns of values: 4 bytes a document each, and few queries ask for any."""

    def __init__(self, segment: Segment) -> None:
        super().__init__()
        self._segment = segment

    def __missing__(self, name: str) -> Ordinals:
        made = self[name] = Ordinals(self._segment, name)
        return made


class Segment:
    """One segment file with its deletions."""

    def __init__(self, path: Path, deleted: Iterable[int] = (), kernel: Kernel = best) -> None:
        self.file = ArrayFile(path)
        self.kernel = kernel
        self._id_docs = columns.id_docs(self.file)
        self.size = self._id_docs.size
        self._columns: dict[str, NDArray[Any]] = {}
        self._fields = [
            PostingField(self, posting_name(*pair), number)
            for number, pair in enumerate(POSTING_FIELDS)
        ]
        self._numbers = {pair: number for number, pair in enumerate(POSTING_FIELDS)}
        for stream in Stream:
            self._numbers[Field.TITLE, stream] = self._numbers[Field.TEXT, stream]
        self.deleted = np.zeros(self.size, np.bool_)
        self.deleted[list(deleted)] = True
        self.has_deletions = bool(self.deleted.any())
        self._ids = lexicon_of(self.file, "id", kernel)
        self.store = store_of(self.file)

    @property
    def titles(self) -> Titles:
        """What is known of its titles."""
        made, tokens = self.column("title_made"), self.column("title_tokens")
        return Titles(~self.deleted, made, tokens)

    def weigh(self, impacts: NDArray[np.float32]) -> None:
        """Hand the arrays to the kernel, to be scored by a table of impacts."""
        made, tokens = self.column("title_made"), self.column("title_tokens")
        dates = (self.column("first_day"), self.column("last_day"), self.column("minute"))
        group = columns.groups(self.file, self.size)
        try:
            self.searched: kernels.Segment = self.kernel.Segment(
                self.size,
                impacts,
                self.column("lengths"),
                tuple(tuple(field.packed) for field in self._fields),
                (made, tokens),
                dates,
                group,
                self.deleted if self.has_deletions else None,
            )
        except ValueError as error:
            raise IndexDamaged(f"{self.file.path.name}: {error}; {MEND}") from error
        self.alone = self.kernel.Whole((self.searched,))

    def delete(self, doc: int) -> None:
        """Mark a document deleted, in this reader only."""
        self.deleted[doc] = True
        self.has_deletions = True

    def field(self, field: Field, stream: Stream) -> PostingField:
        """Give the postings that a clause on a field reads (a title's stand with the text's)."""
        return self._fields[self._numbers[field, stream]]

    def column(self, name: str) -> NDArray[Any]:
        """Give a column of one number a document."""
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = columns.column(self.file, name, self.size)
        return found

    @property
    def tokens(self) -> NDArray[np.int32]:
        """Give how many tokens each document has."""
        return self.column("tokens")

    @cached_property
    def undated(self) -> NDArray[np.int8] | None:
        """Give a column that is 0 where a document is undated, else -1; None if all are dated."""
        without = self.column("minute") == UNDATED
        return without.astype(np.int8) - np.int8(1) if without.any() else None

    def newest_until(self, latest: float) -> int:
        """Give the minute of the newest living article up to one; UNDATED without any."""
        minutes = self.column("minute")[~self.deleted]
        return int(minutes[minutes <= latest].max(initial=UNDATED))

    @cached_property
    def ordinals(self) -> Mapping[str, Ordinals]:
        """Give the columns of values by name, each made when first asked for."""
        return _Made(self)

    @cached_property
    def ids(self) -> NDArray[np.int32]:
        """Give for each document the number of its id in the id lexicon; raises IndexDamaged."""
        docs = self._id_docs
        if docs.size and not 0 <= docs.min() <= docs.max() < self.size:
            raise self._lost()
        ranks = np.full(self.size, -1, np.int32)
        ranks[docs] = np.arange(self.size, dtype=np.int32)
        if (ranks < 0).any():
            raise self._lost()
        return ranks

    def _lost(self) -> IndexDamaged:
        return IndexDamaged(f"{self.file.path.name}: ids belong to no document; {MEND}")

    def find(self, article_id: str) -> int:
        """Give the living document of an id, or -1; raises IndexDamaged."""
        for rank in self._ids.prefixed(article_id):
            if self._ids[rank] != article_id:
                break
            doc = int(self._id_docs[rank])
            if not 0 <= doc < self.size:
                raise self._lost()
            if not self.deleted[doc]:
                return doc
        return -1

    def id_of(self, doc: int) -> str:
        """Give a document's id."""
        return self._ids[self.ids.item(doc)]

    def article(self, doc: int) -> Article:
        """Unpack a stored article."""
        return self.store.article(doc, self.id_of(doc))

    def articles(self, docs: Sequence[int]) -> list[Article]:
        """Unpack stored articles, a fifth faster than one by one."""
        return self.store.articles(docs, self._ids.strings(list(map(self.ids.item, docs))))
