"""One segment opened for reading: posting fields, columns, stored articles, over mapped arrays.

In: a segment file and which of its documents are deleted. Out: numpy views; nothing is copied
before it is asked for. Thread-safe.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from searchsvc.engines.whoosh.container import MEND, ArrayFile
from searchsvc.engines.whoosh.layout import POSTING_FIELDS, posting_name
from searchsvc.engines.whoosh.lexicon import Lexicon
from searchsvc.engines.whoosh.stored import unpack_article, unpack_offsets
from searchsvc.errors import IndexDamaged

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.stored import Offsets
    from searchsvc.model import Article
    from searchsvc.schema import Field, Stream


class PostingList(NamedTuple):
    """One term's postings: documents, frequencies, and where its positions begin."""

    docs: NDArray[np.int32]
    tf: NDArray[np.integer]
    title_tf: NDArray[np.uint8]
    positions: NDArray[np.integer]


class PostingField:
    """The posting lists of one field and stream; arrays are checked to fit each other."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self.lexicon = read_lexicon(file, name)
        self.lengths = cast("NDArray[np.uint8]", file[f"{name}/lengths"])
        self.letters = cast("NDArray[np.uint64]", file[f"{name}/letters"])
        self._starts = cast("NDArray[np.int64]", file[f"{name}/starts"])
        self._docs = cast("NDArray[np.int32]", file[f"{name}/docs"])
        self._tf = cast("NDArray[np.integer]", file[f"{name}/tf"])
        self._title_tf = cast("NDArray[np.uint8]", file[f"{name}/title_tf"])
        self._position_starts = cast("NDArray[np.int64]", file[f"{name}/position_starts"])
        self._positions = cast("NDArray[np.integer]", file[f"{name}/positions"])
        self._check(name)

    def document_frequencies(self, terms: NDArray[np.int64]) -> NDArray[np.int64]:
        """Count the documents of each term."""
        return self._starts[terms + 1] - self._starts[terms]

    def living_frequencies(
        self, terms: NDArray[np.int64], deleted: NDArray[np.bool_], *, in_title: bool
    ) -> NDArray[np.int64]:
        """Count the documents of each term that are not deleted and, if asked, have it in title."""
        begins, lengths = self._starts[terms], self.document_frequencies(terms)
        chosen = spread(begins, lengths)
        counted = ~deleted[self._docs[chosen]]
        if in_title:
            counted &= self._title_tf[chosen] > 0
        totals = np.concatenate((np.zeros(1, np.int64), np.cumsum(counted)))
        ends = np.cumsum(lengths)
        found: NDArray[np.int64] = totals[ends] - totals[ends - lengths]
        return found

    def postings(self, number: int) -> PostingList:
        """Give a term's postings."""
        start, end = self._starts[number], self._starts[number + 1]
        first, last = self._position_starts[number], self._position_starts[number + 1]
        return PostingList(
            self._docs[start:end],
            self._tf[start:end],
            self._title_tf[start:end],
            self._positions[first:last],
        )

    def triples(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """Give back terms, documents and positions of every token, as before inversion."""
        counts = np.diff(self._position_starts)
        terms = np.repeat(np.arange(counts.size, dtype=np.int32), counts)
        return terms, np.repeat(self._docs, self._tf), self._positions.astype(np.int32)

    def _check(self, name: str) -> None:
        terms, postings = len(self.lexicon), self._docs.size
        fits = (
            self._starts.size == self._position_starts.size == terms + 1
            and self.lengths.size == self.letters.size == terms
            and self._tf.size == self._title_tf.size == postings
            and int(self._starts[-1]) == postings
            and int(self._position_starts[-1]) == self._positions.size
        )
        if not fits:
            raise IndexDamaged(f"the postings of {name} do not fit together; {MEND}")


class Ordinals:
    """A column of values: sorted distinct values, and for each document the numbers of its own."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self.values = read_lexicon(file, f"{name}_values")
        self.starts = cast("NDArray[np.int64]", file[f"{name}_values/starts"])
        self.ordinals = cast("NDArray[np.int32]", file[f"{name}_values/ordinals"])

    def counts(self, docs: NDArray[np.int32]) -> NDArray[np.int64]:
        """Count how many of the documents carry each value."""
        begins, lengths = self.starts[docs], self.starts[docs + 1] - self.starts[docs]
        chosen = self.ordinals[spread(begins, lengths)]
        return np.bincount(chosen, minlength=len(self.values)).astype(np.int64)

    def docs_with(self, value: str) -> NDArray[np.int32]:
        """Give the documents that carry a value, in order."""
        number = self.values.find(value)
        places = np.flatnonzero(self.ordinals == number) if number >= 0 else np.zeros(0, np.int64)
        return (np.searchsorted(self.starts, places, side="right") - 1).astype(np.int32)


class Segment:
    """One segment file with its deletions."""

    def __init__(self, path: Path, deleted: Iterable[int] = ()) -> None:
        self.file = ArrayFile(path)
        self._fields = {
            posting_name(*pair): PostingField(self.file, posting_name(*pair))
            for pair in POSTING_FIELDS
        }
        self.tokens = self.column("tokens")
        self.size = self.tokens.size
        self.deleted = np.zeros(self.size, np.bool_)
        self.deleted[list(deleted)] = True
        self.has_deletions = bool(self.deleted.any())
        self._ids = read_lexicon(self.file, "id")
        self._id_docs = self.column("id", "id/docs")
        self.ordinals = {
            name: Ordinals(self.file, name) for name in ("source", "topic", "author", "origin")
        }

    def delete(self, doc: int) -> None:
        """Mark a document deleted, in this reader only."""
        self.deleted[doc] = True
        self.has_deletions = True

    def field(self, field: Field, stream: Stream) -> PostingField:
        """Give the postings that a clause on a field reads (a title's stand with the text's)."""
        return self._fields[posting_name(field, stream)]

    def column(self, name: str, array: str | None = None) -> NDArray[np.int32]:
        """Give a column of one number a document."""
        return cast("NDArray[np.int32]", self.file[array or name])

    @cached_property
    def title_made(self) -> NDArray[np.uint8]:
        """Tell for each document whether its title is the beginning of its body."""
        return cast("NDArray[np.uint8]", self.file["title_made"])

    @cached_property
    def ids(self) -> NDArray[np.int32]:
        """Give for each document the number of its id in the id lexicon."""
        ranks = np.empty(self.size, np.int32)
        ranks[self._id_docs] = np.arange(self.size, dtype=np.int32)
        return ranks

    def find(self, article_id: str) -> int:
        """Give the living document of an id, or -1."""
        for rank in self._ids.prefixed(article_id):
            if self._ids[rank] != article_id:
                break
            doc = int(self._id_docs[rank])
            if not self.deleted[doc]:
                return doc
        return -1

    def id_of(self, doc: int) -> str:
        """Give a document's id."""
        return self._ids[int(self.ids[doc])]

    def article(self, doc: int) -> Article:
        """Unpack a stored article."""
        return unpack_article(self.block("stored", doc), self.id_of(doc))

    def offsets(self, doc: int) -> tuple[Offsets, Offsets]:
        """Unpack the character offsets of a document's tokens, title before body."""
        apart = 0 if self.title_made[doc] else int(self.column("title_tokens")[doc])
        return unpack_offsets(self.block("offsets", doc), apart)

    def block(self, name: str, doc: int) -> bytes:
        """Give one packed block."""
        starts = self.file[f"{name}/starts"]
        return self.file[f"{name}/bytes"][int(starts[doc]) : int(starts[doc + 1])].tobytes()


def read_lexicon(file: ArrayFile, name: str) -> Lexicon:
    """Open a sorted list of strings."""
    return Lexicon(
        cast("NDArray[np.uint8]", file[f"{name}/terms"]),
        cast("NDArray[np.int64]", file[f"{name}/term_offsets"]),
    )


def spread(begins: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """List all numbers of the ranges ``begins[i] … begins[i] + lengths[i] - 1``, one after another.

    >>> spread(np.array([5, 9]), np.array([2, 1])).tolist()
    [5, 6, 9]
    """
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if ends.size else 0
    numbers: NDArray[np.int64] = np.arange(total) + np.repeat(begins - (ends - lengths), lengths)
    return numbers
