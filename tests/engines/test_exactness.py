"""Proof that results are exact: random queries give the ids and totals of brute force.

Whole (``make prove DATA=…``): 500 random queries of every kind over 2,000 real articles, in many
segments, after deletions and replacements, and after a merge. Otherwise the same over the
articles of seeds/, at a size that fits.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import pytest
from corpora import marker, numbered, sample
from factories import FACTORIES, Factory
from meaning import understand
from random_trees import QueryMaker, TreeMaker
from reference import Reference

from searchsvc.engines.protocol import Engine, SearchRequest
from searchsvc.engines.whoosh import builder as whoosh_builder
from searchsvc.engines.whoosh import merging
from searchsvc.query.limits import Limits
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.model import Article
    from searchsvc.query.tree import Node

SEED = 20261122
SEGMENTS = 7
"""At least so many segments are made of every corpus."""


class Case(NamedTuple):
    """What is asked: a tree, and what made it."""

    node: Node
    origin: str


def cases(articles: list[Article], analyzer: Analyzer, count: int) -> Iterator[Case]:
    """Make cases: three of four are random trees, the others typed, half of those widened."""
    random = Random(SEED)
    typed = count // 4
    for node in TreeMaker(articles, analyzer, random).trees(count - typed):
        yield Case(node, repr(node))
    for number, text in enumerate(QueryMaker(articles, analyzer, random).queries(typed)):
        understood = understand(text, analyzer, Limits())
        node = understood.widened if number % 2 and understood.widened else understood.node
        yield Case(node, f"{text} = {node}")


def answered(engine: Engine, node: Node) -> tuple[frozenset[str], int]:
    """Ask an engine: the ids of all matching articles, as their own authors, and the total."""
    request = SearchRequest(node, limit=20, facets=(Field.AUTHOR,))
    result = engine.search(request)
    buckets = [
        bucket for bucket in result.facets[Field.AUTHOR] if bucket.value.startswith("Автор-")
    ]
    ids = frozenset(bucket.value.removeprefix("Автор-") for bucket in buckets)
    assert all(bucket.count == 1 for bucket in buckets)
    hits = [hit.article.id for hit in result.hits]
    assert len(hits) == len(set(hits)) == min(20, result.total)
    assert ids.issuperset(hits)
    return ids, result.total


def prove(engine: Engine, reference: Reference, asked: list[Case]) -> None:
    """Compare an engine's answers with brute force over the articles it should hold."""
    everything = len(reference.everything)
    assert engine.stats().articles == everything
    sizes = Counter[str]()
    for case in asked:
        expected = reference.ids(case.node)
        assert answered(engine, case.node) == (expected, len(expected)), case.origin
        sizes["none" if not expected else "all" if len(expected) == everything else "some"] += 1
    print(f"{len(asked)} queries over {everything} articles match {dict(sizes)} of them")
    assert sizes["some"] > len(asked) / 3, "many queries should tell articles apart"


def changed(articles: list[Article], random: Random) -> tuple[list[Article], list[str]]:
    """Choose what an update does: articles with the texts of others, ids that go."""
    shuffled = random.sample(articles, len(articles))
    third = len(articles) // 3
    gone = [article.id for article in shuffled[:third]]
    pairs = zip(shuffled[third : 2 * third], shuffled, strict=False)
    new = [
        replace(other, id=article.id, authors=(*other.authors[:-1], marker(article.id)))
        for article, other in pairs
    ]
    return new, gone


@pytest.fixture(params=FACTORIES)
def small_segments(request: pytest.FixtureRequest) -> Factory:
    return FACTORIES[request.param]


def check_all_ways(
    articles: list[Article],
    analyzer: Analyzer,
    count: int,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    factory: Factory,
) -> None:
    print(f"\nseed {SEED}")
    asked = list(cases(articles, analyzer, count))
    tokens = sum(len(analyzer.tokens(f"{a.title} {a.text}")) for a in articles)
    monkeypatch.setattr(whoosh_builder, "FLUSH_TOKENS", tokens // (SEGMENTS + 2))
    new, gone = changed(articles, Random(SEED))
    kept = {a.id: a for a in articles if a.id not in gone} | {a.id: a for a in new}
    with monkeypatch.context() as apart:
        apart.setattr(merging, "to_merge", lambda _, fresh: [])
        engine = factory.built(root, articles)
        assert engine.stats().segments >= SEGMENTS
        prove(engine, Reference(articles, analyzer), asked)
        engine = factory.updated(root, new, gone)
        assert engine.stats().segments > SEGMENTS
    reference = Reference(kept.values(), analyzer)
    prove(engine, reference, asked)

    monkeypatch.setattr(merging, "MOST_SEGMENTS", 1)
    one = next(iter(kept.values()))
    engine = factory.updated(root, [one])
    assert engine.stats().segments == 1
    prove(engine, reference, asked)


def test_random_queries_over_the_seeds(
    seed_articles: list[Article],
    analyzer: Analyzer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    small_segments: Factory,
) -> None:
    articles = numbered(seed_articles, Random(SEED))
    assert len(articles) >= 40
    check_all_ways(articles, analyzer, 120, tmp_path, monkeypatch, small_segments)


@pytest.mark.prove
def test_random_queries_over_real_news(
    data: Path,
    whole: bool,
    analyzer: Analyzer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    small_segments: Factory,
) -> None:
    articles = sample(data, 2_000 if whole else 300, SEED)
    check_all_ways(articles, analyzer, 500 if whole else 100, tmp_path, monkeypatch, small_segments)
