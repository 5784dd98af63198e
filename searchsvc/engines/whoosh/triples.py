"""Tokens of one posting field: what stands where, before inversion.

In: strings by document and position. Out: the arrays of a posting field, named as in ``layout``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from searchsvc.engines.whoosh.inversion import Runs, Targets, invert, one_each
from searchsvc.engines.whoosh.letters import key_of
from searchsvc.engines.whoosh.lexicon import pack, pack_keys
from searchsvc.engines.whoosh.packing import Packer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.lemma_table import LemmaTable
    from searchsvc.engines.whoosh.packing import Postings

T = TypeVar("T")

Arrays = dict[str, "NDArray[np.generic]"]


@dataclass(frozen=True, slots=True)
class Triples:
    """What stands where: numbers of ``strings``, in runs of positions.

    Where not all numbers are ``used``, ``strings`` has those that are, in that order. With
    ``targets`` a number is that of a form, and its targets are numbers of ``strings``.
    """

    strings: Sequence[str]
    terms: NDArray[np.int32]
    runs: Runs
    used: NDArray[np.int64] | None = None
    targets: Targets | None = None


class Numbers(dict[T, int]):
    """Strings or keys by number; one that is asked for the first time has the next."""

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


def posting_arrays(name: str, triples: Triples, titles: NDArray[np.int32]) -> Arrays:
    """Sort the strings, invert the triples, pack the postings: the arrays of one posting field.

    The first ``titles`` positions of each document are those of a title that weighs more.
    """
    keys = [key_of(string) for string in triples.strings]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    begins, terms = triples.targets or one_each(len(order))
    targets = _spread(Targets(begins, rank[terms]), triples.used)
    pieces = invert(triples.terms, triples.runs, titles, len(order), targets)
    lexicon = pack_keys([keys[number] for number in order])
    return {**named(name, lexicon), **_packed(name, pieces, len(order), titles.size)}


def _spread(targets: Targets, used: NDArray[np.int64] | None) -> Targets:
    """Give numbers that are not used no targets."""
    if used is None or not used.size:
        return targets
    sizes = np.zeros(int(used[-1]) + 1, np.int32)
    sizes[used] = np.diff(targets.begins)
    begins = np.concatenate((np.zeros(1, np.int32), np.cumsum(sizes, dtype=np.int32)))
    return Targets(begins, targets.terms)


def lexicon_arrays(name: str, strings: Sequence[str]) -> Arrays:
    """Name the arrays of a sorted list of strings."""
    return named(name, pack(strings))


def named(name: str, parts: Arrays) -> Arrays:
    """Put the name of a field before those of its arrays."""
    return {f"{name}/{part}": array for part, array in parts.items()}


def _packed(name: str, pieces: Iterable[Postings], terms: int, documents: int) -> Arrays:
    parts: dict[str, list[NDArray[np.generic]]] = {}
    packer = Packer(
        name, terms, documents, lambda part, values: parts.setdefault(part, []).append(values)
    )
    for postings in pieces:
        packer.add(postings)
    packer.finish()
    return {part: np.concatenate(values) for part, values in parts.items()}
