"""Proof that explanations are whole: what was given adds up to the score of every hit.

Random trees and typed queries, strict and widened, by relevance and by date, with and without
freshness, over several segments with deletions, in both kernels. Whole (``make prove``): more of
them over real articles.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from itertools import cycle
from random import Random
from typing import TYPE_CHECKING

import pytest
from corpora import numbered, sample
from factories import FACTORIES, Factory
from meaning import understand
from random_trees import QueryMaker
from test_exactness import SEED, SEGMENTS, cases, changed

from searchsvc.engines.explanation import SignalKind
from searchsvc.engines.protocol import SearchRequest, Sort
from searchsvc.engines.whoosh import builder as whoosh_builder
from searchsvc.engines.whoosh import merging
from searchsvc.engines.whoosh.second_pass import FIRST
from searchsvc.errors import EngineUnavailable
from searchsvc.query.limits import Limits
from searchsvc.query.tree import All, Any, Constant, Ranked, Signal, Variants, Word
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.protocol import Engine, Hit
    from searchsvc.model import Article

CLOSE = 1e-4
PASSES = {SignalKind.FORMS, SignalKind.RELATED, SignalKind.LEAD, SignalKind.CLOSENESS}


def requests(articles: list[Article], analyzer: Analyzer, count: int) -> Iterator[SearchRequest]:
    """Ask for every tree with the signals of some typed words, in every way in turn."""
    typed = QueryMaker(articles, analyzer, Random(SEED + 1)).queries(count)
    ways = cycle(((Sort.RELEVANCE, 0.0), (Sort.RELEVANCE, 1.5), (Sort.DATE, 1.5)))
    for case, text, (sort, fresh) in zip(cases(articles, analyzer, count), typed, ways):  # noqa: B905
        signals = understand(text, analyzer, Limits()).signals
        yield SearchRequest(case.node, 20, signals=signals, sort=sort, freshness=fresh)


def hold(engine: Engine, request: SearchRequest) -> tuple[Hit, ...]:
    """Compare each hit's gains with its score, and everything else with what is unexplained."""
    plain = engine.search(request)
    explained = engine.search(request._replace(explain=True))
    assert [hit._replace(explanation=None) for hit in explained.hits] == list(plain.hits)
    for hit in explained.hits:
        explanation = hit.explanation
        assert explanation is not None
        close = math.isclose(explanation.score, hit.score, rel_tol=1e-6, abs_tol=CLOSE)
        assert close, (hit.score, explanation, request)
        later = [gain for gain in explanation.gains if gain.signal in PASSES]
        assert explanation.second_pass or not later
    return explained.hits


def check(articles: list[Article], analyzer: Analyzer, count: int, engine: Engine) -> None:
    """Ask for many trees, and count what was explained."""
    kinds = set[SignalKind]()
    hits = 0
    for request in requests(articles, analyzer, count):
        for hit in hold(engine, request):
            hits += 1
            kinds |= {gain.signal for gain in hit.explanation.gains}
    print(f"{count} queries, {hits} hits explained: {sorted(kinds)}")
    assert kinds == set(SignalKind)
    assert hits > 3 * count


