"""One segment opened for reading: posting fields, columns, stored articles, over mapped arrays.

In: a segment file and which of its documents are deleted. Out: numpy views; nothing is copied
before it is asked for. Thread-safe.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from searchsvc.engines.whoosh import portable
from searchsvc.engines.whoosh.container import MEND, ArrayFile
from searchsvc.engines.whoosh.inversion import LARGEST
from searchsvc.engines.whoosh.kernel import best
from searchsvc.engines.whoosh.layout import POSTING_FIELDS, SAMPLED, posting_name
from searchsvc.engines.whoosh.lexicon import Lexicon
from searchsvc.engines.whoosh.sets import spread
from searchsvc.engines.whoosh.stored import unpack_article, unpack_offsets
from searchsvc.errors import IndexDamaged

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Kernel
    from searchsvc.engines.whoosh.kernel import Stream as Positions
    from searchsvc.engines.whoosh.stored import Offsets
    from searchsvc.model import Article
    from searchsvc.schema import Field, Stream


HELD = 50_000
"""Posting lists a field keeps at hand before it starts anew; about 400 bytes each, no postings."""


class PostingList(NamedTuple):
    """One term's postings: documents, codes, and the number of the first in its field."""

    docs: NDArray[np.int32]
    codes: NDArray[np.uint16]
    first: int


class Term(NamedTuple):
    """A term of a segment's field: its number there, its postings and how many articles."""

    number: int
    postings: PostingList
    articles: int


