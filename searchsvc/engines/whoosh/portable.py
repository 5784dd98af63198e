"""The kernel in numpy: what takes over without a compiler, and the compiled kernel's oracle.

What everything means is said in ``kernel``. Every node of a program becomes a set of documents with
scores; nothing is left out by bounds, so it is slower and plain. Damage that this does not read
(rank directories, for one) it does not find.
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.buffers import array_of
from searchsvc.engines.whoosh.layout import SIZES
from searchsvc.engines.whoosh.portable_columns import chosen_values
from searchsvc.engines.whoosh.portable_lexicon import find
from searchsvc.engines.whoosh.portable_nodes import Nodes
from searchsvc.engines.whoosh.portable_second_pass import Typed, Words, ordered_anew
from searchsvc.engines.whoosh.portable_segment import Segment
from searchsvc.engines.whoosh.portable_sets import Matched
from searchsvc.engines.whoosh.portable_terms import Term

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import (
        Buffer,
        Counts,
        Facet,
        Hits,
        Measures,
        Parts,
        Program,
    )

    Keys = NDArray[np.float32] | NDArray[np.float64]

__all__ = ["Segment", "Term", "Whole", "find"]


class Found(NamedTuple):
    """What matches, by number in the whole and by document in each segment."""

    numbers: NDArray[np.int64]
    scores: NDArray[np.float32]
    parts: list[Matched]


class Whole:
    """Segments that are searched as one."""

    def __init__(self, segments: tuple[Segment, ...], /) -> None:
        if not isinstance(segments, tuple) or not all(isinstance(one, Segment) for one in segments):
            raise TypeError("a whole is made of segments")
        self._segments = segments
        self._bases = tuple(accumulate((segment.size for segment in segments), initial=0))
        if self._bases[-1] >= SIZES:
            raise ValueError("a whole has from 0 to 2^31 documents")

    def search(
        self,
        program: Program,
        order: int,
        key: float,
        number: int,
        wanted: int,
        folded: Buffer | None,
        facets: tuple[Facet, ...],
        deadline: float,
        /,
    ) -> tuple[int, Hits, list[Counts]]:
        """Count the living documents that match, and give the first of them after a place."""
        if wanted < 0 or order not in {-1, 0, 1}:
            raise ValueError("there is no such order, or number of hits")
        found = self._matching(program, deadline)
        numbers, scores = found.numbers, found.scores
        keys = self._keys(found, order)
        anywhere = key == -math.inf and number < 0
        later = None if anywhere else _later(keys, numbers, key, number)
        if folded is None:
            places = _first(keys, later, wanted)
        else:
            places = _first(keys, later, keys.size)
            places = _unfolded(self._groups(found), places, array_of(folded, np.int32))[:wanted]
        columns = keys[places].tolist(), numbers[places].tolist(), scores[places].tolist()
        hits = list(zip(*columns, strict=True))
        return numbers.size, hits, [self._counts(found, facet) for facet in facets]

    def typed(
        self,
        lemmas: Parts,
        form: Parts,
        related: Parts,
        form_weight: float,
        related_weight: float,
        lead_weight: float,
        close_weight: float,
        /,
    ) -> Typed:
        """Note a typed word."""
        if not len(lemmas) == len(form) == len(related) == len(self._segments):
            raise ValueError("something is not given for each segment")
        weights = form_weight, related_weight, lead_weight, close_weight
        return Typed(lemmas, form, related, weights)

    @np.errstate(over="ignore", invalid="ignore")
    def search_twice(
        self,
        program: Program,
        first: int,
        shown: int,
        facets: tuple[Facet, ...],
        words: tuple[Typed, ...],
        measures: Measures,
        fresh: tuple[Buffer, ...] | None,
        deadline: float,
        /,
    ) -> tuple[int, Hits, list[Counts], tuple[float, int] | None]:
        """Count what matches, and give hits of which the first by score are ordered anew."""
        if first < 0 or shown < 0:
            raise ValueError("there is no such number of hits")
        self._check(words, fresh)
        place = (-math.inf, -1)
        wanted = max(first, shown)
        total, hits, counts = self.search(program, 0, *place, wanted, None, facets, deadline)
        block, rest = hits[:first], hits[first:]
        asked = Words(words, measures, fresh, deadline)
        ordered = ordered_anew(self._segments, self._bases, block, asked)
        edge = block[-1][:2] if block else None
        return total, [*ordered, *rest][:shown], counts, edge

    def _check(self, words: tuple[Typed, ...], fresh: tuple[Buffer, ...] | None) -> None:
        """Refuse what is no typed word, or not given for each segment."""
        if not (isinstance(words, tuple) and all(isinstance(word, Typed) for word in words)):
            raise TypeError("a word is typed for the segments that are searched")
        each = [word.lemmas for word in words] + ([] if fresh is None else [fresh])
        if any(len(given) != len(self._segments) for given in each):
            raise ValueError("something is not given for each segment")

    def matching(self, program: Program, deadline: float, /) -> tuple[bytes, bytes]:
        """Give all living documents that match, and their scores."""
        found = self._matching(program, deadline)
        return found.numbers.astype(np.int32).tobytes(), found.scores.tobytes()

    def groups_until(
        self, program: Program, order: int, key: float, number: int, deadline: float, /
    ) -> set[int]:
        """Give the groups of the living documents that match and do not come after a place."""
        found = self._matching(program, deadline)
        later = _later(self._keys(found, order), found.numbers, key, number)
        earlier = self._groups(found)[~later]
        return {group for group in earlier.tolist() if group >= 0}

    @np.errstate(over="ignore", invalid="ignore")
    def _matching(self, program: Program, deadline: float) -> Found:
        parts = []
        for place, segment in enumerate(self._segments):
            found = Nodes(segment, self._bases, place, deadline).root(program)
            if segment.dead is not None:
                alive = ~segment.dead[found.docs]
                found = Matched(found.docs[alive], found.scores[alive])
            parts.append(found)
        if len(parts) == 1:
            return Found(parts[0].docs, parts[0].scores, parts)
        numbers = [part.docs + base for part, base in zip(parts, self._bases, strict=False)]
        scores = [part.scores for part in parts]
        return Found(_joined(numbers, np.int64), _joined(scores, np.float32), parts)

    def _keys(self, found: Found, order: int) -> Keys:
        if not order:
            return -found.scores
        pairs = zip(self._segments, found.parts, strict=True)
        keys = [(own.upwards if order > 0 else own.downwards)[part.docs] for own, part in pairs]
        return _joined(keys, np.float64)

    def _groups(self, found: Found) -> NDArray[np.int32]:
        groups = []
        for segment, part in zip(self._segments, found.parts, strict=True):
            if segment.group is None:
                raise ValueError("a segment has no groups")
            groups.append(segment.group[part.docs])
        return _joined(groups, np.int32)

    def _counts(self, found: Found, facet: Facet) -> Counts:
        values, columns = facet
        rows = zip(self._segments, found.parts, columns, strict=True)
        chosen = [chosen_values(own.size, part.docs, column, values) for own, part, column in rows]
        counts = np.bincount(_joined(chosen, np.int32), minlength=1)
        present = np.flatnonzero(counts)
        ordered = present[np.argsort(-counts[present], kind="stable")]
        return list(zip(ordered.tolist(), counts[ordered].tolist(), strict=True))


def _joined(parts: list[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, kind), *parts])


def _unfolded(
    every: NDArray[np.int32], places: NDArray[np.int64], folded: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Keep the first of each group in the order of places, and what has no group."""
    groups = every[places]
    first = np.zeros(places.size, np.bool_)
    first[np.unique(groups, return_index=True)[1]] = True
    return places[(groups < 0) | (first & ~np.isin(groups, folded))]


def _first(keys: Keys, later: NDArray[np.bool_] | None, wanted: int) -> NDArray[np.int64]:
    """Give the places of the first by key, then as they stand; of those that are later, if any."""
    places = None if later is None else later.nonzero()[0]
    chosen = keys if places is None else keys[places]
    if 0 < wanted < chosen.size:
        lowest = chosen.copy()
        lowest.partition(wanted - 1)
        near = (chosen <= lowest[wanted - 1]).nonzero()[0]
        places = near if places is None else places[near]
        chosen = chosen[near]
    ordered = chosen.argsort(kind="stable")[:wanted]
    return ordered if places is None else places[ordered]


def _later(keys: Keys, numbers: NDArray[np.int64], key: float, number: int) -> NDArray[np.bool_]:
    """Tell which come after a place."""
    if math.isnan(key):
        return np.zeros(keys.size, np.bool_)
    exact, number = np.float64(key), max(-1, min(number, SIZES))
    later: NDArray[np.bool_] = (keys > exact) | ((keys == exact) & (numbers > number))
    return later
