"""The Whoosh engine's reader: one generation, opened, answering trees.

In: search requests. Out: hits with articles and matches, exact totals, facets. Thread-safe:
everything read is immutable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.generations import Generations
from searchsvc.engines.protocol import EngineStats, Hit, SearchRequest, SearchResult, TermFrequency
from searchsvc.engines.whoosh.evaluation import Evaluation
from searchsvc.engines.whoosh.facets import buckets, undated
from searchsvc.engines.whoosh.locating import locate
from searchsvc.engines.whoosh.ordering import first_hits
from searchsvc.engines.whoosh.resolving import Resolved
from searchsvc.engines.whoosh.segment import Segment
from searchsvc.engines.whoosh.toc import read_toc
from searchsvc.errors import IndexDamaged, NotFound
from searchsvc.query.tree import All, Everything, Expansion, ExpansionKind, Word
from searchsvc.schema import Stream

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from searchsvc.engines.protocol import Match
    from searchsvc.engines.whoosh.ordering import Ordered
    from searchsvc.model import Article
    from searchsvc.query.tree import Node

ENGINE = "whoosh"


class WhooshEngine:
    """A reader of one generation of an index."""

    def __init__(self, segments: Sequence[Segment], generation: int, size: int) -> None:
        self._segments = segments
        self._generation = generation
        self._size = size

    @classmethod
    def open(cls, root: Path, number: int | None = None) -> WhooshEngine:
        """Open a generation, the current one by default; raises IndexMissing, IndexDamaged."""
        generations = Generations(root)
        if number is None:
            number = generations.current()
        fingerprint = Analyzer().fingerprint
        manifest = generations.usable(number, engine=ENGINE, analysis=fingerprint)
        folder = generations.folder(number)
        segments = [Segment(entry.path(folder), entry.deleted_docs()) for entry in read_toc(folder)]
        return cls(segments, number, sum(size for _, size, _ in manifest.files))

    @property
    def generation(self) -> int:
        """Number of the generation it reads."""
        return self._generation

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a tree; raises EngineUnavailable when the deadline passes."""
        evaluation = Evaluation(request.node, self._segments, request.deadline)
        results = evaluation.results()
        wanted = slice(request.offset, request.offset + request.limit + 1)
        ordered = (
            first_hits(self._segments, results, request.sort, wanted, request.after)
            if self._segments
            else []
        )
        return SearchResult(
            total=sum(part.docs.size for part in results),
            hits=tuple(
                self._hit(place, request.node, evaluation.resolved)
                for place in ordered[: request.limit]
            ),
            more=len(ordered) > request.limit,
            facets={facet: buckets(self._segments, results, facet) for facet in request.facets},
            undated=undated(self._segments, results),
            truncated=tuple(evaluation.resolved.truncated),
        )

    def article(self, article_id: str) -> Article:
        """Give a stored article; raises NotFound."""
        segment, doc = self._find(article_id)
        return segment.article(doc)

    def matches(self, node: Node, article_id: str) -> tuple[Match, ...]:
        """List where a tree's leaves stand in one article; raises NotFound."""
        segment, doc = self._find(article_id)
        return locate(segment, doc, segment.article(doc), node, Resolved(node, self._segments))

    def vocabulary(self, prefix: str, limit: int) -> tuple[TermFrequency, ...]:
        """List surface forms by prefix, the most frequent first."""
        pattern = Expansion(ExpansionKind.PREFIX, prefix, limit=limit)
        ((_, terms),) = Resolved(pattern, self._segments).terms(pattern)
        counted = [TermFrequency(term, self._document_frequency(term)) for term in terms]
        return tuple(sorted(counted, key=lambda item: (-item.articles, item.term)))

    def stats(self) -> EngineStats:
        """Count what the index holds."""
        everything = Evaluation(Everything(), self._segments, None).results()
        return EngineStats(
            articles=sum(part.docs.size for part in everything),
            undated=undated(self._segments, everything),
            segments=len(self._segments),
            bytes=self._size,
            generation=self._generation,
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

    def _hit(self, place: Ordered, node: Node, resolved: Resolved) -> Hit:
        segment = self._segments[place.segment]
        article = segment.article(place.doc)
        return Hit(
            article=article,
            score=place.score,
            cursor=place.cursor,
            matches=locate(segment, place.doc, article, node, resolved),
        )

    def _find(self, article_id: str) -> tuple[Segment, int]:
        for segment in self._segments:
            doc = segment.find(article_id)
            if doc >= 0:
                return segment, doc
        raise NotFound(f"there is no article with the id {article_id!r}")

    def _document_frequency(self, term: str) -> int:
        node = Word((term,), stream=Stream.FORMS)
        results = Evaluation(node, self._segments, None).results()
        return sum(part.docs.size for part in results)

    def _check_article(self, article: Article) -> None:
        if self.article(article.id) != article:
            raise IndexDamaged(f"article {article.id!r} is not found by its id")
        forms = Analyzer().analyse(article.text or article.title).forms[:8]
        node = All(tuple(Word((form,), stream=Stream.FORMS) for form in forms))
        results = Evaluation(node, self._segments, None).results()
        found = (
            self._segments[number].id_of(int(doc)) == article.id
            for number, part in enumerate(results)
            for doc in part.docs
        )
        if forms and not any(found):
            raise IndexDamaged(f"article {article.id!r} is not found by its own words")