@pytest.fixture(params=FACTORIES)
def each(request: pytest.FixtureRequest) -> Factory:
    return FACTORIES[request.param]


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave segments as they are written."""
    monkeypatch.setattr(merging, "to_merge", lambda _, fresh: [])


def in_segments(
    articles: list[Article], each: Factory, root: Path, monkeypatch: pytest.MonkeyPatch
) -> Engine:
    words = sum(len(f"{a.title} {a.text}".split()) for a in articles)
    monkeypatch.setattr(whoosh_builder, "FLUSH_TOKENS", words // (SEGMENTS + 2))
    each.built(root, articles).close()
    engine = each.updated(root, *changed(articles, Random(SEED)))
    assert engine.stats().segments > SEGMENTS
    return engine


@pytest.mark.usefixtures("apart")
def test_gains_add_up_to_scores_over_the_seeds(
    seed_articles: list[Article],
    analyzer: Analyzer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    each: Factory,
) -> None:
    articles = numbered(seed_articles, Random(SEED))
    check(articles, analyzer, 150, in_segments(articles, each, tmp_path, monkeypatch))


@pytest.mark.prove
@pytest.mark.usefixtures("apart")
def test_gains_add_up_to_scores_over_real_news(
    data: Path,
    whole: bool,
    analyzer: Analyzer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    each: Factory,
) -> None:
    articles = sample(data, 2_000 if whole else 300, SEED)
    engine = in_segments(articles, each, tmp_path, monkeypatch)
    check(articles, analyzer, 1_500 if whole else 100, engine)


@pytest.fixture
def many(seed_articles: list[Article], each: Factory, tmp_path: Path) -> Engine:
    """The seeds four times, so that many queries find more than are ordered twice."""
    copies = [replace(a, id=f"{a.id}-{n}") for n in range(4) for a in seed_articles]
    return each.built(tmp_path, copies)


def test_hits_after_the_first_ones_are_of_the_first_pass_alone(
    many: Engine, analyzer: Analyzer
) -> None:
    words = tuple(Word(analyzer.lemmas(form)) for form in ("город", "в", "на", "и"))
    signals = tuple(Signal(word, word.terms, text=word.terms[0]) for word in words)
    request = SearchRequest(Any(words), 40, FIRST - 20, signals=signals)
    hits = hold(many, request)
    passes = [hit.explanation.second_pass for hit in hits]
    assert passes == [True] * 20 + [False] * 20
    onward = request._replace(offset=0, after=hits[-1].cursor)
    assert not any(hit.explanation.second_pass for hit in hold(many, onward))
    within = request._replace(offset=0, after=hits[3].cursor)
    assert [hit.score for hit in hold(many, within)][:36] == [hit.score for hit in hits][4:]


def gains_of(engine: Engine, text: str, analyzer: Analyzer, article: str) -> dict:
    """Explain one article for a typed query: gains by what and signal."""
    asked = understand(text, analyzer, Limits())
    request = SearchRequest(asked.node, 100, signals=asked.signals, explain=True)
    (hit,) = (h for h in engine.search(request).hits if h.article.id == article)
    return {(gain.what, gain.signal): gain for gain in hit.explanation.gains}


def test_a_word_says_what_stands_where(seeds: Engine, analyzer: Analyzer) -> None:
    gains = gains_of(seeds, "бивня мамонта", analyzer, "vp-biven")
    word = gains["бивня", SignalKind.WORDS]
    assert word.occurrences == ((Field.TITLE, 1), (Field.TEXT, 2))
    assert word.terms == ("бивень",)
    form = gains["бивня", SignalKind.FORMS]
    assert (form.terms, form.occurrences) == (("бивня",), ((Field.TITLE, 0), (Field.TEXT, 1)))
    assert gains["бивня", SignalKind.LEAD].occurrences == ((Field.TITLE, 0), (Field.TEXT, 1))
    close = gains["бивня мамонта", SignalKind.CLOSENESS]
    assert close.gave == pytest.approx(close.weight * close.idf)


def test_patterns_say_which_of_their_terms_are_there(seeds: Engine, analyzer: Analyzer) -> None:
    gains = gains_of(seeds, 'бив* "бивня мамонта" -рейтинг', analyzer, "vp-biven")
    pattern = gains["бив*", SignalKind.WORDS]
    assert set(pattern.terms) == {"бивень", "бивня"}
    phrase = gains['"бивень мамонт"', SignalKind.WORDS]
    assert phrase.gave > 0
    assert phrase.occurrences[0] == (Field.TITLE, 1)
    assert gains["-рейтинг", SignalKind.FILTER].gave == 0


def test_fields_and_days_are_named(seeds: Engine, analyzer: Analyzer) -> None:
    text = "автор:Перепёлкина заголовок:мамонт дата:2025-07"
    gains = gains_of(seeds, text, analyzer, "vp-biven")
    assert gains["дата:2025-07", SignalKind.FILTER].gave == 0
    (author,) = (gain for (what, _), gain in gains.items() if what.startswith("автор:"))
    assert author.occurrences == ((Field.AUTHOR, 1),)
    assert gains["заголовок:мамонт", SignalKind.WORDS].occurrences == ((Field.TITLE, 1),)


def test_of_variants_the_best_is_told(seeds: Engine) -> None:
    one, other = Word(("бивень",)), Word(("мамонт",))
    both = seeds.search(SearchRequest(Any((one, other)), explain=True)).hits
    best = seeds.search(SearchRequest(Variants((one, other)), explain=True)).hits
    assert [hit.article.id for hit in both[:2]] == [hit.article.id for hit in best[:2]]
    for all_of, best_of in zip(both[:2], best[:2], strict=True):
        first, second = all_of.explanation.gains
        assert best_of.explanation.gains == (max(first, second, key=lambda gain: gain.gave),)


def test_what_only_ranks_together_is_one_gain(seeds: Engine) -> None:
    one, other = Word(("бивень",)), Word(("мамонт",))
    node = Ranked(Any((one, other)), (All((one, other)), Constant(one, 7.0)))
    hit, *_ = seeds.search(SearchRequest(node, explain=True)).hits
    words = [gain.gave for gain in hit.explanation.gains if gain.signal is SignalKind.WORDS]
    together = {
        gain.what: gain.gave for gain in hit.explanation.gains if gain.signal is SignalKind.TOGETHER
    }
    assert len(words) == 2
    assert together == {"бивень мамонт": pytest.approx(sum(words)), "бивень": 7.0}


def test_explaining_ends_with_the_deadline(seeds: Engine) -> None:
    request = SearchRequest(Word(("в",)), 100, explain=True, deadline=time.monotonic() - 1)
    with pytest.raises(EngineUnavailable):
        seeds.search(request)
