"""Tokens of one posting field: what stands where, before inversion.

In: strings by document and position. Out: the arrays of a posting field, named as in ``layout``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from searchsvc.engines.whoosh import lexicon
from searchsvc.engines.whoosh.inversion import Targets, invert, one_each
from searchsvc.engines.whoosh.packing import Packer, Postings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.inversion import Documents
    from searchsvc.engines.whoosh.inversion import Postings as Inverted
    from searchsvc.engines.whoosh.lemma_table import LemmaTable

T = TypeVar("T")

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


class Numbers(dict[T, int]):
    """Numbers what is asked for from 0 on."""

    def __missing__(self, string: T) -> int:
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
    """Sort the strings, invert the triples, pack the postings: the arrays of one posting field."""
    order = sorted(range(len(triples.strings)), key=triples.strings.__getitem__)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    strings = [triples.strings[number] for number in order]
    begins, terms = triples.targets or one_each(len(order))
    places = (triples.terms, triples.docs, triples.positions)
    inverted = invert(*places, documents, len(strings), Targets(begins, rank[terms]))
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
