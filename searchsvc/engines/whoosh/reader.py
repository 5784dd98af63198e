"""The Whoosh engine's reader: one generation, opened, answering trees.

In: search requests. Out: hits with articles and matches, exact totals, facets. Thread-safe:
everything read is immutable.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.generations import Generations
from searchsvc.engines.protocol import (
    Cursor,
    EngineStats,
    Hit,
    SearchRequest,
    SearchResult,
    Sort,
    TermFrequency,
)
from searchsvc.engines.whoosh import portable
from searchsvc.engines.whoosh.deadlines import checking
from searchsvc.engines.whoosh.evaluation import Evaluation
from searchsvc.engines.whoosh.facets import buckets, undated
from searchsvc.engines.whoosh.kernel import Kernel, best
from searchsvc.engines.whoosh.layout import UNDATED
from searchsvc.engines.whoosh.locating import locate
from searchsvc.engines.whoosh.operands import Statistics
from searchsvc.engines.whoosh.ordering import first_hits
from searchsvc.engines.whoosh.resolving import Resolved
from searchsvc.engines.whoosh.segment import Segment
from searchsvc.engines.whoosh.toc import read_toc
from searchsvc.errors import IndexDamaged, NotFound
from searchsvc.query.tree import All, Expansion, ExpansionKind, Word
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from searchsvc.engines.protocol import Match
    from searchsvc.engines.whoosh.ordering import Ordered
    from searchsvc.engines.whoosh.sets import Scored
    from searchsvc.model import Article
    from searchsvc.query.tree import Node

ENGINE = "whoosh"

ORDERS = {Sort.RELEVANCE: 0, Sort.DATE: -1, Sort.DATE_ASC: 1}
"""0 sorts by score, 1 and -1 by the minute, upwards and downwards."""


class WhooshEngine:
    """A reader of one generation of an index."""

    def __init__(
        self, segments: Sequence[Segment], generation: int, size: int, kernel: Kernel = best
    ) -> None:
        self._segments = segments
        self._kernel = kernel
        self._statistics = Statistics.of(segments)
        self._generation = generation
        self._size = size

    @classmethod
    def open(cls, root: Path, number: int | None = None, kernel: Kernel = best) -> WhooshEngine:
        """Open a generation, the current one by default; raises IndexMissing, IndexDamaged."""
        generations = Generations(root)
        if number is None:
            number = generations.current()
        fingerprint = Analyzer().fingerprint
        manifest = generations.usable(number, engine=ENGINE, analysis=fingerprint)
        folder = generations.folder(number)
        segments = [
            Segment(entry.path(folder), entry.deleted_docs(), kernel) for entry in read_toc(folder)
        ]
        return cls(segments, number, sum(size for _, size, _ in manifest.files), kernel)

    @property
    def generation(self) -> int:
        """Number of the generation it reads."""
        return self._generation

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a tree; raises EngineUnavailable when the deadline passes."""
        evaluation = self._evaluation(request.node, request.deadline)
        wanted = slice(request.offset, request.offset + request.limit + 1)
        if request.facets:
            results = evaluation.results()
            total = sum(part.docs.size for part in results)
        else:
            total, results = self._best(evaluation, request, wanted.stop)
        ordered = first_hits(
            self._segments,
            results,
            request.sort,
            wanted,
            request.after,
            ordered=not request.facets,
        )
        return SearchResult(
            total=total,
            hits=tuple(
                self._hit(place, request, evaluation.resolved) for place in ordered[: request.limit]
            ),
            more=len(ordered) > request.limit,
            facets={facet: buckets(self._segments, results, facet) for facet in request.facets},
            undated=undated(self._segments, results) if request.facets else 0,
            truncated=tuple(evaluation.resolved.truncated),
        )

    def _evaluation(self, node: Node, deadline: float | None = None) -> Evaluation:
        return Evaluation(node, self._segments, self._statistics, deadline)

    def _best(
        self, evaluation: Evaluation, request: SearchRequest, wanted: int
    ) -> tuple[int, list[Scored]]:
        total, results, base = 0, [], 0
        for number, segment in enumerate(self._segments):
            order = ORDERS[request.sort]
            minutes = segment.column("minute") if order else None
            after = request.after or Cursor(-math.inf, -1)
            place = (after.key, after.number - base)
            count, found = evaluation.best(number, (minutes, order or 1), place, wanted)
            total += count
            results.append(found)
            base += segment.size
        return total, results

    def article(self, article_id: str) -> Article:
        """Give a stored article; raises NotFound."""
        segment, doc = self._find(article_id)
        return segment.article(doc)

    def matches(
        self, node: Node, article_id: str, deadline: float | None = None
    ) -> tuple[Match, ...]:
        """List where a tree's leaves stand in one article; raises NotFound, EngineUnavailable."""
        segment, doc = self._find(article_id)
        check = checking(deadline)
        resolved = Resolved(node, self._segments, check)
        return locate(segment, doc, segment.article(doc), node, resolved, check)

    def vocabulary(self, prefix: str, limit: int) -> tuple[TermFrequency, ...]:
        """List surface forms by prefix, the most frequent first."""
        pattern = Expansion(ExpansionKind.PREFIX, prefix, limit=limit)
        ((_, terms),) = Resolved(pattern, self._segments).terms(pattern)
        counted = [TermFrequency(term, self._document_frequency(term)) for term in terms]
        return tuple(sorted(counted, key=lambda item: (-item.articles, item.term)))

    def forms(self) -> Iterator[TermFrequency]:
        """Go through all surface forms of title and text, each segment's for itself."""
        for segment in self._segments:
            field = segment.field(Field.TEXT, Stream.FORMS)
            numbers = np.arange(len(field.lexicon))
            if segment.has_deletions:
                counts = field.living_frequencies(numbers, segment.deleted, in_title=False)
            else:
                counts = field.document_frequencies(numbers)
            for form, articles in zip(field.lexicon, counts.tolist(), strict=True):
                if articles:
                    yield TermFrequency(form, articles)

    def stats(self) -> EngineStats:
        """Count what the index holds."""
        living = [~segment.deleted for segment in self._segments]
        minutes = [segment.column("minute") for segment in self._segments]
        undated = (own[alive] == UNDATED for own, alive in zip(minutes, living, strict=True))
        return EngineStats(
            articles=sum(int(alive.sum()) for alive in living),
            undated=sum(int(without.sum()) for without in undated),
            segments=len(self._segments),
            bytes=self._size,
            generation=self._generation,
            kernel="portable" if self._kernel is portable else "compiled",
        )

    def check(self, samples: int) -> None:
        """Ask for sample articles by id and by their own words; raises IndexDamaged."""
        for segment in self._segments:
            for doc in range(0, segment.size, max(1, segment.size // samples)):
                if not segment.deleted[doc]:
                    self._check_article(segment.article(doc))

    def verify(self) -> None:
        """Compare every array with its checksum; raises IndexDamaged."""
        for segment in self._segments:
            segment.file.verify()

    def close(self) -> None:
        """Let go of files; their memory is unmapped with the last array that reads it."""
        self._segments = ()

    def _hit(self, place: Ordered, request: SearchRequest, resolved: Resolved) -> Hit:
        segment = self._segments[place.segment]
        article = segment.article(place.doc)
        return Hit(
            article=article,
            score=place.score,
            cursor=place.cursor,
            matches=locate(
                segment, place.doc, article, request.node, resolved, checking(request.deadline)
            ),
        )

    def _find(self, article_id: str) -> tuple[Segment, int]:
        for segment in self._segments:
            doc = segment.find(article_id)
            if doc >= 0:
                return segment, doc
        raise NotFound(f"there is no article with the id {article_id!r}")

    def _document_frequency(self, term: str) -> int:
        node = Word((term,), stream=Stream.FORMS)
        results = self._evaluation(node).results()
        return sum(part.docs.size for part in results)

    def _check_article(self, article: Article) -> None:
        if self.article(article.id) != article:
            raise IndexDamaged(f"article {article.id!r} is not found by its id")
        forms = Analyzer().analyse(article.text or article.title).forms[:8]
        node = All(tuple(Word((form,), stream=Stream.FORMS) for form in forms))
        results = self._evaluation(node).results()
        found = (
            self._segments[number].id_of(int(doc)) == article.id
            for number, part in enumerate(results)
            for doc in part.docs
        )
        if forms and not any(found):
            raise IndexDamaged(f"article {article.id!r} is not found by its own words")
