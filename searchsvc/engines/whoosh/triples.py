"""Tokens of one posting field: what stands where, before inversion.

In: strings by document and position. Out: the arrays of a posting field, named as in ``layout``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import lexicon
from searchsvc.engines.whoosh.inversion import Targets, invert, narrow, one_each

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.inversion import Documents, Postings
    from searchsvc.engines.whoosh.lemma_table import LemmaTable

Arrays = dict[str, "NDArray[np.generic]"]


@dataclass(frozen=True, slots=True)
class Triples:
    """Parallel arrays of equal length: numbers of ``strings``, documents, positions.

    With ``targets`` a number is that of a form, and its targets are numbers of ``strings``.
    """

    strings: Sequence[str]
    terms: NDArray[np.int32]
    docs: NDArray[np.int32]
    positions: NDArray[np.int32]
    targets: Targets | None = None


class Numbers(dict[str, int]):
    """Strings by number; one that is asked for the first time has the next."""

    def __missing__(self, string: str) -> int:
        number = self[string] = len(self)
        return number


def lemmatised(forms: Triples, rows: NDArray[np.int64], table: LemmaTable) -> Triples:
    """Let each form stand for all its lemmas, at the same documents and positions."""
    strings, targets = table.targets(rows)
    return replace(forms, strings=strings, targets=targets)


def ordered(forms: Triples, rows: NDArray[np.int64], table: LemmaTable) -> Triples:
    """Put the strings in an order that is quickly sorted."""
    strings, targets = table.ordered(forms.strings, rows)
    return replace(forms, strings=strings, targets=targets)


def posting_arrays(name: str, triples: Triples, documents: Documents) -> Arrays:
    """Sort the strings and invert the triples: the arrays of one posting field."""
    order = sorted(range(len(triples.strings)), key=triples.strings.__getitem__)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    strings = [triples.strings[number] for number in order]
    begins, terms = triples.targets or one_each(len(order))
    places = (triples.terms, triples.docs, triples.positions)
    postings = invert(*places, documents, len(strings), Targets(begins, rank[terms]))
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
    """Give the length of each string and its set of letters; one edit changes at most two bits."""
    lengths = np.fromiter(map(len, strings), np.int64, len(strings))
    text = "".join(strings).encode("utf-32-le", "surrogatepass")
    bits = np.uint64(1) << (np.frombuffer(text, "<u4") & 63).astype(np.uint64)
    letters = np.zeros(len(strings), np.uint64)
    filled = np.flatnonzero(lengths)
    starts = (np.cumsum(lengths) - lengths)[filled]
    letters[filled] = np.bitwise_or.reduceat(bits, starts) if filled.size else starts
    short = np.minimum(lengths, 255).astype(np.uint8)
    return {f"{name}/lengths": short, f"{name}/letters": letters}


def letter_set(text: str) -> int:
    """Give the set of letters as 64 bits, as it stands in a lexicon."""
    bits = 0
    for letter in text:
        bits |= 1 << (ord(letter) & 63)
    return bits
