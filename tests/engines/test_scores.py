"""Proof that scores and facets are exact too, over many articles.

Whole (``make prove DATA=…``): 5,000 random queries of every kind and 1,000 questions as a service
asks them, with what only ranks and the second pass, over 5,000 and over 50,000 real articles and
near copies of some, in several segments with deletions, in the compiled and in the portable kernel.
Otherwise fewer over the articles of seeds/.
"""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from asking_twice import prove_asked
from corpora import numbered, sample
from factories import FACTORIES
from forked import beside, share
from ranked_reference import RankedReference
from test_exactness import SEED, cases, changed
from typed_questions import QuestionMaker, with_near_copies

from searchsvc.engines.protocol import Histogram, SearchRequest
from searchsvc.engines.whoosh import builder as whoosh_builder
from searchsvc.engines.whoosh import merging
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scored_reference import Found, ScoredReference
    from test_exactness import Case
    from typed_questions import Asked

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.protocol import Engine
    from searchsvc.model import Article

FACETS = (Field.AUTHOR, Field.TOPIC, Field.SOURCE, *Histogram)
"""Each article has an author of its own (``corpora.marker``), so that authors tell all ids."""
CLOSE = 1e-4
TOLD = 500
"""Queries after which a long proof tells how far it is."""
SEGMENTS = 5
SEEDED, SAMPLED, WHOLE = 200, 150, 5_000
"""Queries over the seeds, over a sample of real news, and over all that are wanted of them."""
QUESTIONS = 1_000
"""Questions over all of them."""


class Corpus(NamedTuple):
    """An index with several segments and deletions, and what it should answer."""

    root: Path
    articles: list[Article]
    reference: RankedReference

    def engines(self) -> list[Engine]:
        """Open it in each kernel."""
        return [factory.reader(self.root) for factory in FACTORIES.values()]


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


def made(articles: list[Article], analyzer: Analyzer, root: Path) -> Corpus:
    """Build an index in segments with deleted and replaced articles in them."""
    new, gone = changed(articles, Random(SEED))
    left = {*gone, *(article.id for article in new)}
    alive = [article.id not in left for article in articles] + [True] * len(new)

    def build() -> None:
        compiled = FACTORIES["whoosh"]
        compiled.built(root, articles).close()
        assert compiled.updated(root, new, gone).stats().segments > SEGMENTS

    words = sum(len(f"{a.title} {a.text}".split()) for a in articles)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(whoosh_builder, "FLUSH_TOKENS", words // SEGMENTS)
        patched.setattr(merging, "to_merge", lambda _, fresh: [])
        with beside(build):
            reference = RankedReference([*articles, *new], alive, analyzer)
    return Corpus(root, articles, reference)


@pytest.fixture(scope="module")
def seeded(
    seed_articles: list[Article], analyzer: Analyzer, tmp_path_factory: pytest.TempPathFactory
) -> Corpus:
    random = Random(SEED)
    articles = with_near_copies(numbered(seed_articles, random), random)
    return made(articles, analyzer, tmp_path_factory.mktemp("seeded"))


@pytest.fixture(scope="module", params=[5_000, 50_000])
def sampled(
    request: pytest.FixtureRequest,
    data: Path,
    whole: bool,
    analyzer: Analyzer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Corpus:
    count = request.param if whole else request.param // 50
    articles = with_near_copies(sample(data, count, SEED), Random(SEED))
    return made(articles, analyzer, tmp_path_factory.mktemp("sampled"))


def random_queries(corpus: Corpus, analyzer: Analyzer, count: int) -> list[Case]:
    print(f"\nseed {SEED}")
    asked = list(cases(corpus.articles, analyzer, count))
    Random(SEED).shuffle(asked)
    return asked


def questions(corpus: Corpus, analyzer: Analyzer, count: int) -> list[Asked]:
    print(f"\nseed {SEED}")
    return list(QuestionMaker(corpus.articles, analyzer, Random(SEED)).requests(count))


def test_scores_and_facets_over_the_seeds(seeded: Corpus, analyzer: Analyzer) -> None:
    asked = random_queries(seeded, analyzer, SEEDED)
    prove(seeded.engines(), seeded.reference, asked)


def test_what_readers_ask_over_the_seeds(seeded: Corpus, analyzer: Analyzer) -> None:
    asked = questions(seeded, analyzer, SEEDED)
    prove_asked(seeded.engines(), seeded.reference, asked)


@pytest.mark.prove
def test_scores_and_facets_over_real_news(sampled: Corpus, whole: bool, analyzer: Analyzer) -> None:
    asked = random_queries(sampled, analyzer, WHOLE if whole else SAMPLED)
    work = partial(prove, sampled.engines(), sampled.reference)
    share(work, asked) if whole else work(asked)


@pytest.mark.prove
def test_what_readers_ask_over_real_news(sampled: Corpus, whole: bool, analyzer: Analyzer) -> None:
    asked = questions(sampled, analyzer, QUESTIONS if whole else SAMPLED)
    work = partial(prove_asked, sampled.engines(), sampled.reference)
    share(work, asked) if whole else work(asked)
