"""Our engine: the product's own index and trees, or the same over a stream of terms."""

from __future__ import annotations

import json
import math
import shutil
import sys
import time
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.contestants.contract import HITS, Answer, Stage
from bench.corpus import rows
from bench.queries import DISTANCE, Query, Shape
from searchsvc.analysis.analyzer import Analyzer
from searchsvc.config import Settings
from searchsvc.engines.opening import open_builder
from searchsvc.engines.protocol import SearchRequest, Sort
from searchsvc.engines.whoosh.reader import WhooshEngine
from searchsvc.highlighting.fragments import highlighted
from searchsvc.indexing.building import build
from searchsvc.model import Article, ArticleDate
from searchsvc.query.limits import Limits
from searchsvc.query.tree import (
    All,
    DateRange,
    Expansion,
    ExpansionKind,
    Near,
    Phrase,
    Word,
)
from searchsvc.query.tree import Any as AnyOf
from searchsvc.query.understanding import understood
from searchsvc.query.words import Words
from searchsvc.schema import Field, Stream
from searchsvc.searching.answer import Question
from searchsvc.searching.asking import requested

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from searchsvc.query.tree import Node, Position

BUILD_PROCESSES = 2
PARTS = 5
DELETED = 20
"""One article in so many is deleted."""


class Ours:
    """The product's index: lemma alternatives, title weights, every stored field."""

    stages = tuple(Stage)
    hits = HITS

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._analyzer = Analyzer()

    def build(self, corpus: Path, segments: int) -> float:  # noqa: ARG002 - it merges as it does
        """Read, parse, analyse, store and switch: the way `searchsvc index` goes."""
        shutil.rmtree(self._folder, ignore_errors=True)
        started = time.perf_counter()
        settings = Settings(index=self._folder, procs=BUILD_PROCESSES)
        build([corpus], open_builder(self._folder), settings)
        return time.perf_counter() - started

    def open(self) -> int:
        """Open the current generation."""
        self._engine = WhooshEngine.open(self._folder)
        self._segments = self._engine.segments
        return len(self._segments)

    def prepare(self, query: Query) -> SearchRequest:
        """Make the neutral tree of a query; sorting and facets go into the request."""
        request = SearchRequest(node=self._node(query), limit=self.hits)
        if query.shape is Shape.BY_DATE:
            return request._replace(sort=Sort.DATE)
        if query.shape is Shape.FACETS:
            return request._replace(facets=(Field.TOPIC, Field.SOURCE))
        return request

    def ask(self, prepared: SearchRequest, stage: Stage) -> Answer:
        """Search; a hit is its place, its article, or its article with title and snippets."""
        if stage is Stage.SNIPPETS:
            result = self._engine.search(prepared)
            return Answer(result.total, _shown(result.hits))
        places = self._engine.places(prepared)
        if stage is Stage.STORED:
            return Answer(places.total, self._engine.articles(places))
        return Answer(places.total, places)

    def numbers(self, answer: Answer) -> Sequence[int]:
        """Read the places from the ids."""
        return [int(article_id[1:]) for article_id in self._engine.ids(answer.found)]

    def _word(self, form: str, _: str) -> Position:
        return Word(self._analyzer.lemmas(form))

    def _node(self, query: Query) -> Node:
        if query.shape is Shape.PREFIX:
            return Expansion(ExpansionKind.PREFIX, query.forms[0])
        words = tuple(map(self._word, query.forms, query.terms))
        if query.shape is Shape.PHRASE:
            return Phrase(words)
        if query.shape is Shape.NEAR:
            return Near(words, DISTANCE)
        if query.shape is Shape.DATED:
            return All((*words, DateRange(query.first, query.last)))
        return AnyOf(words) if query.shape is Shape.OR else All(words)


class OursRanked(Ours):
    """The same index, asked as a service asks it: with all that ranks, in both passes.

    The service's own code reads what is typed and makes the request. For any word (``a | b`` ranks
    by its words alone) it asks what a service asks where no article has all of them.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._limits = Limits()
        self._words = Words(self._analyzer, self._limits.expansions)

    def prepare(self, query: Query) -> SearchRequest:
        """Type the query and let the service's code ask."""
        plain = super().prepare(query)
        question = Question(
            text=_typed(query),
            size=self.hits,
            sort=plain.sort,
            first=query.first,
            last=query.last,
            facets=plain.facets,
        )
        meant = understood(question.text, self._words, self._limits)
        node = plain.node if query.shape is Shape.OR else meant.node
        return requested(question, node, meant, deadline=math.inf, freshness=0)


def _typed(query: Query) -> str:
    words = " ".join(query.forms)
    if query.shape is Shape.PREFIX:
        return f"{words}*"
    if query.shape is Shape.PHRASE:
        return f'"{words}"'
    return f'"{words}"~{DISTANCE}' if query.shape is Shape.NEAR else words


class OursInParts(Ours):
    """The same index as its updates leave it: five segments, one in twenty articles deleted."""

    def build(self, corpus: Path, segments: int) -> float:  # noqa: ARG002 - five, whatever others have
        """Add a fifth of the articles after another, then delete some."""
        shutil.rmtree(self._folder, ignore_errors=True)
        started = time.perf_counter()
        gone = []
        for part in _parts(corpus, self._folder.with_name(f"{self._folder.name}.parts")):
            builder = open_builder(self._folder, update=part.exists_before)
            build([part.path], builder, Settings(index=self._folder, procs=BUILD_PROCESSES))
            gone += part.gone
        builder = open_builder(self._folder, update=True)
        builder.delete(gone)
        builder.commit()
        return time.perf_counter() - started


class OursOnTerms(Ours):
    """The same engine over streams of terms: one term a position, no titles."""

    def build(self, corpus: Path, segments: int) -> float:  # noqa: ARG002 - it merges as it does
        """Add ready streams; parsing is left out, they are no news any more."""
        shutil.rmtree(self._folder, ignore_errors=True)
        started = time.perf_counter()
        builder = open_builder(self._folder)
        prepare = builder.preparer()
        for row in rows(corpus):
            date = ArticleDate.of(datetime.fromisoformat(row.date)) if row.date else None
            topics = (row.topic,) if row.topic else ()
            article = Article(
                id=row.id,
                title="",
                text=row.text,
                url=row.url,
                date=date,
                source=row.source,
                topics=topics,
            )
            builder.add(prepare(article))
        builder.commit()
        return time.perf_counter() - started

    def _word(self, _: str, term: str) -> Position:
        return Word((term,), stream=Stream.FORMS)


class _Part(NamedTuple):
    """A file with a part of the articles, and the ids of those that are deleted afterwards."""

    path: Path
    exists_before: bool
    gone: list[str]


def _parts(corpus: Path, folder: Path) -> Iterator[_Part]:
    folder.mkdir(exist_ok=True)
    with corpus.open(encoding="utf-8") as lines:
        total = sum(1 for _ in lines)
    size = -(-total // PARTS)
    with corpus.open(encoding="utf-8") as lines:
        for number in range(PARTS):
            own = list(islice(lines, size))
            path = folder / f"{number}.jsonl"
            path.write_text("".join(own), encoding="utf-8")
            yield _Part(path, number > 0, [json.loads(line)["id"] for line in own[::DELETED]])


def _shown(hits: Sequence[Any]) -> list[tuple[Any, ...]]:
    rows = [((article := hit.article).title, article.text, hit.places) for hit in hits]
    shown = highlighted(rows, sys.maxsize)
    return [(hit.article, *own) for hit, own in zip(hits, shown, strict=True)]
