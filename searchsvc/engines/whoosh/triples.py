"""Tokens of one posting field: what stands where, before inversion.

In: strings by document and position. Out: the arrays of a posting field, named as in ``layout``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import lexicon
from searchsvc.engines.whoosh.inversion import Documents, Postings, invert, narrow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

Arrays = dict[str, "NDArray[np.generic]"]


@dataclass(frozen=True, slots=True)
class Triples:
    """Parallel arrays of equal length: numbers of ``strings``, documents, positions."""

    strings: Sequence[str]
    terms: NDArray[np.int32]
    docs: NDArray[np.int32]
    positions: NDArray[np.int32]


class Numbers(dict[str, int]):
    """Strings by number; one that is asked for the first time has the next."""

    def __missing__(self, string: str) -> int:
        number = self[string] = len(self)
        return number


def lemmatised(forms: Triples, lemmas: Callable[[str], Iterable[str]]) -> Triples:
    """Replace each form by all its lemmas, at the same documents and positions."""
    numbers = Numbers()
    rows = [[numbers[lemma] for lemma in lemmas(form)] for form in forms.strings]
    counts = np.array([len(row) for row in rows], np.int64)
    flat = np.array([number for row in rows for number in row], np.int32)
    begins = np.cumsum(counts) - counts
    repeats = counts[forms.terms] if counts.size else counts
    within = np.arange(int(repeats.sum())) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    chosen = np.repeat(begins[forms.terms] if counts.size else begins, repeats) + within
    return Triples(
        strings=list(numbers),
        terms=flat[chosen],
        docs=np.repeat(forms.docs, repeats),
        positions=np.repeat(forms.positions, repeats),
    )


def posting_arrays(name: str, triples: Triples, documents: Documents) -> Arrays:
    """Sort the strings and invert the triples: the arrays of one posting field."""
    order = sorted(range(len(triples.strings)), key=triples.strings.__getitem__)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    strings = [triples.strings[number] for number in order]
    postings = invert(rank[triples.terms], triples.docs, triples.positions, documents, len(strings))
    return {**lexicon_arrays(name, strings), **_named(name, postings), **_shapes(name, strings)}


def lexicon_arrays(name: str, strings: Sequence[str]) -> Arrays:
    """Name the arrays of a sorted list of strings."""
    blob, offsets = lexicon.pack(strings)
    return {f"{name}/terms": blob, f"{name}/term_offsets": offsets}


def _named(name: str, postings: Postings) -> Arrays:
    return {
        f"{name}/starts": postings.starts,
        f"{name}/docs": postings.docs,
        f"{name}/codes": postings.codes,
        f"{name}/tf": postings.tf,
        f"{name}/title_tf": postings.title_tf,
        f"{name}/over_index": postings.over_index,
        f"{name}/over_count": postings.over_count,
        f"{name}/samples": postings.samples,
        f"{name}/positions": narrow(postings.positions),
    }


def _shapes(name: str, strings: Sequence[str]) -> Arrays:
    lengths = np.fromiter((min(len(text), 255) for text in strings), np.uint8, len(strings))
    letters = np.fromiter(map(letter_set, strings), np.uint64, len(strings))
    return {f"{name}/lengths": lengths, f"{name}/letters": letters}


def letter_set(text: str) -> int:
    """Give the set of letters as 64 bits; one edit changes at most two of them."""
    bits = 0
    for letter in text:
        bits |= 1 << (ord(letter) & 63)
    return bits
