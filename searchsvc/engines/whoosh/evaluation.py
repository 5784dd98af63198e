"""Evaluation of a tree: exact sets of documents, scored, segment by segment.

In: a neutral tree and the segments of one generation. Out: for each segment the documents that
match and their scores. Branches are set operations on sorted arrays; nothing is approximate.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh import sets
from searchsvc.engines.whoosh.layout import UNDATED
from searchsvc.engines.whoosh.resolving import Resolved, leaves, positions_of
from searchsvc.engines.whoosh.scoring import TITLE_WEIGHT, bm25, idf, length_norm
from searchsvc.engines.whoosh.sets import Scored, unscored
from searchsvc.engines.whoosh.spans import leaf_spans
from searchsvc.errors import EngineUnavailable
from searchsvc.query.tree import (
    All,
    Any,
    DateRange,
    Everything,
    Expansion,
    Near,
    Node,
    Not,
    Nothing,
    Phrase,
    Ranked,
    Value,
    Variants,
    Word,
)
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.segment import PostingList, Segment
    from searchsvc.query.tree import Position

Branch = All | Any | Variants | Not | Ranked

FIRST_ORDINAL = 719163
"""``date(1970, 1, 1).toordinal()``."""


class WordPostings(NamedTuple):
    """One position's documents in one segment with summed frequencies."""

    docs: NDArray[np.int32]
    tf: NDArray[np.float32]
    title_tf: NDArray[np.float32]


class Statistics(NamedTuple):
    """What scoring needs to know of all segments together."""

    articles: int
    average_length: float


class Evaluation:
    """One tree over one generation; raises EngineUnavailable when the deadline passes."""

    def __init__(self, node: Node, segments: Sequence[Segment], deadline: float | None) -> None:
        self._segments = segments
        self._deadline = deadline
        self.resolved = Resolved(node, segments)
        self._node = node
        tokens = sum(int(segment.tokens.sum()) for segment in segments)
        articles = sum(segment.size for segment in segments)
        self._statistics = Statistics(articles, tokens / max(articles, 1))
        self._words: dict[Position, list[WordPostings]] = {}
        for leaf in leaves(node, negated=True):
            for position in positions_of(leaf):
                self._gather(position)

    def results(self) -> list[Scored]:
        """Give the living documents that match, segment by segment."""
        return [self._living(number) for number in range(len(self._segments))]

    def _living(self, number: int) -> Scored:
        segment = self._segments[number]
        found = self._evaluate(self._node, number)
        if not segment.has_deletions:
            return found
        keep = ~segment.deleted[found.docs]
        return Scored(found.docs[keep], found.scores[keep])

    def _gather(self, position: Position) -> None:
        self._check_time()
        if position not in self._words:
            self._words[position] = [
                word_postings(segment, position, self.resolved) for segment in self._segments
            ]

    def _check_time(self) -> None:
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise EngineUnavailable("the query took too long; ask for fewer or rarer words")

    def _evaluate(self, node: Node, number: int) -> Scored:
        self._check_time()
        if isinstance(node, (Word, Expansion)):
            return self._word(node, number)
        if isinstance(node, (Phrase, Near)):
            return self._spanned(node, number)
        if isinstance(node, (DateRange, Value, Everything, Nothing)):
            return _filtered(node, self._segments[number])
        return self._branch(node, number)

    def _branch(self, node: Branch, number: int) -> Scored:
        segment = self._segments[number]
        if isinstance(node, All):
            return self._all(node.children, number)
        if isinstance(node, Not):
            docs = self._evaluate(node.child, number).docs
            return sets.difference(_everything(segment), docs)
        if isinstance(node, Ranked):
            found = self._evaluate(node.must, number)
            for child in node.should:
                found = sets.boosted(found, self._evaluate(child, number))
            return found
        parts = [self._evaluate(child, number) for child in node.children]
        best = isinstance(node, Variants)
        return sets.union(parts, segment.size, best=best) if parts else _nothing()

    def _all(self, children: Sequence[Node], number: int) -> Scored:
        wanted = [child for child in children if not isinstance(child, Not)]
        parts = [self._evaluate(child, number) for child in wanted]
        found = sets.intersection(parts) if parts else _everything(self._segments[number])
        for child in children:
            if isinstance(child, Not):
                found = sets.difference(found, self._evaluate(child.child, number).docs)
        return found

    def _word(self, node: Word | Expansion, number: int) -> Scored:
        postings = self._words[node][number]
        weight = node.weight if isinstance(node, Word) else 1.0
        tf = postings.title_tf if node.field is Field.TITLE else postings.tf
        scores = self._scores(number, postings.docs, tf, postings.title_tf, self._idf(node))
        return Scored(postings.docs, scores * np.float32(weight))

    def _spanned(self, node: Phrase | Near, number: int) -> Scored:
        segment = self._segments[number]
        items = list(dict.fromkeys(positions_of(node)))
        if not items:
            return _nothing()
        among = self._words[items[0]][number].docs
        for item in items[1:]:
            docs = self._words[item][number].docs
            among = among[sets.places(among, docs)[0]]
        spans = leaf_spans(segment, node, self.resolved, among, self._check_time)
        everywhere = [np.unique(part.docs(), return_counts=True) for part in spans]
        docs, counts = min(everywhere, key=lambda pair: pair[0].size)
        in_title = np.zeros(docs.size, np.float32)
        weight = sum(self._idf(item) for item in items)
        tf = counts.astype(np.float32)
        return Scored(docs, self._scores(number, docs, tf, in_title, weight))

    def _scores(
        self,
        number: int,
        docs: NDArray[np.int32],
        tf: NDArray[np.float32],
        title_tf: NDArray[np.float32],
        weight: float,
    ) -> NDArray[np.float32]:
        segment = self._segments[number]
        norm = length_norm(segment.tokens[docs], self._statistics.average_length)
        extra = np.float32(TITLE_WEIGHT) * title_tf * (segment.title_made[docs] == 0)
        return bm25(tf + extra, norm, weight)

    def _idf(self, position: Position) -> float:
        having = sum(postings.docs.size for postings in self._words[position])
        return idf(self._statistics.articles, having)


