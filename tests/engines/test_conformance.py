"""What every engine answers: which articles match, with what scores, and what else it tells."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from reference import Reference
from writing import article, day, form, found, lemma, near, phrase, scores

from searchsvc.engines.protocol import Histogram, SearchRequest, SearchResult, Sort
from searchsvc.errors import EngineUnavailable, NotFound
from searchsvc.query.tree import (
    All,
    Any,
    DateRange,
    Everything,
    Expansion,
    ExpansionKind,
    Near,
    Not,
    Nothing,
    Phrase,
    Ranked,
    Value,
    Variants,
)
from searchsvc.schema import Field

if TYPE_CHECKING:
    from factories import Factory

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.protocol import Engine
    from searchsvc.model import Article

ARTICLES = (
    article("мост", "Мост через реку открыли в мае. Мэр доволен.", "Новый мост", "2021-05-03"),
    article("река", "Уровень реки растёт, мэрия готовит насосы.", "Река поднялась", "2021-05"),
    article("парк", "В парке у реки посадили сто лип.", "Сто лип", "2020", source="Вестник"),
    article("лига", "Клуб вышел в высшую лигу.", "Есть высшая лига", "2021-05-03T10:50"),
    article("тихо", "Ничего не произошло.", "Тихий день", source="Вестник", authors=("Анна Лис",)),
)


@pytest.fixture(scope="module")
def engine(factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return factory.built(tmp_path_factory.mktemp("few"), ARTICLES)


SEARCHES = {
    "a word is found by lemma in title and text": (lemma("река"), "мост река парк"),
    "a form only as it stands": (form("реку"), "мост"),
    "any of a word's terms": (lemma("лига", "липа"), "парк лига"),
    "no term, no article": (lemma(), ""),
    "a word of the title": (lemma("мост", field=Field.TITLE), "мост"),
    "the title does not hold the text's words": (lemma("река", field=Field.TITLE), "река"),
    "a word of the source": (lemma("вестник", field=Field.SOURCE), "парк тихо"),
    "a word of an author": (form("лис", field=Field.AUTHOR), "тихо"),
    "side by side": (phrase("высшую лигу"), "лига"),
    "not side by side": (phrase("клуб лигу"), ""),
    "a phrase does not run from title to text": (phrase("мост мост"), ""),
    "nothing is near across title and text": (near("новый мост", 1), "мост"),
    "the title's end and the text's beginning are far": (near("лига клуб", 100), ""),
    "near in any order": (near("реку мост", 2), "мост"),
    "not near enough": (near("реку мост", 1), ""),
    "one occurrence is not near itself": (near("насосы насосы", 5), ""),
    "a phrase near a word": (near("мэр через_реку", 4), "мост"),
    "a phrase is near from its end": (near("мэр через_реку", 3), ""),
    "many close together": (near("мост через реку", 1), "мост"),
    "many too far apart": (near("мост открыли мае", 3), ""),
    "by day": (DateRange(day("2021-05-03").first_day, day("2021-05-03").last_day), "мост лига"),
    "a month lies in its month": (
        DateRange(day("2021-05").first_day, day("2021-05").last_day),
        "мост река лига",
    ),
    "a month does not lie in a part of it": (DateRange(day("2021-05-02").first_day), "мост лига"),
    "undated articles match no date": (DateRange(), "мост река парк лига"),
    "by source": (Value(Field.SOURCE, "Вестник"), "парк тихо"),
    "a value is not its word": (Value(Field.SOURCE, "вестник"), ""),
    "by author": (Value(Field.AUTHOR, "Анна Лис"), "тихо"),
    "everything": (Everything(), "мост река парк лига тихо"),
    "nothing": (Nothing(), ""),
    "all": (All((lemma("река"), lemma("мэр"))), "мост"),
    "all but": (All((lemma("река"), Not(lemma("мэр")))), "река парк"),
    "all of nothing is everything": (All(()), "мост река парк лига тихо"),
    "any": (Any((lemma("лига"), lemma("липа"))), "лига парк"),
    "any of nothing is nothing": (Any(()), ""),
    "variants": (Variants((lemma("лига"), lemma("липа"))), "лига парк"),
    "only negative": (Not(lemma("река")), "лига тихо"),
    "not nothing": (Not(Nothing()), "мост река парк лига тихо"),
    "twice not": (Not(Not(lemma("река"))), "мост река парк"),
    "what ranks need not occur": (Ranked(lemma("река"), (lemma("мэр"),)), "мост река парк"),
    "by prefix": (Expansion(ExpansionKind.PREFIX, "лиг"), "лига"),
    "by wildcard": (Expansion(ExpansionKind.WILDCARD, "л?п"), "парк"),
    "a star is any number of letters": (Expansion(ExpansionKind.WILDCARD, "м*а*"), "мост"),
    "with a typo": (Expansion(ExpansionKind.FUZZY, "мост", edits=1), "мост"),
    "the most frequent term of many": (
        Expansion(ExpansionKind.PREFIX, "", limit=1),
        "мост парк лига",
    ),
    "phrases may hold patterns": (
        Phrase((Expansion(ExpansionKind.PREFIX, "высш"), lemma("лига"))),
        "лига",
    ),
    "proximities may hold patterns": (
        Near((Expansion(ExpansionKind.PREFIX, "лиг"), form("клуб")), 4),
        "лига",
    ),
}


@pytest.mark.parametrize("fact", SEARCHES)
def test_it_finds(engine: Engine, analyzer: Analyzer, fact: str) -> None:
    node, ids = SEARCHES[fact]
    assert found(engine, node) == set(ids.split())
    assert Reference(ARTICLES, analyzer).ids(node) == set(ids.split()), "the reference is wrong"


def test_totals_need_no_hits(engine: Engine) -> None:
    result = engine.search(SearchRequest(lemma("река"), limit=0))
    assert (result.total, result.hits) == (3, ())


def test_patterns_that_fit_too_many_terms_are_named(engine: Engine) -> None:
    few, many = (
        Expansion(ExpansionKind.PREFIX, "рек"),
        Expansion(ExpansionKind.PREFIX, "м", limit=2),
    )
    result = engine.search(SearchRequest(Any((few, many))))
    assert result.truncated == ("м",)


class TestScores:
    def test_all_and_any_add_up(self, engine: Engine) -> None:
        one, two = scores(engine, lemma("река")), scores(engine, lemma("мэр"))
        for branch in (All((lemma("река"), lemma("мэр"))), Any((lemma("река"), lemma("мэр")))):
            assert scores(engine, branch)["мост"] == pytest.approx(one["мост"] + two["мост"])

    def test_of_variants_the_best_counts(self, engine: Engine) -> None:
        one, two = scores(engine, lemma("река")), scores(engine, lemma("мост"))
        both = scores(engine, Variants((lemma("мост"), lemma("река"))))
        assert both["мост"] == pytest.approx(max(one["мост"], two["мост"]))

    def test_no_variant_is_worth_more_than_the_first(self, engine: Engine) -> None:
        short, long = lemma("река"), phrase("через реку")
        assert scores(engine, long)["мост"] > scores(engine, short)["мост"]
        typed_short, typed_long = Variants((short, long)), Variants((long, short))
        assert scores(engine, typed_short) == pytest.approx(scores(engine, short))
        assert scores(engine, typed_long)["мост"] == scores(engine, long)["мост"]

    def test_what_ranks_adds_to_the_score(self, engine: Engine) -> None:
        plain = scores(engine, lemma("река"))
        ranked = scores(engine, Ranked(lemma("река"), (lemma("липа"), lemma("лига"))))
        assert ranked["парк"] > plain["парк"]
        assert ranked["мост"] == plain["мост"]

    def test_what_only_filters_scores_nothing(self, engine: Engine) -> None:
        word = lemma("река")
        filters = (Everything(), Not(lemma("лига")), DateRange(), Value(Field.SOURCE, "Вестник"))
        for node in filters:
            assert set(scores(engine, node).values()) == {0.0}
            both = scores(engine, All((word, node)))
            assert all(both[found] == scores(engine, word)[found] for found in both)

    def test_a_weight_multiplies(self, engine: Engine) -> None:
        heavy = scores(engine, replace(lemma("река"), weight=2.0))
        assert heavy == pytest.approx({i: 2 * s for i, s in scores(engine, lemma("река")).items()})

    def test_a_title_counts_for_more(self, engine: Engine) -> None:
        by_score = scores(engine, lemma("река"))
        assert by_score["река"] > by_score["парк"]


class TestVocabulary:
    def test_the_most_frequent_forms_come_first(self, engine: Engine) -> None:
        terms = [(item.term, item.articles) for item in engine.vocabulary("ре", 10)]
        assert terms == [("реки", 2), ("река", 1), ("реку", 1)]

    def test_it_is_cut(self, engine: Engine) -> None:
        assert [item.term for item in engine.vocabulary("ре", 2)] == ["реки", "река"]

    def test_no_such_prefix(self, engine: Engine) -> None:
        assert engine.vocabulary("щщ", 10) == ()


def test_an_id_that_is_not_there_is_not_found(engine: Engine) -> None:
    for call in (engine.article, lambda article_id: engine.matches(Everything(), article_id)):
        with pytest.raises(NotFound):
            call("нет такого")


def test_stored_articles_come_back_whole(seeds: Engine, seed_articles: list[Article]) -> None:
    assert [seeds.article(article.id) for article in seed_articles] == seed_articles


def test_statistics_count(engine: Engine) -> None:
    stats = engine.stats()
    assert (stats.articles, stats.undated, stats.generation) == (5, 1, engine.generation)
    assert stats.bytes > 0
    assert stats.segments >= 1


def test_a_passed_deadline_is_an_error(seeds: Engine) -> None:
    request = SearchRequest(lemma("река"), deadline=time.monotonic() - 1)
    with pytest.raises(EngineUnavailable, match="took too long"):
        seeds.search(request)


def test_eight_threads_get_the_same_answers(seeds: Engine) -> None:
    nodes = [
        Everything(),
        lemma("река"),
        Expansion(ExpansionKind.FUZZY, "город", edits=2),
        phrase("в городе"),
    ]
    requests = [
        SearchRequest(node, sort=sort, facets=(Field.SOURCE, Histogram.MONTH))
        for node in nodes
        for sort in Sort
    ]
    alone = [seeds.search(request) for request in requests]

    def all_answers(_: int) -> list[SearchResult]:
        return [seeds.search(request) for request in requests]

    with ThreadPoolExecutor(8) as pool:
        assert all(answers == alone for answers in pool.map(all_answers, range(8)))
