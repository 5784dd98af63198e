"""From digests to one segment file: buffered, inverted, written.

In: digests in the order of their document numbers. Out: an array file; see ``layout``.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, cast

import numpy as np

from searchsvc.engines.whoosh.columns import TYPES, laid_out, laid_out_values, narrowed
from searchsvc.engines.whoosh.container import write_arrays
from searchsvc.engines.whoosh.gathering import TextBuffer, ValueBuffer
from searchsvc.engines.whoosh.layout import posting_name
from searchsvc.engines.whoosh.scoring import length_codes
from searchsvc.engines.whoosh.stored import store_arrays
from searchsvc.engines.whoosh.triples import lemmatised, lexicon_arrays, ordered, posting_arrays
from searchsvc.schema import FACET_FIELDS, Field, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.whoosh.digest import Digest
    from searchsvc.engines.whoosh.gathering import Vocabularies
    from searchsvc.engines.whoosh.lemma_table import LemmaTable
    from searchsvc.engines.whoosh.triples import Arrays, Triples

NUMBERS = ("tokens", "title_tokens", "body_start", "first_day", "last_day", "minute")
"""Columns named as in the digest."""

ALONE = -1
"""The group of an article that has no near-duplicates."""


THREADS = 2
"""Posting fields made at once: two of them have nearly all the tokens."""


class SegmentBuffer:
    """Digests waiting to become a segment; ``tokens`` tells how much memory they take."""

    def __init__(self, analyzer: Analyzer, vocabularies: Vocabularies, lemmas: LemmaTable) -> None:
        self._lemmas = lemmas
        self._vocabularies = vocabularies
        self._digests: list[Digest] = []
        self._texts = TextBuffer(vocabularies)
        read = cache(analyzer.analyse)
        self._values = {field: ValueBuffer(read) for field in FACET_FIELDS}

    def __len__(self) -> int:
        return len(self._digests)

    @property
    def tokens(self) -> int:
        """How many tokens are waiting, those of articles to come in a batch too."""
        return self._texts.tokens

    def new_forms(self) -> list[str]:
        """List the forms of texts that came since this was last asked."""
        return self._texts.new_forms()

    def digest_of(self, doc: int) -> Digest:
        """Give a waiting article."""
        return self._digests[doc]

    def add(self, digest: Digest) -> int:
        """Take one article; returns its document number."""
        doc = len(self._digests)
        if digest.words is not None:
            self._texts.add(digest.words)
            digest = digest._replace(words=None)
        if digest.source:
            self._values[Field.SOURCE].add(doc, (digest.source,))
        self._values[Field.TOPIC].add(doc, digest.topics)
        self._values[Field.AUTHOR].add(doc, digest.authors)
        self._digests.append(digest)
        return doc

    def write(self, path: Path, dictionary: bytes = b"") -> None:
        """Write everything that waits as one segment file.

        Articles are compressed with the dictionary of the index; without one, with their own.
        """
        # What takes long in these leaves the interpreter to others.
        with ThreadPoolExecutor(THREADS) as pool:
            packed = [digest.article for digest in self._digests]
            stored = pool.submit(store_arrays, packed, dictionary)
            numbers = columns(self._digests)
            arrays: Arrays = {**laid_out(numbers), **values(self._digests)}
            names, triples, titles = zip(*self._streams(numbers), strict=True)
            for postings in pool.map(posting_arrays, names, triples, titles):
                arrays |= postings
            arrays |= stored.result()
        write_arrays(path, arrays)

    def _streams(self, numbers: Arrays) -> Iterator[tuple[str, Triples, NDArray[np.int32]]]:
        texts = (Field.TEXT, self._texts.triples(self._digests))
        values = ((field, buffer.triples()) for field, buffer in self._values.items())
        for field, forms in (texts, *values):
            titles = weighing_titles(numbers, field)
            rows = self._rows(forms)
            sortable = ordered(forms, rows, self._lemmas)
            yield posting_name(field, Stream.FORMS), sortable, titles
            lemmas = lemmatised(forms, rows, self._lemmas)
            yield posting_name(field, Stream.LEMMAS), lemmas, titles

    def _rows(self, forms: Triples) -> NDArray[np.int64]:
        """Give the rows of forms in the table of lemmas: a seed's row is its number."""
        if forms.used is None:
            return self._lemmas.rows(forms.strings)
        seeds = int(np.searchsorted(forms.used, len(self._vocabularies.seeds)))
        return np.concatenate((forms.used[:seeds], self._lemmas.rows(forms.strings[seeds:])))


def columns(digests: Sequence[Digest]) -> Arrays:
    """Gather the columns of one number a document, as they are used."""
    numbers: Arrays = {
        name: np.array([getattr(digest, name) for digest in digests], TYPES[name])
        for name in NUMBERS
    }
    made = [digest.body_start == 0 and digest.title_tokens > 0 for digest in digests]
    numbers["title_made"] = np.array(made, np.uint8)
    numbers["lengths"] = length_codes(numbers["tokens"])  # type: ignore[arg-type]
    numbers["group"] = np.full(len(digests), ALONE, np.int32)
    return numbers


def values(digests: Sequence[Digest]) -> Arrays:
    """Lay out ids and facet values."""
    return {
        **id_arrays([digest.id for digest in digests]),
        **_ordinals("source", [(d.source,) if d.source else () for d in digests]),
        **_ordinals("origin", [(d.origin,) if d.origin else () for d in digests]),
        **_ordinals("topic", [d.topics for d in digests]),
        **_ordinals("author", [d.authors for d in digests]),
    }


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


def _ordinals(name: str, rows: Sequence[Sequence[str]]) -> Arrays:
    distinct = sorted({value for row in rows for value in row})
    ordinal = {value: number for number, value in enumerate(distinct)}
    counts = np.array([len(row) for row in rows], np.int64)
    flat = np.array([ordinal[value] for row in rows for value in row], np.int64)
    return ordinal_arrays(name, distinct, counts, flat)


def ordinal_arrays(
    name: str, distinct: Sequence[str], counts: NDArray[np.int64], ordinals: NDArray[np.int64]
) -> Arrays:
    """Lay out a column of values: sorted, how many each document has, their numbers."""
    numbers = laid_out_values(counts, ordinals).items()
    return {
        **lexicon_arrays(f"{name}_values", distinct),
        **{f"{name}_values/{part}": array for part, array in numbers},
    }
