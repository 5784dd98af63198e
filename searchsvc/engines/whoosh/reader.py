"""The Whoosh engine's reader: one generation, opened, answering trees.

In: search requests. Out: hits with articles and matches, exact totals, facets. Thread-safe:
everything read is immutable.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.generations import Generations
from searchsvc.engines.protocol import (
    EngineStats,
    SearchRequest,
    SearchResult,
    TermFrequency,
    matches_of,
)
from searchsvc.engines.whoosh import portable
from searchsvc.engines.whoosh.deadlines import checking
from searchsvc.engines.whoosh.evaluation import Evaluation
from searchsvc.engines.whoosh.explaining import Explainer
from searchsvc.engines.whoosh.facets import Counted
from searchsvc.engines.whoosh.fetching import articles_at, fetched, in_order, parts_of
from searchsvc.engines.whoosh.forms import Forms
from searchsvc.engines.whoosh.freshness import latest_of
from searchsvc.engines.whoosh.kernel import Kernel, best
from searchsvc.engines.whoosh.layout import UNDATED
from searchsvc.engines.whoosh.locating import locate
from searchsvc.engines.whoosh.operands import Index
from searchsvc.engines.whoosh.ordering import TOP
from searchsvc.engines.whoosh.paging import Places, page_of
from searchsvc.engines.whoosh.resolving import Resolved
from searchsvc.engines.whoosh.segment import Segment
from searchsvc.engines.whoosh.toc import read_toc
from searchsvc.errors import IndexDamaged, NotFound
from searchsvc.query.tree import All, Expansion, ExpansionKind, Word, leaves
from searchsvc.schema import Stream

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from searchsvc.engines.protocol import Match
    from searchsvc.model import Article
    from searchsvc.query.tree import Node

ENGINE = "whoosh"

LOOKED_AT, RAREST = 64, 8
"""An article is checked by the rarest of its first words: a frequent word's list of postings is
checked whole when it is first asked for, 10 ms in a million articles."""


class WhooshEngine:
    """A reader of one generation of an index."""

    def __init__(
        self,
        segments: Sequence[Segment],
        generation: int,
        size: int,
        kernel: Kernel = best,
        latest: float = math.inf,
    ) -> None:
        self._index = Index(segments, latest)
        self._counted = Counted(segments)
        self._bases = self._index.bases
        self._kernel = kernel
        self._analyzer = Analyzer()
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
        size = sum(size for _, size, _ in manifest.files)
        return cls(segments, number, size, kernel, latest_of(manifest.created))

    @property
    def generation(self) -> int:
        """Number of the generation it reads."""
        return self._generation

    @property
    def segments(self) -> Sequence[Segment]:
        """The segments of the generation."""
        return self._index.segments

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a tree; raises EngineUnavailable when the deadline passes."""
        evaluation = Evaluation(self._index, request.node, request.deadline)
        found = page_of(request, evaluation, self._index, self._counted)
        if found.total < request.enough:
            return SearchResult(found.total, (), truncated=evaluation.truncated)
        hits = fetched(
            self._bases, found.hits, found.cursors, request, evaluation.resolved, self._analyzer
        )
        if request.explain:
            explainer = Explainer(self._index, evaluation, request)
            reasons = explainer.explained(self._bases, found.hits, found.twice)
            hits = tuple(
                hit._replace(explanation=own) for hit, own in zip(hits, reasons, strict=True)
            )
        return SearchResult(
            total=found.total,
            hits=hits,
            more=found.more,
            facets=found.facets,
            undated=found.undated,
            truncated=evaluation.truncated,
        )

    def places(self, request: SearchRequest) -> Places:
        """Answer a tree without its articles; raises EngineUnavailable when the deadline passes."""
        index = self._index
        evaluation = Evaluation(index, request.node, request.deadline)
        return page_of(request, evaluation, index, self._counted)

    def articles(self, places: Places) -> tuple[Article, ...]:
        """Fetch the articles of hits."""
        parts = parts_of(self._bases, places.hits)
        return tuple(in_order(parts, articles_at(self._index.segments, parts)))

    def ids(self, places: Places) -> tuple[str, ...]:
        """Give the ids of hits."""
        return tuple(self._ids(number for _, number, _ in places.hits))

    def _ids(self, numbers: Iterable[int]) -> Iterator[str]:
        return (segment.id_of(doc) for segment, doc in map(self._place, numbers))

    def _place(self, number: int) -> tuple[Segment, int]:
        owner = bisect_right(self._bases, number) - 1
        return self._index.segments[owner], number - self._bases[owner]

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
        resolved = Resolved(self._index, check)
        number = self._index.segments.index(segment)
        article = segment.article(doc)
        (places,) = locate(
            resolved, number, [doc], [article], tuple(leaves(node)), self._analyzer, check
        )
        return matches_of(places)

    def vocabulary(self, prefix: str, limit: int) -> tuple[TermFrequency, ...]:
        """List surface forms by prefix, the most frequent first."""
        pattern = Expansion(ExpansionKind.PREFIX, prefix, limit=limit)
        expanded = Resolved(self._index).of(pattern)
        terms = {
            chosen.field.lexicon[number]
            for row in expanded.rows
            for chosen in row
            for number in chosen.each()
        }
        counted = [TermFrequency(term, self._document_frequency(term)) for term in terms]
        living = [item for item in counted if item.articles]
        return tuple(sorted(living, key=lambda item: (-item.articles, item.term)))

    @property
    def forms(self) -> Forms:
        """Surface forms of titles and texts."""
        return Forms(self._index.segments)

    def stats(self) -> EngineStats:
        """Count what the index holds."""
        living = [~segment.deleted for segment in self._index.segments]
        minutes = [segment.column("minute") for segment in self._index.segments]
        undated = (own[alive] == UNDATED for own, alive in zip(minutes, living, strict=True))
        return EngineStats(
            articles=sum(int(alive.sum()) for alive in living),
            undated=sum(int(without.sum()) for without in undated),
            segments=len(self._index.segments),
            bytes=self._size,
            generation=self._generation,
            kernel="portable" if self._kernel is portable else "compiled",
        )

    def check(self, samples: int, known: Collection[str] = ()) -> None:
        """Ask for sample articles by id and by their own words; raises IndexDamaged.

        Of segments in the ``known`` files, which were checked when they were written, only for two.
        """
        for segment in self._index.segments:
            wanted = 2 if segment.file.path.name in known else samples
            for doc in range(0, segment.size, max(1, segment.size // wanted)):
                if not segment.deleted[doc]:
                    self._check_article(segment.article(doc))

    def verify(self) -> None:
        """Compare every array with its checksum; raises IndexDamaged."""
        for segment in self._index.segments:
            segment.file.verify()

    def close(self) -> None:
        """Let go of files; their memory is unmapped with the last array that reads it."""
        self._index = Index(())
        self._counted = Counted(())

    def _find(self, article_id: str) -> tuple[Segment, int]:
        for segment in self._index.segments:
            doc = segment.find(article_id)
            if doc >= 0:
                return segment, doc
        raise NotFound(f"there is no article with the id {article_id!r}")

    def _document_frequency(self, term: str) -> int:
        node = Word((term,), stream=Stream.FORMS)
        return Evaluation(self._index, node, None).search(TOP, 0)[0]

    def _check_article(self, article: Article) -> None:
        if self.article(article.id) != article:
            raise IndexDamaged(f"article {article.id!r} is not found by its id")
        forms = self._analyzer.analyse(article.text or article.title).forms[:LOOKED_AT]
        words = [Word((form,), stream=Stream.FORMS) for form in dict.fromkeys(forms)]
        words.sort(key=lambda word: -self._index.parts(word)[0])
        node = All(tuple(words[:RAREST]))
        found = Evaluation(self._index, node, None).matching().docs.tolist()
        if forms and article.id not in self._ids(found):
            raise IndexDamaged(f"article {article.id!r} is not found by its own words")
