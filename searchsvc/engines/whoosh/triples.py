"""Tokens of one posting field: what stands where, before inversion.

In: strings by document and position. Out: the arrays of a posting field, named as in ``layout``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from searchsvc.engines.whoosh.inversion import Runs, Targets, invert, one_each
from searchsvc.engines.whoosh.lexicon import pack
from searchsvc.engines.whoosh.packing import Packer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.container import Given
    from searchsvc.engines.whoosh.lemma_table import LemmaTable
    from searchsvc.engines.whoosh.numbering import Numbered
    from searchsvc.engines.whoosh.packing import Postings

T = TypeVar("T")

Arrays = dict[str, "NDArray[np.generic]"]


@dataclass(frozen=True, slots=True)
class Triples:
    """What stands where: the ``chosen`` of ``strings``, by place, in runs of positions.

    Where not all places are ``used``, those that are have the chosen in their order. With
    ``targets`` a place is that of a form, and its targets are places of the chosen.
    """

    strings: Numbered
    chosen: NDArray[np.int32]
    terms: NDArray[np.int32]
    runs: Runs
    used: NDArray[np.int64] | None = None
    targets: Targets | None = None


class Numbers(dict[T, int]):
    """Strings or keys by number; one that is asked for the first time has the next."""

    def __missing__(self, string: T) -> int:
        number = self[string] = len(self)
        return number


def lemmatised(forms: Triples, table: LemmaTable) -> Triples:
    """Let each form stand for all its lemmas, at the same documents and positions."""
    chosen, targets = table.targets(forms.chosen)
    return replace(forms, strings=table.lemmas, chosen=chosen, targets=targets)


def posting_arrays(name: str, triples: Triples, titles: NDArray[np.int32]) -> Mapping[str, Given]:
    """Sort the strings, invert the triples, pack the postings: the arrays of one posting field.

    The first ``titles`` positions of each document are those of a title that weighs more.
    """
    ranks, lexicon = triples.strings.sorted(triples.chosen)
    begins, terms = triples.targets or one_each(ranks.size)
    targets = _spread(Targets(begins, ranks[terms]), triples.used)
    pieces = invert(triples.terms, triples.runs, titles, ranks.size, targets)
    return {**named(name, lexicon), **_packed(name, pieces, ranks.size, titles.size)}


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


def _packed(
    name: str, pieces: Iterable[Postings], terms: int, documents: int
) -> dict[str, list[NDArray[np.generic]]]:
    parts: dict[str, list[NDArray[np.generic]]] = {}
    packer = Packer(
        name, terms, documents, lambda part, values: parts.setdefault(part, []).append(values)
    )
    for postings in pieces:
        packer.add(postings)
    packer.finish()
    return parts