class PostingField:
    """The posting lists of one field and stream; arrays are checked to fit each other.

    ``stream`` is what the kernel reads positions from.
    """

    def __init__(self, file: ArrayFile, name: str, kernel: Kernel) -> None:
        def array(part: str) -> NDArray[Any]:
            return file[f"{name}/{part}"]

        self.lexicon = read_lexicon(file, name, kernel)
        self.lengths: NDArray[np.uint8] = array("lengths")
        self.letters: NDArray[np.uint64] = array("letters")
        self._starts: NDArray[np.int64] = array("starts")
        self._docs: NDArray[np.int32] = array("docs")
        self._codes: NDArray[np.uint16] = array("codes")
        self._title_tf: NDArray[np.uint8] = array("title_tf")
        self._positions: NDArray[np.integer] = array("positions")
        wide = self._positions.dtype.itemsize > 2
        parts = (array("tf"), array("samples"), self._positions, wide)
        self.stream: Positions = (*parts, array("over_index"), array("over_count"))
        self._held: dict[str, Term | None] = {}
        self._check(name, array("tf").size, array("samples").size)

    def look_up(self, text: str) -> Term | None:
        """Find a term; what was looked up before is at hand."""
        try:
            return self._held[text]
        except KeyError:
            pass
        number = self.lexicon.find(text)
        found = None
        if number >= 0:
            postings = self.postings(number)
            found = Term(number, postings, postings.docs.size)
        if len(self._held) >= HELD:
            self._held.clear()
        self._held[text] = found
        return found

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
        start, end = self._starts.item(number), self._starts.item(number + 1)
        return PostingList(self._docs[start:end], self._codes[start:end], start)

    def positions_in(self, term: Term, doc: int) -> NDArray[np.int64]:
        """Give a term's positions in one document, by samples: what highlighting asks."""
        docs, _, first = term.postings
        place = int(docs.searchsorted(doc))
        if place == docs.size or docs[place] != doc:
            return np.zeros(0, np.int64)
        posting = first + place
        tf = self.stream[0][posting - posting % SAMPLED : posting + 1]
        if int(tf.max()) == LARGEST:
            return self.positions(*self.located(np.array([posting])))
        end = self.stream[1].item(posting // SAMPLED) + int(tf.sum())
        return self._positions[end - tf.item(-1) : end].astype(np.int64)

    def range_of(self, low: int, high: int) -> PostingList:
        """Give the postings of a range of terms, end to end."""
        start, end = self._starts.item(low), self._starts.item(high)
        return PostingList(self._docs[start:end], self._codes[start:end], start)

    def title_tfs(self, postings: PostingList) -> NDArray[np.uint8]:
        """Give how often each posting stands in its title (255: or more)."""
        return self._title_tf[postings.first : postings.first + postings.docs.size]

    def living_counts(self, alive: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Count the living documents of every term; ``alive`` tells of each document."""
        if alive.all():
            return np.diff(self._starts)
        if not len(self.lexicon):
            return np.zeros(0, np.int64)
        counts: NDArray[np.int64] = np.add.reduceat(
            alive[self._docs], self._starts[:-1], dtype=np.int64
        )
        return counts

    def title_tf(self, number: int) -> NDArray[np.uint8]:
        """Give how often a term stands in the title of each of its documents (255: or more)."""
        return self._title_tf[self._starts.item(number) : self._starts.item(number + 1)]

    def located(self, postings: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give where the positions of postings (ascending numbers) begin and how many each has."""
        return portable.located(self.stream, postings)

    def positions(self, starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give positions that were located, end to end."""
        return self._positions[spread(starts, counts)].astype(np.int64)

    def _check(self, name: str, tf: int, samples: int) -> None:
        terms, postings = len(self.lexicon), self._docs.size
        fits = (
            self._starts.size == terms + 1
            and self.lengths.size == self.letters.size == terms
            and self._codes.size == self._title_tf.size == tf == postings
            and samples == -(-postings // SAMPLED)
            and int(self._starts[-1]) == postings
            and self.stream[4].size == self.stream[5].size
        )
        if not fits:
            raise IndexDamaged(f"the postings of {name} do not fit together; {MEND}")


class Ordinals:
    """A column of values: sorted distinct values, and for each document the numbers of its own."""

    def __init__(self, file: ArrayFile, name: str, kernel: Kernel) -> None:
        self.values = read_lexicon(file, f"{name}_values", kernel)
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

    def __init__(self, path: Path, deleted: Iterable[int] = (), kernel: Kernel = best) -> None:
        self.file = ArrayFile(path)
        self._arrays: dict[str, NDArray[Any]] = {}
        self.kernel = kernel
        self._fields = {
            posting_name(*pair): PostingField(self.file, posting_name(*pair), kernel)
            for pair in POSTING_FIELDS
        }
        self.lengths: NDArray[np.uint8] = self._array("lengths")
        self.tokens = self.column("tokens")
        self.size = self.tokens.size
        self.deleted = np.zeros(self.size, np.bool_)
        self.deleted[list(deleted)] = True
        self.has_deletions = bool(self.deleted.any())
        self._ids = read_lexicon(self.file, "id", kernel)
        self._id_docs = self.column("id", "id/docs")
        self.ordinals = {
            name: Ordinals(self.file, name, kernel)
            for name in ("source", "topic", "author", "origin")
        }

    def delete(self, doc: int) -> None:
        """Mark a document deleted, in this reader only."""
        self.deleted[doc] = True
        self.has_deletions = True

    def field(self, field: Field, stream: Stream) -> PostingField:
        """Give the postings that a clause on a field reads (a title's stand with the text's)."""
        return self._fields[posting_name(field, stream)]

    def _array(self, name: str) -> NDArray[Any]:
        array = self._arrays.get(name)
        if array is None:
            array = self._arrays[name] = self.file[name]
        return array

    def column(self, name: str, array: str | None = None) -> NDArray[np.int32]:
        """Give a column of one number a document."""
        return self._array(array or name)

    @cached_property
    def title_made(self) -> NDArray[np.uint8]:
        """Tell for each document whether its title is the beginning of its body."""
        return self._array("title_made")

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

    def blocks(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Give where packed blocks begin, shape (documents + 1,), and their bytes."""
        return self._array(f"{name}/starts"), self._array(f"{name}/bytes")

    def block(self, name: str, doc: int) -> bytes:
        """Give one packed block."""
        starts, data = self.blocks(name)
        return data[starts.item(doc) : starts.item(doc + 1)].tobytes()


def read_lexicon(file: ArrayFile, name: str, kernel: Kernel) -> Lexicon:
    """Open a sorted list of strings."""
    return Lexicon(
        cast("NDArray[np.uint8]", file[f"{name}/terms"]),
        cast("NDArray[np.int64]", file[f"{name}/term_offsets"]),
        kernel,
    )
