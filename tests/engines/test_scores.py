"""Proof that scores and facets are exact too, over many articles.

Whole (``make prove DATA=…``): 5,000 random queries of every kind over 5,000 and over 50,000 real
articles, in several segments with deletions, in the compiled and in the portable kernel. Otherwise
fewer over the articles of seeds/.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from corpora import numbered, sample
from factories import FACTORIES
from forked import share
from scored_reference import ScoredReference
from test_exactness import SEED, cases, changed

from searchsvc.engines.protocol import Histogram, SearchRequest
from searchsvc.engines.whoosh import builder as whoosh_builder
from searchsvc.engines.whoosh import merging
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scored_reference import Found
    from test_exactness import Case

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.protocol import Engine
    from searchsvc.model import Article

FACETS = (Field.AUTHOR, Field.TOPIC, Field.SOURCE, *Histogram)
"""Each article has an author of its own (``corpora.marker``), so that authors tell all ids."""
CLOSE = 1e-4
TOLD = 500
"""Queries after which a long proof tells how far it is."""
SEGMENTS = 5
SEEDED, SAMPLED = 200, 150
"""Queries over the seeds, and over a sample of real news that is not whole."""


def prove(engines: Sequence[Engine], reference: ScoredReference, asked: Sequence[Case]) -> None:
    """Compare totals, ids, the first hits with their scores, and facets."""
    numbers = {reference.articles[number].id: number for number in np.flatnonzero(reference.alive)}
    scored = 0
    for number, case in enumerate(asked, 1):
        found = reference.evaluate(case.node)
        counted = {facet: reference.facet(found, facet) for facet in FACETS}
        for engine in engines:
            faceted = engine.search(SearchRequest(case.node, limit=20, facets=FACETS))
            plain = engine.search(SearchRequest(case.node, limit=20))
            assert faceted.total == plain.total == found.matching.sum(), case.origin
            for facet in FACETS:
                own = [(bucket.value, bucket.count) for bucket in faceted.facets[facet]]
                assert own == counted[facet], case.origin
            for result in (faceted, plain):
                check_hits(result.hits, numbers, found, case.origin)
        scored += bool(found.scores[found.matching].any())
        if number % TOLD == 0:
            print(f"{number} of {len(asked)} queries are equal", flush=True)
    print(f"{len(asked)} queries over {reference.alive.sum()} articles; {scored} scored")
    assert scored > len(asked) / 3


def check_hits(hits: Sequence, numbers: dict[str, int], found: Found, origin: str) -> None:
    """Hold hits against the best scores there are; next to equal ones may change places."""
    ids = [hit.article.id for hit in hits]
    assert len(set(ids)) == len(ids)
    own = np.array([hit.score for hit in hits])
    best = np.sort(found.scores[found.matching])[::-1][:20]
    assert own.shape == best.shape, origin
    assert np.allclose(own, best, rtol=CLOSE, atol=CLOSE), origin
    chosen = np.array([numbers[article_id] for article_id in ids], np.int64)
    assert found.matching[chosen].all(), origin
    assert np.allclose(own, found.scores[chosen], rtol=CLOSE, atol=CLOSE), origin


def check_everywhere(
    articles: list[Article],
    analyzer: Analyzer,
    count: int,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    shared: bool = False,
) -> None:
    """Ask both kernels about segments with deleted and replaced articles in them."""
    print(f"\nseed {SEED}")
    asked = list(cases(articles, analyzer, count))
    Random(SEED).shuffle(asked)
    tokens = sum(len(analyzer.tokens(f"{a.title} {a.text}")) for a in articles)
    monkeypatch.setattr(whoosh_builder, "FLUSH_TOKENS", tokens // SEGMENTS)
    monkeypatch.setattr(merging, "to_merge", lambda _, fresh: [])
    new, gone = changed(articles, Random(SEED))
    compiled, portable = (FACTORIES[name] for name in ("whoosh", "whoosh-portable"))
    compiled.built(root, articles).close()
    engine = compiled.updated(root, new, gone)
    assert engine.stats().segments > SEGMENTS
    left = {*gone, *(article.id for article in new)}
    alive = [article.id not in left for article in articles] + [True] * len(new)
    reference = ScoredReference([*articles, *new], alive, analyzer)
    engine.close()

    def ask(some: Sequence[Case]) -> None:
        prove((compiled.reader(root), portable.reader(root)), reference, some)

    share(ask, asked) if shared else ask(asked)


def test_scores_and_facets_over_the_seeds(
    seed_articles: list[Article],
    analyzer: Analyzer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    articles = numbered(seed_articles, Random(SEED))
    check_everywhere(articles, analyzer, SEEDED, tmp_path, monkeypatch)


@pytest.mark.prove
@pytest.mark.parametrize("count", [5_000, 50_000])
def test_scores_and_facets_over_real_news(
    data: Path,
    whole: bool,
    analyzer: Analyzer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
) -> None:
    articles = sample(data, count if whole else count // 50, SEED)
    queries = 5_000 if whole else SAMPLED
    check_everywhere(articles, analyzer, queries, tmp_path, monkeypatch, shared=whole)
