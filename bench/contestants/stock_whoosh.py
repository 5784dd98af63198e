"""Stock Whoosh, as it is installed, over streams of terms."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Any

from whoosh import fields, index, query
from whoosh.analysis import SpaceSeparatedTokenizer

from bench.contestants.contract import HITS, Answer, Stage, day_of, minute_of
from bench.corpus import rows
from bench.queries import DISTANCE, Query, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.corpus import Row

HEAP = 512
"""Megabytes a writer holds before it spills a run."""


class StockWhoosh:
    """Whoosh's own codec, matchers and scoring."""

    stages = tuple(Stage)
    hits = HITS

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def build(self, corpus: Path, segments: int) -> float:
        """Add document by document; each commit of equal parts is a segment."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        per_segment = -(-sum(1 for _ in rows(corpus)) // segments)
        started = time.perf_counter()
        whole = index.create_in(str(self._folder), _schema())
        writer = whole.writer(limitmb=HEAP)
        for row in rows(corpus):
            writer.add_document(**_document(row))
            if (row.number + 1) % per_segment == 0:
                writer.commit(merge=False)
                writer = whole.writer(limitmb=HEAP)
        writer.commit(merge=False)
        return time.perf_counter() - started

    def open(self) -> int:
        """Open with one searcher for all questions."""
        self._searcher = index.open_dir(str(self._folder)).searcher()
        return len(self._searcher.reader().leaf_readers())

    def prepare(self, question: Query) -> tuple[query.Query, dict[str, Any]]:
        """Build a Whoosh query and how to order or group it."""
        if question.shape is Shape.BY_DATE:
            return _node(question), {"sortedby": "minute", "reverse": True}
        if question.shape is Shape.FACETS:
            return _node(question), {"groupedby": ["topic", "source"]}
        return _node(question), {}

    def ask(self, prepared: tuple[query.Query, dict[str, Any]], stage: Stage) -> Answer:
        """Search with an exact total; read stored fields; highlight."""
        node, options = prepared
        results = self._searcher.search(node, limit=self.hits, **options)
        total = len(results)
        if stage is Stage.STORED:
            return Answer(total, [hit.fields() for hit in results])
        if stage is Stage.SNIPPETS:
            return Answer(total, [(hit.fields(), hit.highlights("text")) for hit in results])
        return Answer(total, results.top_n)

    def numbers(self, answer: Answer) -> Sequence[int]:
        """Read the places from stored fields."""
        stored = self._searcher.stored_fields
        return [stored(document)["number"] for _, document in answer.found]


def _schema() -> fields.Schema:
    return fields.Schema(
        number=fields.STORED,
        id=fields.ID(stored=True),
        url=fields.STORED,
        text=fields.TEXT(stored=True, analyzer=SpaceSeparatedTokenizer(), phrase=True),
        topic=fields.ID(stored=True, sortable=True),
        source=fields.ID(stored=True, sortable=True),
        day=fields.NUMERIC(signed=True, sortable=True),
        minute=fields.NUMERIC(signed=True, sortable=True),
    )


def _document(row: Row) -> dict[str, Any]:
    values = {
        "number": row.number,
        "id": row.id,
        "url": row.url,
        "text": row.text,
        "topic": row.topic,
        "source": row.source,
    }
    if row.date:
        values |= {"day": day_of(row.date), "minute": minute_of(row.date)}
    return values


def _node(question: Query) -> query.Query:
    words = [query.Term("text", term) for term in question.terms]
    if question.shape is Shape.PREFIX:
        return query.Prefix("text", question.terms[0])
    if question.shape is Shape.PHRASE:
        return query.Phrase("text", list(question.terms))
    if question.shape is Shape.NEAR:
        return query.SpanNear2(words, slop=DISTANCE, ordered=False)
    if question.shape is Shape.DATED:
        days = [day_of(str(day)) for day in (question.first, question.last)]
        return query.And([*words, query.NumericRange("day", *days)])
    if len(words) == 1:
        return words[0]
    return query.Or(words) if question.shape is Shape.OR else query.And(words)
