"""Tokens gathered for one posting field: what stands where, before inversion.

In: strings by document and position. Out: the arrays of a posting field, named as in ``layout``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from searchsvc.engines.whoosh import lexicon
from searchsvc.engines.whoosh.inversion import invert
from searchsvc.engines.whoosh.packing import Packer, Postings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.inversion import Documents
    from searchsvc.engines.whoosh.inversion import Postings as Inverted

T = TypeVar("T")

Arrays = dict[str, "NDArray[np.generic]"]


@dataclass(frozen=True, slots=True)
class Triples:
    """Parallel arrays of equal length: numbers of ``strings``, documents, positions."""

    strings: Sequence[str]
    terms: NDArray[np.int32]
    docs: NDArray[np.int32]
    positions: NDArray[np.int32]


class Numbers(dict[T, int]):
    """Numbers what is asked for from 0 on."""

    def __missing__(self, string: T) -> int:
        number = self[string] = len(self)
        return number


class TripleBuffer:
    """Collects the surface forms of many documents in little memory: 12 bytes a token."""

    def __init__(self) -> None:
        self._numbers = Numbers[str]()
        self._terms: list[NDArray[np.int32]] = []
        self._docs: list[NDArray[np.int32]] = []
        self._positions: list[NDArray[np.int32]] = []
        self.tokens = 0

    def add(self, doc: int, forms: Sequence[str], positions: NDArray[np.int32]) -> None:
        """Add one document's forms with the position of each."""
        terms = np.fromiter(map(self._numbers.__getitem__, forms), np.int32, len(forms))
        self._terms.append(terms)
        self._docs.append(np.full(terms.size, doc, np.int32))
        self._positions.append(positions)
        self.tokens += terms.size

    def triples(self) -> Triples:
        """Give everything that was added."""
        empty = [np.zeros(0, np.int32)]
        return Triples(
            strings=list(self._numbers),
            terms=np.concatenate(self._terms or empty),
            docs=np.concatenate(self._docs or empty),
            positions=np.concatenate(self._positions or empty),
        )


def lemmatised(forms: Triples, lemmas: Callable[[str], Iterable[str]]) -> Triples:
    """Replace each form by all its lemmas, at the same documents and positions."""
    numbers = Numbers[str]()
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
    """Sort the strings, invert the triples, pack the postings: the arrays of one posting field."""
    order = sorted(range(len(triples.strings)), key=triples.strings.__getitem__)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    strings = [triples.strings[number] for number in order]
    inverted = invert(rank[triples.terms], triples.docs, triples.positions, documents, len(strings))
    postings = _plain(inverted, documents)
    return {**lexicon_arrays(name, strings), **_packed(name, postings, len(strings), documents)}


def lexicon_arrays(name: str, strings: Sequence[str]) -> Arrays:
    """Name the arrays of a sorted list of strings."""
    return named(name, lexicon.pack(strings))


def named(name: str, parts: Arrays) -> Arrays:
    """Put the name of a field before those of its arrays."""
    return {f"{name}/{part}": array for part, array in parts.items()}


def _plain(inverted: Inverted, documents: Documents) -> Postings:
    """Give true frequencies; an occurrence in a title counts where titles weigh more."""
    tf = inverted.tf.astype(np.int32)
    tf[inverted.over_index] = inverted.over_count
    numbers = np.arange(inverted.starts.size - 1, dtype=np.int32)
    weighs = documents.title_weight[inverted.docs] > 0
    return Postings(
        terms=np.repeat(numbers, np.diff(inverted.starts)),
        docs=inverted.docs,
        tf=tf,
        title_tf=np.where(weighs, inverted.title_tf, 0).astype(np.int32),
        positions=inverted.positions,
    )


def _packed(name: str, postings: Postings, terms: int, documents: Documents) -> Arrays:
    parts: dict[str, list[NDArray[np.generic]]] = {}
    packer = Packer(
        name,
        terms,
        documents.lengths.size,
        lambda part, values: parts.setdefault(part, []).append(values),
    )
    packer.add(postings)
    packer.finish()
    return {part: np.concatenate(values) for part, values in parts.items()}