def _filtered(node: DateRange | Value | Everything | Nothing, segment: Segment) -> Scored:
    if isinstance(node, DateRange):
        return unscored(dated(segment, node))
    if isinstance(node, Value):
        return unscored(segment.ordinals[node.field.value].docs_with(node.value))
    return _everything(segment) if isinstance(node, Everything) else _nothing()


def _everything(segment: Segment) -> Scored:
    return unscored(np.arange(segment.size, dtype=np.int32))


def _nothing() -> Scored:
    return unscored(np.zeros(0, np.int32))


def word_postings(segment: Segment, item: Position, resolved: Resolved) -> WordPostings:
    """Unite the posting lists of a position's terms; on a title, only what stands in it."""
    lists: list[PostingList] = []
    for stream, terms in resolved.terms(item):
        field = segment.field(item.field, stream)
        numbers = (field.lexicon.find(term) for term in terms)
        lists.extend(field.postings(number) for number in numbers if number >= 0)
    united = _united(lists, segment.size)
    if item.field is not Field.TITLE:
        return united
    keep = united.title_tf > 0
    return WordPostings(united.docs[keep], united.tf[keep], united.title_tf[keep])


def _united(lists: Sequence[PostingList], size: int) -> WordPostings:
    if not lists:
        empty = np.zeros(0, np.float32)
        return WordPostings(np.zeros(0, np.int32), empty, empty)
    if len(lists) == 1:
        docs, tf, title_tf, _ = lists[0]
        return WordPostings(docs, tf.astype(np.float32), title_tf.astype(np.float32))
    every = np.concatenate([postings.docs for postings in lists])
    tf = np.concatenate([postings.tf for postings in lists])
    title_tf = np.concatenate([postings.title_tf for postings in lists])
    sums = np.bincount(every, tf, size).astype(np.float32)
    title_sums = np.bincount(every, title_tf, size).astype(np.float32)
    docs = np.flatnonzero(sums).astype(np.int32)
    return WordPostings(docs, sums[docs], title_sums[docs])


def dated(segment: Segment, wanted: DateRange) -> NDArray[np.int32]:
    """Find the documents whose whole date span lies in the range; undated ones never do."""
    first, last = segment.column("first_day"), segment.column("last_day")
    inside = first != UNDATED
    if wanted.first is not None:
        inside &= first >= _day(wanted.first)
    if wanted.last is not None:
        inside &= last <= _day(wanted.last)
    return np.flatnonzero(inside).astype(np.int32)


def _day(day: date) -> int:
    return day.toordinal() - FIRST_ORDINAL
