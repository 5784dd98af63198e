from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.model import Article, Place
from searchsvc.parsing.records import parse_record

HERE = Place("news.jsonl", (), 3)


def article(**fields: object) -> Article:
    (found,) = parse_record(fields, HERE).articles
    return found


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "7", "title": "Мост открыт", "text": "Его ждали.", "date": "2021-02-19"},
        {"_id": 7, "headline": "Мост открыт", "body": "Его ждали.", "pubDate": "19.02.2021"},
        {"guid": "7", "name": "Мост открыт", "article_text": "Его ждали.",
         "Published At": "2021-02-19"},
        {"ID": "7", "Заголовок": "Мост открыт", "Текст": "Его ждали.", "Дата": "19 февраля 2021"},
        {"id": "7", "title": {"rendered": "Мост открыт"},
         "content": {"rendered": "<p>Его ждали.</p>"}, "date": "2021-02-19"},
    ],
)  # fmt: skip
def test_fields_have_many_names(fields: dict[str, object]) -> None:
    found = article(**fields)
    assert (found.id, found.title, found.text) == ("7", "Мост открыт", "Его ждали.")
    assert found.date is not None
    assert found.date.isoformat() == "2021-02-19"


def test_html_becomes_paragraphs() -> None:
    found = article(
        title="A &amp; B", text="<p>Раз&nbsp;два.</p><script>x()</script><p>Три <b>4</b></p>"
    )
    assert (found.title, found.text) == ("A & B", "Раз два.\n\nТри 4")


def test_what_only_looks_like_html_stays() -> None:
    assert (
        article(text="5 < 6 > 4, сказал <неразборчиво> он").text
        == "5 < 6 > 4, сказал <неразборчиво> он"
    )


def test_joined_paragraphs_are_parted() -> None:
    assert article(text="Билет стоит 50 рублей.Как сообщает мэрия, дорого!Такси дешевле.").text == (
        "Билет стоит 50 рублей.\nКак сообщает мэрия, дорого!\nТакси дешевле."
    )
    assert (
        article(text="На Яндекс.Такси и А.С.Пушкина пора").text
        == "На Яндекс.Такси и А.С.Пушкина пора"
    )


@pytest.mark.parametrize(
    ("date", "iso"),
    [
        (2000, "2000"),
        ("2000", "2000"),
        (1572587280, "2019-11-01T08:48+03:00"),
        (Decimal(1572587280000), "2019-11-01T08:48+03:00"),
        (1572587280.5, "2019-11-01T08:48+03:00"),
        ("2022-01-01T09:50:00", "2022-01-01T09:50+03:00"),
    ],
)
def test_dates_are_texts_or_numbers(date: object, iso: str) -> None:
    found = article(title="Да", date=date).date
    assert found is not None
    assert found.isoformat() == iso


def test_an_unreadable_date_leaves_the_article_undated() -> None:
    assert article(title="Мост", date="когда-то").date is None
    dated = article(title="Мост", date="когда-то", year=2001).date
    assert dated is not None
    assert dated.isoformat() == "2001"


def test_lists_are_lists_or_texts() -> None:
    found = article(
        title="Мост",
        topics=["Наука", {"name": "Техника"}, "Наука"],
        author="Анна Белкина, Пётр Лосев и Яна Соболь",
        tags="['мосты', 'река, берег']",
    )
    assert found.topics == ("Наука", "Техника")
    assert found.authors == ("Анна Белкина", "Пётр Лосев", "Яна Соболь")
    assert found.tags == ("мосты", "река, берег")


def test_a_topic_may_hold_a_comma() -> None:
    assert article(title="Мост", topic="Наука, техника").topics == ("Наука, техника",)
    assert article(title="Мост", topic="Наука;Спорт").topics == ("Наука", "Спорт")


def test_a_title_alone_is_an_article() -> None:
    found = article(title="Мост открыт")
    assert (found.title, found.text, found.title_made) == ("Мост открыт", "", False)


def test_a_text_alone_makes_its_title() -> None:
    found = article(title="", text="Мост открыли вчера днём. Его ждали.")
    assert (found.title, found.title_made) == ("Мост открыли вчера днём", True)


def test_a_lead_stands_in_for_a_missing_text() -> None:
    found = article(title="Мост", description="Его ждали.", text=None)
    assert (found.text, found.lead) == ("Его ждали.", "")


def test_the_source_is_named_or_the_host() -> None:
    assert (
        article(title="Мост", url="https://www.a.example/1", source="Вестник").source == "Вестник"
    )
    assert article(title="Мост", url="https://www.a.example/1").source == "a.example"


def test_the_language_is_given_or_told() -> None:
    assert article(title="Мост", language="uk-UA").language == "uk"
    assert article(title="The mayor opened the new bridge today").language == "en"


def test_a_record_without_title_and_text_fails() -> None:
    parsed = parse_record({"id": 1, "price": 5}, HERE)
    assert not parsed.articles
    (failure,) = parsed.failures
    assert failure.place == HERE
    assert failure.reason == "neither a title nor a text; the record has 'id', 'price'"


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
names = st.sampled_from(
    ["id", "url", "title", "text", "lead", "date", "topics", "authors", "tags", "language"]
)


@given(st.dictionaries(names | st.text(max_size=8), json, max_size=8))
def test_any_record_gives_an_article_or_a_failure(fields: dict[str, object]) -> None:
    parsed = parse_record(fields, HERE)
    assert len(parsed.articles) + len(parsed.failures) == 1
    assert all(found.title for found in parsed.articles)
