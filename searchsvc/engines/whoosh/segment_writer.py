"""From digests to one segment file: buffered, inverted, written.

In: digests in the order of their document numbers. Out: an array file; see ``layout``.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, cast

import numpy as np

from searchsvc.engines.whoosh.columns import TYPES, laid_out, narrowed
from searchsvc.engines.whoosh.container import ArrayWriter
from searchsvc.engines.whoosh.digest import Number
from searchsvc.engines.whoosh.facet_values import facet_arrays, facet_triples, of_one
from searchsvc.engines.whoosh.gathering import TextBuffer
from searchsvc.engines.whoosh.layout import posting_name
from searchsvc.engines.whoosh.scoring import length_codes
from searchsvc.engines.whoosh.storing import Packed, compressed, dictionary_for, stored_arrays
from searchsvc.engines.whoosh.triples import lemmatised, lexicon_arrays, posting_arrays
from searchsvc.engines.whoosh.waiting import Waiting
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.whoosh.digest import Digest, Digests
    from searchsvc.engines.whoosh.facet_values import Rows
    from searchsvc.engines.whoosh.gathering import Vocabularies
    from searchsvc.engines.whoosh.lemma_table import LemmaTable
    from searchsvc.engines.whoosh.triples import Arrays, Triples

COLUMNS = ("tokens", "title_tokens", "body_start", "first_day", "last_day", "minute")
"""Columns named as the numbers of digests."""

ALONE = -1
"""The group of an article that has no near-duplicates."""


THREADS = 2
"""Posting fields made at once: two of them have nearly all the tokens."""


class SegmentBuffer:
    """Digests waiting to become a segment; ``tokens`` tells how much memory they take."""

    def __init__(self, analyzer: Analyzer, vocabularies: Vocabularies, lemmas: LemmaTable) -> None:
        self._lemmas = lemmas
        self._waiting = Waiting()
        self._texts = TextBuffer(vocabularies)
        self._read = cache(analyzer.analyse)

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def tokens(self) -> int:
        """How many tokens are waiting, those of articles to come in a batch too."""
        return self._texts.tokens

    def digest_of(self, doc: int) -> Digest:
        """Give a waiting article."""
        return self._waiting[doc]

    def docs_from(self, origin: str) -> list[int]:
        """List the documents read from a file."""
        return [doc for doc, own in enumerate(self._waiting.all("origins")) if own == origin]

    def add(self, digest: Digest) -> int:
        """Take one article; returns its document number."""
        if digest.words is not None:
            self._texts.add(digest.words)
        return self._waiting.add(digest)

    def extend(self, digests: Digests) -> range:
        """Take articles; returns their document numbers."""
        if digests.words is not None:
            self._texts.add(digests.words)
        return self._waiting.extend(digests)

    def write(self, path: Path, dictionary: bytes = b"") -> str:
        """Write everything that waits as one segment file; returns its SHA-256 in hex.

        Articles are compressed with the dictionary of the index; without one, with their own.
        """
        # What takes long in these leaves the interpreter to others; what is there is written.
        with path.open("xb") as file, ThreadPoolExecutor(THREADS) as pool:
            writer = ArrayWriter(file)
            numbers = self._waiting.numbers()
            packed = Packed(self._waiting.blocks(), numbers[:, Number.SIZE])
            shared = pool.submit(dictionary_for, packed, dictionary)
            begin, end = packed.halves()
            first = pool.submit(compressed, begin, shared.result)
            used, rows = columns(numbers), self._waiting.rows()
            names, triples, titles = zip(*self._streams(numbers, used, rows), strict=True)
            postings = pool.map(posting_arrays, names, triples, titles)
            last = pool.submit(compressed, end, shared.result)
            writer.add({**laid_out(used), **self._facts(rows)})
            for arrays in postings:
                writer.add(arrays)
            writer.add(stored_arrays(shared.result(), (first.result(), last.result())))
            return writer.finish()

    def _facts(self, rows: Mapping[Field, Rows]) -> Arrays:
        """Lay out ids and what facets count."""
        return {
            **id_arrays(list(self._waiting.all("ids"))),
            **facet_arrays("source", rows[Field.SOURCE]),
            **facet_arrays("origin", of_one(self._waiting.all("origins"))),
            **facet_arrays("topic", rows[Field.TOPIC]),
            **facet_arrays("author", rows[Field.AUTHOR]),
        }

    def _streams(
        self, numbers: NDArray[np.int64], used: Arrays, rows: Mapping[Field, Rows]
    ) -> Iterator[tuple[str, Triples, NDArray[np.int32]]]:
        texts = (Field.TEXT, self._texts.triples(numbers))
        known, read = self._lemmas.forms, self._read
        values = ((field, facet_triples(own, read, known)) for field, own in rows.items())
        for field, forms in (texts, *values):
            titles = weighing_titles(used, field)
            yield posting_name(field, Stream.FORMS), forms, titles
            yield posting_name(field, Stream.LEMMAS), lemmatised(forms, self._lemmas), titles


def columns(numbers: NDArray[np.int64]) -> Arrays:
    """Give the columns of one number a document, as they are used."""
    used: Arrays = {name: numbers[:, Number[name.upper()]].astype(TYPES[name]) for name in COLUMNS}
    made = (numbers[:, Number.BODY_START] == 0) & (numbers[:, Number.TITLE_TOKENS] > 0)
    used["title_made"] = made.astype(np.uint8)
    used["lengths"] = length_codes(used["tokens"])  # type: ignore[arg-type]
    used["group"] = np.full(len(numbers), ALONE, np.int32)
    return used


def weighing_titles(numbers: Arrays, field: Field) -> NDArray[np.int32]:
    """Give how many positions of each document are a title that weighs more than the body.

    Only texts have titles in them, and a made title is the body's own beginning.
    """
    tokens = cast("NDArray[np.int32]", numbers["title_tokens"])
    return np.where((numbers["title_made"] == 0) & (field is Field.TEXT), tokens, np.int32(0))


def id_arrays(ids: Sequence[str]) -> Arrays:
    """Lay out ids, sorted, with the document of each."""
    order = sorted(range(len(ids)), key=ids.__getitem__)
    numbers = {"id/docs": narrowed(np.array(order, np.int64))}
    return {**lexicon_arrays("id", [ids[doc] for doc in order]), **numbers}
