"""Whoosh's view of the segments written in bulk: articles, their words and their ids.

In: an opened ``Segment``. Out: what ``whoosh_terms`` and Whoosh ask for. Whoosh's queries go
through these classes; our evaluation does not: it reads the arrays.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

import numpy as np
from whoosh.analysis import LowercaseFilter, SpaceSeparatedTokenizer
from whoosh.fields import ID, STORED, TEXT, Schema

from searchsvc.engines.whoosh.columns import id_docs
from searchsvc.engines.whoosh.layout import POSTING_FIELDS, posting_name
from searchsvc.engines.whoosh.lexicon import lexicon_of
from searchsvc.engines.whoosh.whoosh_documents import DeletionReader, longest, shortest
from searchsvc.engines.whoosh.whoosh_matcher import BLOCK, Postings
from searchsvc.engines.whoosh.whoosh_values import ArrayValues, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.lexicon import Lexicon
    from searchsvc.engines.whoosh.segment import PostingField, Segment
    from searchsvc.engines.whoosh.whoosh_terms import FieldTerms

FIELDS = {posting_name(*pair): pair for pair in POSTING_FIELDS}
IDS = "id"


def whoosh_schema() -> Schema:
    """Describe the index to Whoosh: posting fields take lemmas or forms apart by spaces."""
    analyzer = SpaceSeparatedTokenizer() | LowercaseFilter()
    fields = {name: TEXT(analyzer=analyzer, phrase=True) for name in FIELDS}
    stored = {name: STORED() for name in ("title", "url", "date", "body")}
    return Schema(id=ID(unique=True, stored=True), **fields, **stored)


class _Lexicon:
    """The sorted texts of a field's terms."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def __len__(self) -> int:
        return len(self._lexicon)

    def __getitem__(self, number: int) -> bytes:
        return self._lexicon[number].encode("utf-8", "surrogatepass")

    def lower_bound(self, key: bytes) -> int:
        """Give the number of the first term that is not before a key, which may be no text."""
        try:
            return self._lexicon.lower_bound(key)
        except UnicodeDecodeError:
            return bisect_left(self, key)


class ArticleField(_Lexicon):
    """The words of a posting field; a posting's weight is how often its word occurs."""

    def __init__(self, field: PostingField, tokens: NDArray[np.int32]) -> None:
        super().__init__(field.lexicon)
        self._field = field
        self._tokens = tokens

    def postings(self, number: int) -> Postings:
        """Give a word's articles, and where it stands in them."""
        docs, counts, positions = self._field.occurrences(number)
        values = ArrayValues(Kind.POSITIONS, counts, lambda: (positions,))
        return Postings(docs, counts, lambda: _bounds(self._tokens[docs]), values)


class ArticleIds(_Lexicon):
    """The ids as terms; an id that was replaced in one segment stands there more than once."""

    def __init__(self, ids: Lexicon, docs: NDArray[np.int32]) -> None:
        super().__init__(ids)
        self._docs = docs

    def postings(self, number: int) -> Postings:
        """Give the documents of an id."""
        last = number + 1
        while last < len(self) and self[last] == self[number]:
            last += 1
        docs = np.sort(self._docs[number:last])
        none = np.zeros(docs.size, np.int64)
        values = ArrayValues(Kind.NOTHING, none, tuple)
        return Postings(docs, None, lambda: _bounds(none), values)


def _bounds(lengths: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give the shortest and the longest length of each block."""
    starts = np.arange(0, lengths.size, BLOCK)
    return np.minimum.reduceat(lengths, starts), np.maximum.reduceat(lengths, starts)


class ArticleTerms:
    """The indexed fields of a segment of articles."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def names(self) -> Sequence[str]:
        """Name the fields with postings."""
        return (*FIELDS, IDS)

    def terms(self, fieldname: str) -> FieldTerms | None:
        """Give a field's terms."""
        segment = self._segment
        if fieldname == IDS:
            lexicon = lexicon_of(segment.file, IDS, segment.kernel)
            return ArticleIds(lexicon, id_docs(segment.file))
        if fieldname not in FIELDS:
            return None
        return ArticleField(segment.field(*FIELDS[fieldname]), segment.tokens)


class ArticleDocuments(DeletionReader):
    """Articles as Whoosh's hits show them; every field's length is that of title and body."""

    def __init__(self, segment: Segment, entry: Any) -> None:
        super().__init__(entry)
        self._articles = segment

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Give a document's length in tokens."""
        return int(self._articles.tokens[docnum]) if fieldname in FIELDS else default

    def field_length(self, fieldname: str) -> int:
        """Sum the lengths of all documents."""
        return int(self._articles.tokens.sum()) if fieldname in FIELDS else 0

    def min_field_length(self, fieldname: str) -> int:
        """Give the shortest length."""
        return shortest(self._articles.tokens) if fieldname in FIELDS else 0

    def max_field_length(self, fieldname: str) -> int:
        """Give the longest length."""
        return longest(self._articles.tokens) if fieldname in FIELDS else 0

    def stored_fields(self, docnum: int) -> dict[str, object]:
        """Unpack what Whoosh's hits show."""
        article = self._articles.article(docnum)
        date = article.date.isoformat() if article.date else ""
        fields = {"id": article.id, "title": article.title, "url": article.url, "date": date}
        return {**fields, "body": article.text}
