"""Articles as they never should be, but are: every engine takes and finds them all the same."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from reference import Reference
from writing import article, cut, form, found, near, phrase

from searchsvc.engines.protocol import Histogram, SearchRequest, Sort, Zone
from searchsvc.model import Article, ArticleDate, Precision
from searchsvc.query.tree import (
    All,
    DateRange,
    Everything,
    Expansion,
    ExpansionKind,
    Not,
    Value,
)
from searchsvc.schema import Field

if TYPE_CHECKING:
    from factories import Factory

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.protocol import Engine

LONG = 100_000
EDGES = {0: "начало", 65_535: "грань", 65_536: "граница", LONG - 1: "конец"}
HALF = "\ud83d"
"""A half of a surrogate pair, as a JSON escape may bring it."""

ODD = (
    article("пусто"),
    article("знаки", "… — !!! 🚃🚃 «»", "?"),
    article("заголовок", title="Только заголовок"),
    article("буква", "я"),
    article("один", "1", "1"),
    article("нули", "до\0после\x1b[31m красное", "\0"),
    article("половина", f"вагон {HALF} поезд", f"{HALF}путь", source=HALF, topics=(HALF, "Рельсы")),
    article(f"ид{HALF}", "странный", origin="файл\udcff.txt"),
    article("", "безымянный"),
    article("вид 1", "похожий"),
    article("вид", "похожий"),
    article("плоскости", "𝒜 слово 𐍈 文字 слово", "Ёлка й й"),
    article("повтор", "эхо " * 300),
    article("разделы", "текст", topics=("Суд", "Суд", "Закон и суд"), authors=("А-Б В", "Г", "")),
    article("без источника", "текст", source=""),
    article("длинное", "ы" * 5_000 + " короткое"),
    article("дефисы", "а-" * 2_000 + "а"),
    article("долгий", " ".join(EDGES.get(n, "слово") for n in range(LONG)), "Долгий рассказ"),
    Article(
        id="первый год", title="Первый", text="", date=ArticleDate(datetime(1, 1, 1), Precision.DAY)
    ),
    Article(
        id="последний год",
        title="Последний",
        text="",
        date=ArticleDate(datetime(9999, 12, 31, 23, 59), Precision.MINUTE),
    ),
)


@pytest.fixture(scope="module")
def engine(factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return factory.built(tmp_path_factory.mktemp("odd"), ODD)


def test_all_are_there_and_come_back_whole(engine: Engine) -> None:
    assert found(engine, Everything()) == {article.id for article in ODD}
    assert [engine.article(article.id) for article in ODD] == list(ODD)


FINDS = {
    "a title alone": (form("только", Field.TITLE), {"заголовок"}),
    "one letter": (form("я"), {"буква"}),
    "one digit": (form("1"), {"один"}),
    "words parted by control characters": (phrase("до после"), {"нули"}),
    "words beside a half of a pair": (phrase("вагон поезд"), {"половина"}),
    "a value that is half of a pair": (Value(Field.SOURCE, HALF), {"половина"}),
    "an id that is half of a pair": (form("странный"), {f"ид{HALF}"}),
    "an article without a name": (form("безымянный"), {""}),
    "other scripts": (form("文字"), {"плоскости"}),
    "a word again and again": (near("эхо эхо эхо", 2), {"повтор"}),
    "not in pairs where it is alone": (near("я я", 5), set()),
    "a word cut to what a form holds": (form("ы" * 200), {"длинное"}),
    "what follows a long word": (form("короткое"), {"длинное"}),
    "a part of a value's compound": (form("б", Field.AUTHOR), {"разделы"}),
    "a value's compound": (form("а-б", Field.AUTHOR), {"разделы"}),
    "a phrase inside a value": (phrase("б в", Field.AUTHOR), {"разделы"}),
    "no phrase across values": (phrase("в г", Field.AUTHOR), set()),
    "a value given twice": (Value(Field.TOPIC, "Суд"), {"разделы"}),
    "no source is no value": (Value(Field.SOURCE, ""), set()),
    "far positions": (phrase("грань граница"), {"долгий"}),
    "far from each other": (near("начало грань", 100), set()),
    "beside the last word": (phrase("слово конец"), {"долгий"}),
}


@pytest.mark.parametrize("fact", FINDS)
def test_it_finds(engine: Engine, analyzer: Analyzer, fact: str) -> None:
    node, ids = FINDS[fact]
    assert found(engine, node) == ids
    assert Reference(ODD, analyzer).ids(node) == ids, "the reference is wrong"


def test_a_long_article_is_marked_to_its_end(engine: Engine) -> None:
    for word in EDGES.values():
        assert cut(engine, form(word), "долгий", Zone.TEXT) == [word]
    assert cut(engine, phrase("грань граница"), "долгий", Zone.TEXT) == ["грань граница"]
    assert len(cut(engine, form("слово"), "долгий", Zone.TEXT)) == LONG - len(EDGES)


def test_a_long_compound_is_marked_whole(engine: Engine) -> None:
    whole = Expansion(ExpansionKind.PREFIX, "а-а-а")
    assert cut(engine, whole, "дефисы", Zone.TEXT) == ["а-" * 2_000 + "а"]


def test_marks_count_code_points(engine: Engine) -> None:
    assert cut(engine, form("слово"), "плоскости", Zone.TEXT) == ["слово", "слово"]
    assert cut(engine, form("й"), "плоскости", Zone.TITLE) == ["й", "й"]


def test_far_dates_are_in_order(engine: Engine) -> None:
    dated = All((DateRange(), Everything()))
    for sort, ids in ((Sort.DATE, ["последний год", "первый год"]), (Sort.DATE_ASC, None)):
        hits = engine.search(SearchRequest(dated, sort=sort)).hits
        expected = ids or ["первый год", "последний год"]
        assert [hit.article.id for hit in hits] == expected


def test_far_dates_are_counted(engine: Engine) -> None:
    result = engine.search(SearchRequest(Everything(), facets=(Histogram.YEAR,)))
    assert [bucket.value for bucket in result.facets[Histogram.YEAR]] == ["0001", "9999"]
    assert result.undated == len(ODD) - 2


def test_they_survive_an_update(factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("updated")
    factory.built(root, ODD)
    for number in range(10):
        engine = factory.updated(root, [article("буква", f"ю {number}")], ["пусто"])
    kept = {article.id for article in ODD} - {"пусто"}
    assert found(engine, Everything()) == kept
    assert found(engine, Not(form("ю"))) == kept - {"буква"}
    for odd in ODD:
        if odd.id not in ("пусто", "буква"):
            assert engine.article(odd.id) == odd
    for node, ids in FINDS.values():
        assert found(engine, node) == ids - {"буква"}
    assert cut(engine, phrase("слово конец"), "долгий", Zone.TEXT) == ["слово конец"]


def test_an_index_of_nothing_but_empty_articles(
    factory: Factory, tmp_path_factory: pytest.TempPathFactory
) -> None:
    engine = factory.built(tmp_path_factory.mktemp("empty"), [article("пусто"), article("два")])
    assert found(engine, Everything()) == {"пусто", "два"}
    assert found(engine, form("слово")) == set()
    assert engine.vocabulary("", 10) == ()
