"""Where every engine says that the words of a query stand: offsets cut the right words."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from meaning import understand
from random_trees import TreeMaker
from writing import article, cut, form, found, lemma, near, phrase

from searchsvc.engines.protocol import Match, SearchRequest, Zone
from searchsvc.parsing.titles import title_from_text
from searchsvc.query.limits import Limits
from searchsvc.query.tree import (
    All,
    Any,
    DateRange,
    Everything,
    Expansion,
    ExpansionKind,
    Not,
    Phrase,
    Ranked,
    Variants,
    Word,
)
from searchsvc.schema import Field

if TYPE_CHECKING:
    from factories import Factory

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.protocol import Engine
    from searchsvc.model import Article

BODY = "Онлайн-сервис открыли в Ростове-на-Дону: 🚃 сервис работает, сервисы ждут."
MADE = "  Вечером в клубе-музее пели. Вечером же клуб закрыли, и клуба-музея нет."
ARTICLES = (
    article("сервис", BODY, "Сервис «Онлайн-сервис»", source="Сервис"),
    article("клуб", MADE, title_from_text(MADE), title_made=True),
    article("другой", "Сервис, о котором речи нет.", "Другой"),
)


@pytest.fixture(scope="module")
def engine(factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return factory.built(tmp_path_factory.mktemp("few"), ARTICLES)


IN_TEXT = {
    "every form of a word": (lemma("сервис"), "сервис|сервис|сервисы"),
    "one form": (form("сервис"), "сервис|сервис"),
    "a part of a compound": (form("онлайн"), "Онлайн"),
    "a whole compound": (form("онлайн-сервис"), "Онлайн-сервис"),
    "a whole compound by lemma": (lemma("ростов-на-дону"), "Ростове-на-Дону"),
    "a prefix that a compound has": (Expansion(ExpansionKind.PREFIX, "онлайн-"), "Онлайн-сервис"),
    "a phrase as one match": (phrase("сервис работает"), "сервис работает"),
    "a phrase through punctuation": (phrase("дону сервис"), "Дону: 🚃 сервис"),
    "a phrase with a pattern": (
        Phrase((Expansion(ExpansionKind.PREFIX, "рост"), form("на"))),
        "Ростове-на",
    ),
    "each item of a proximity": (near("ждут открыли_в", 9), "открыли в|ждут"),
    "only what is near": (near("сервис ждут", 3), "сервис|ждут"),
    "what stands under several branches": (
        Ranked(All((lemma("ждать"), Everything())), (Any((form("в"), form("на"))),)),
        "в|на|ждут",
    ),
    "nothing under a not": (All((lemma("ждать"), Not(lemma("река")))), "ждут"),
    "nothing of other fields": (
        All((Word(("сервис",), Field.SOURCE), DateRange(), lemma("ждать"))),
        "ждут",
    ),
    "nothing of the title": (Word(("сервис",), Field.TITLE), ""),
}


@pytest.mark.parametrize("fact", IN_TEXT)
def test_the_text_is_marked(engine: Engine, fact: str) -> None:
    node, words = IN_TEXT[fact]
    assert cut(engine, node, "сервис", Zone.TEXT) == words.split("|") * bool(words)


def test_the_title_is_marked(engine: Engine) -> None:
    assert cut(engine, form("онлайн-сервис"), "сервис", Zone.TITLE) == ["Онлайн-сервис"]
    assert cut(engine, phrase("сервис онлайн"), "сервис", Zone.TITLE) == ["Сервис «Онлайн"]
    in_title = Word(("сервис",), Field.TITLE)
    assert cut(engine, in_title, "сервис", Zone.TITLE) == ["Сервис", "сервис"]


def test_a_made_title_is_marked_with_the_text(engine: Engine) -> None:
    assert engine.article("клуб").title == "  Вечером в клубе-музее пели"
    assert cut(engine, lemma("вечером"), "клуб", Zone.TITLE) == ["Вечером"]
    assert cut(engine, lemma("вечером"), "клуб", Zone.TEXT) == ["Вечером", "Вечером"]
    assert cut(engine, lemma("клуб-музей"), "клуб", Zone.TITLE) == ["клубе-музее"]
    assert cut(engine, lemma("клуб-музей"), "клуб", Zone.TEXT) == ["клубе-музее", "клуба-музея"]


def test_what_leaves_a_made_title_is_marked_in_the_text_only(engine: Engine) -> None:
    assert cut(engine, phrase("пели вечером"), "клуб", Zone.TITLE) == []
    assert cut(engine, phrase("пели вечером"), "клуб", Zone.TEXT) == ["пели. Вечером"]
    assert found(engine, phrase("пели вечером", Field.TITLE)) == set()


def test_a_made_title_that_ends_inside_a_word_keeps_matches_inside(
    factory: Factory, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = "А" + "а" * 300
    made = article("долго", text, title_from_text(text), title_made=True)
    engine = factory.built(tmp_path_factory.mktemp("long"), [made])
    word = Expansion(ExpansionKind.PREFIX, "ааа")
    assert cut(engine, word, "долго", Zone.TEXT) == [text]
    assert cut(engine, word, "долго", Zone.TITLE) == []


def test_matches_are_in_the_order_of_the_text_and_know_their_clause(engine: Engine) -> None:
    node = Any((lemma("сервис"), Not(lemma("река")), Variants((form("ждут"), form("открыли")))))
    matches = engine.matches(node, "сервис")
    by_zone = {zone: [m for m in matches if m.zone is zone] for zone in Zone}
    for inside in by_zone.values():
        assert [m.start for m in inside] == sorted(m.start for m in inside)
    assert [(BODY[m.start : m.end], m.clause) for m in by_zone[Zone.TEXT]] == [
        ("сервис", 0),
        ("открыли", 2),
        ("сервис", 0),
        ("сервисы", 0),
        ("ждут", 1),
    ]


def test_hits_carry_the_same_matches(engine: Engine) -> None:
    node = All((lemma("сервис"), phrase("сервис работает")))
    (hit,) = engine.search(SearchRequest(node)).hits
    assert hit.matches == engine.matches(node, "сервис")
    assert all(isinstance(match, Match) for match in hit.matches)


def test_where_fewer_than_enough_match_they_are_counted_and_none_is_given(engine: Engine) -> None:
    node = All((lemma("сервис"), phrase("сервис работает")))
    for enough, hits in ((0, 1), (1, 1), (2, 0)):
        found = engine.search(SearchRequest(node, enough=enough))
        assert (found.total, len(found.hits)) == (1, hits)


def test_hits_may_tell_of_the_first_leaves_only(engine: Engine) -> None:
    node = Ranked(All((lemma("ждать"), form("работает"))), (form("в"),))
    for located, clauses in ((0, set()), (1, {0}), (2, {0, 1}), (3, {0, 1, 2})):
        (hit,) = engine.search(SearchRequest(node, located=located)).hits
        assert {match.clause for match in hit.matches} == clauses


def test_whatever_is_marked_is_what_was_asked_for(
    seeds: Engine, seed_articles: list[Article], analyzer: Analyzer
) -> None:
    maker = TreeMaker(seed_articles, analyzer, Random(7))
    marked = 0
    for word in (maker.word() for _ in range(150)):
        for hit in seeds.search(SearchRequest(word, limit=100)).hits:
            for match in hit.matches:
                text = hit.article.title if match.zone is Zone.TITLE else hit.article.text
                assert terms_of(text[match.start : match.end], analyzer) & set(word.terms)
                marked += 1
            assert hit.matches
    assert marked > 500


def terms_of(surface: str, analyzer: Analyzer) -> set[str]:
    forms = {token.form for token in analyzer.tokens(surface)}
    return forms | {lemma for token in forms for lemma in analyzer.lemmas(token)}


@pytest.mark.parametrize("query", ["онлайн-сервис", "!онлайн-сервис", '"онлайн-сервис"'])
def test_however_a_compound_is_typed_it_is_marked_whole(
    engine: Engine, analyzer: Analyzer, query: str
) -> None:
    node = understand(query, analyzer, Limits()).node
    assert "Онлайн-сервис" in cut(engine, node, "сервис", Zone.TEXT)
