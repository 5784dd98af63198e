"""Leaves as the kernel takes them: words as posting lists, phrases and proximities as sets.

In: leaves of a resolved tree. Out: operands for one segment, weighted by the idf over all. The
idf of a word is that of its most frequent term, since the lemmas of one form mostly stand
together; that of a pattern is of all its terms' articles added up.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh import sets
from searchsvc.engines.whoosh.resolving import positions_of
from searchsvc.engines.whoosh.scoring import TITLE_WEIGHT, idf, impacts
from searchsvc.engines.whoosh.sets import Scored
from searchsvc.engines.whoosh.spans import leaf_spans
from searchsvc.query.tree import Expansion, Near, Phrase, Word
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import List, Operand
    from searchsvc.engines.whoosh.kernel import Stream as Positions
    from searchsvc.engines.whoosh.resolving import Resolved
    from searchsvc.engines.whoosh.segment import PostingField, Segment, Term
    from searchsvc.query.tree import Position


class Statistics(NamedTuple):
    """What scoring has to know of all segments together, and the table of impacts."""

    articles: int
    impacts: NDArray[np.float32]

    @classmethod
    def of(cls, segments: Sequence[Segment]) -> Statistics:
        """Count articles and tokens."""
        articles = sum(segment.size for segment in segments)
        tokens = sum(int(segment.tokens.sum(dtype=np.int64)) for segment in segments)
        return cls(articles, impacts(tokens / max(articles, 1)))


class Found(NamedTuple):
    """A term of a position in one segment, and the field it stands in."""

    field: PostingField
    term: Term


class Leaves:
    """The leaves of one tree in all segments; what was looked up is kept."""

    def __init__(
        self,
        segments: Sequence[Segment],
        resolved: Resolved,
        statistics: Statistics,
        deadline: float,
    ) -> None:
        self._segments = segments
        self._resolved = resolved
        self._statistics = statistics
        self._deadline = deadline
        self._found: dict[Position, tuple[float, list[list[Found]]]] = {}

    def word(self, item: Word | Expansion, number: int) -> Operand:
        """Give a word's posting lists in a segment; in the title, what stands there."""
        weight, terms = self._look_up(item)
        if isinstance(item, Word):
            weight *= item.weight
        if item.field is Field.TITLE:
            found = self._titled(terms[number], number, weight)
            return 1.0, ((found.docs, None, found.scores),)
        return weight, tuple(_list(found) for found in terms[number])

    def spanned(self, leaf: Phrase | Near, number: int) -> Scored:
        """Find a phrase or a proximity in a segment."""
        items = list(positions_of(leaf))
        if not items:
            return sets.nothing()
        weight = sum(self._look_up(item)[0] for item in dict.fromkeys(items))
        simple = all(item.field is not Field.TITLE for item in items)
        flat = isinstance(leaf, Phrase) or (
            len(leaf.items) == 2 and not any(isinstance(item, Phrase) for item in leaf.items)
        )
        if simple and flat:
            return self._side_by_side(leaf, items, number, weight)
        return self._placed(leaf, items, number, weight)

    def _side_by_side(
        self, leaf: Phrase | Near, items: Sequence[Position], number: int, weight: float
    ) -> Scored:
        segment = self._segments[number]
        streams: dict[int, tuple[int, Positions]] = {}
        rows = []
        for item in items:
            row = []
            for field, (_, postings, _) in self._look_up(item)[1][number]:
                place, _ = streams.setdefault(id(field), (len(streams), field.stream))
                row.append((place, postings.docs, postings.first))
            rows.append(tuple(row))
        _, found, scores = segment.kernel.spans(
            segment.size,
            self._statistics.impacts,
            segment.lengths,
            weight,
            leaf.distance if isinstance(leaf, Near) else -1,
            tuple(stream for _, stream in streams.values()),
            tuple(rows),
            self._deadline,
        )
        return Scored(np.frombuffer(found, np.int32), np.frombuffer(scores, np.float32))

    def _placed(
        self, leaf: Phrase | Near, items: Sequence[Position], number: int, weight: float
    ) -> Scored:
        """Find what the kernel has no loop for: in titles, of three words or of phrases."""
        segment = self._segments[number]
        among = self._documents(items[0], number)
        for item in items[1:]:
            among = among[sets.places(among, self._documents(item, number))[0]]
        spans = leaf_spans(segment, leaf, self._resolved, among, self._check)
        counted = [np.unique(part.docs(), return_counts=True) for part in spans]
        docs, counts = min(counted, key=lambda pair: pair[0].size)
        return self._weighed(segment, docs, counts, weight)

    def _check(self) -> None:
        if time.monotonic() > self._deadline:
            raise TimeoutError

    def _documents(self, item: Position, number: int) -> NDArray[np.int32]:
        lists = [found.term.postings.docs for found in self._look_up(item)[1][number]]
        return np.unique(np.concatenate([np.zeros(0, np.int32), *lists]))

    def _titled(self, terms: Sequence[Found], number: int, weight: float) -> Scored:
        segment = self._segments[number]
        counts = np.zeros(segment.size, np.int64)
        for field, term in terms:
            counts[term.postings.docs] += field.title_tf(term.number)
        docs = np.flatnonzero(counts).astype(np.int32)
        worth = np.where(segment.title_made[docs] > 0, 1, 1 + TITLE_WEIGHT)
        return self._weighed(segment, docs, counts[docs] * worth, weight)

    def _weighed(
        self, segment: Segment, docs: NDArray[np.int32], tf: NDArray[np.int64], weight: float
    ) -> Scored:
        codes = np.minimum(tf, 255) << 8 | segment.lengths[docs]
        return Scored(docs, np.float32(weight) * self._statistics.impacts[codes])

    def _look_up(self, item: Position) -> tuple[float, list[list[Found]]]:
        """Give a position's idf and its terms in each segment."""
        found = self._found.get(item)
        if found is None:
            found = self._found[item] = self._read(item)
        return found

    def _read(self, item: Position) -> tuple[float, list[list[Found]]]:
        every: list[list[Found]] = [[] for _ in self._segments]
        counts = []
        for stream, terms in self._resolved.terms(item):
            fields = [segment.field(item.field, stream) for segment in self._segments]
            for term in terms:
                count = 0
                for own, field in zip(every, fields, strict=True):
                    known = field.look_up(term)
                    if known is not None:
                        own.append(Found(field, known))
                        count += known.articles
                counts.append(count)
        articles = self._statistics.articles
        together = sum(counts) if isinstance(item, Expansion) else max(counts, default=0)
        return idf(articles, min(together, articles)), every


def _list(found: Found) -> List:
    docs, codes, _ = found.term.postings
    return docs, codes, None
