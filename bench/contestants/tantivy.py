"""Tantivy: with its Russian stemmer over whole articles, or over the same streams of terms."""

from __future__ import annotations

import json
import shutil
import time
from typing import TYPE_CHECKING, Any

from tantivy import (
    FieldType,
    Filter,
    Index,
    Occur,
    SchemaBuilder,
    SnippetGenerator,
    TextAnalyzerBuilder,
    Tokenizer,
)
from tantivy import Query as Clause

from bench.contestants.contract import HITS, Answer, Stage, day_of, minute_of
from bench.corpus import rows
from bench.queries import DISTANCE, Query, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.corpus import Row

HEAP = 1_000_000_000
"""Bytes a writer holds: no segment is cut before it is asked for."""

BUILD_THREADS = 2

FACETS = {
    name: {"terms": {"field": name, "size": 10_000, "segment_size": 10_000}}
    for name in ("topic", "source")
}


class Tantivy:
    """Title and body as two values of one field; every other field stored and fast."""

    stages = tuple(Stage)
    hits = HITS

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        schema = SchemaBuilder()
        schema.add_text_field("text", stored=True, tokenizer_name="bench")
        for name in ("id", "url"):
            schema.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
        for name in ("topic", "source"):
            schema.add_text_field(
                name, stored=True, fast=True, tokenizer_name="raw", index_option="basic"
            )
        schema.add_integer_field("day", fast=True)
        schema.add_integer_field("minute", stored=True, fast=True)
        schema.add_integer_field("number", fast=True)
        self._schema = schema.build()
        self._analyzer = self._make_analyzer()

    def build(self, corpus: Path, segments: int) -> float:
        """Time a build with two threads, then build anew in so many equal segments."""
        started = time.perf_counter()
        self._write(corpus, BUILD_THREADS, None)
        seconds = time.perf_counter() - started
        articles = sum(1 for _ in rows(corpus))
        self._write(corpus, 1, -(-articles // segments))
        return seconds

    def open(self) -> int:
        """Open with the analyzer it was built with."""
        index = Index.open(str(self._folder))
        index.register_tokenizer("bench", self._analyzer)
        index.reload()
        self._searcher = index.searcher()
        return int(self._searcher.num_segments)

    def prepare(self, query: Query) -> tuple[Clause, dict[str, Any], bool]:
        """Give the query, how to order it, and whether facets are asked."""
        order = {"order_by_field": "minute"} if query.shape is Shape.BY_DATE else {}
        return self._clause(query), order, query.shape is Shape.FACETS

    def ask(self, prepared: tuple[Clause, dict[str, Any], bool], stage: Stage) -> Answer:
        """Search with an exact count; fetch whole documents; make their snippets."""
        clause, order, facets = prepared
        searcher = self._searcher
        result = searcher.search(clause, self.hits, count=True, **order)
        if facets:
            searcher.aggregate(clause, FACETS)
        if stage is Stage.IDS:
            return Answer(result.count, result.hits)
        documents = [searcher.doc(address) for _, address in result.hits]
        if stage is Stage.STORED:
            return Answer(result.count, [document.to_dict() for document in documents])
        generator = SnippetGenerator.create(searcher, clause, self._schema, "text")
        shown = [(d.to_dict(), generator.snippet_from_doc(d).to_html()) for d in documents]
        return Answer(result.count, shown)

    def numbers(self, answer: Answer) -> Sequence[int]:
        """Read the places from a fast field."""
        addresses = [address for _, address in answer.found]
        return self._searcher.fast_field_values("number", addresses)

    def _make_analyzer(self) -> Any:
        stemmed = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase())
        return stemmed.filter(Filter.stemmer("russian")).build()

    def _terms(self, query: Query) -> list[str]:
        return [self._analyzer.analyze(form)[0] for form in query.forms]

    def _texts(self, row: Row) -> list[str]:
        return [row.title, row.text]

    def _write(self, corpus: Path, threads: int, commit_every: int | None) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        index = Index(self._schema, path=str(self._folder))
        index.register_tokenizer("bench", self._analyzer)
        writer = index.writer(HEAP, threads)
        for row in rows(corpus):
            writer.add_json(json.dumps(self._document(row)))
            if commit_every and (row.number + 1) % commit_every == 0:
                writer.commit()
        writer.commit()
        writer.wait_merging_threads()

    def _document(self, row: Row) -> dict[str, Any]:
        values = {
            "text": self._texts(row),
            "id": row.id,
            "url": row.url,
            "topic": row.topic,
            "source": row.source,
            "number": row.number,
        }
        if row.date:
            values |= {"day": day_of(row.date), "minute": minute_of(row.date)}
        return values

    def _clause(self, query: Query) -> Clause:
        schema, terms = self._schema, self._terms(query)
        if query.shape is Shape.PREFIX:
            return Clause.regex_query(schema, "text", f"{query.forms[0]}.*")
        if query.shape is Shape.PHRASE:
            return Clause.phrase_query(schema, "text", terms)
        if query.shape is Shape.NEAR:
            return Clause.phrase_query(schema, "text", terms, slop=DISTANCE)
        words = [Clause.term_query(schema, "text", term) for term in terms]
        if query.shape is Shape.DATED:
            days = [day_of(str(day)) for day in (query.first, query.last)]
            words.append(Clause.range_query(schema, "day", FieldType.Integer, *days))
        occur = Occur.Should if query.shape is Shape.OR else Occur.Must
        # One word alone is no conjunction: a boolean query would only slow Tantivy down.
        if len(words) == 1:
            return words[0]
        return Clause.boolean_query([(occur, word) for word in words])


class TantivyOnTerms(Tantivy):
    """The same over streams of terms, cut at spaces."""

    def _make_analyzer(self) -> Any:
        return TextAnalyzerBuilder(Tokenizer.whitespace()).build()

    def _terms(self, query: Query) -> list[str]:
        return list(query.terms)

    def _texts(self, row: Row) -> list[str]:
        return [row.text]
