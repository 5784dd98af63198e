from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.model import Format, Input, Place
from searchsvc.parsing.parsing import parse

HERE = Place("news/today.zip", ("a.txt",))
TEXT = "Сегодня в Заречье открыли мост. Его строили четыре года."


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (Format.DUMP, TEXT),
        (Format.RECORD, {"text": TEXT}),
        (
            Format.FEED,
            f"<rss><channel><item><description>{TEXT}</description></item></channel></rss>",
        ),
        (
            Format.PAGE,
            f"<html><body><article><h1>Мост</h1><p>{TEXT * 5}</p></article></body></html>",
        ),
    ],
)
def test_each_format_has_its_parser(kind: Format, content: str | dict[str, object]) -> None:
    (article,) = parse(Input(HERE, kind, content)).articles
    assert article.text.startswith("Сегодня в Заречье")
    assert (article.language, article.origin) == ("ru", "news/today.zip")


def test_an_article_that_is_not_russian_says_so() -> None:
    (article,) = parse(Input(HERE, Format.DUMP, "The mayor opened the new bridge today.")).articles
    assert article.language == "en"


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (Format.FEED, "<html/>"),
        (Format.FEED, "нет"),
        (Format.DUMP, ""),
        (Format.RECORD, {}),
        (Format.RECORD, "текст"),
        (Format.DUMP, {"text": TEXT}),
    ],
)
def test_what_cannot_be_parsed_is_a_failure_with_its_place(kind: Format, content: object) -> None:
    parsed = parse(Input(HERE, kind, content))  # type: ignore[arg-type]
    assert not parsed.articles
    (failure,) = parsed.failures
    assert failure.place == HERE
    assert 0 < len(failure.reason) <= 200


@given(st.sampled_from([Format.DUMP, Format.FEED]), st.text())
def test_no_text_breaks_it(kind: Format, text: str) -> None:
    parsed = parse(Input(HERE, kind, text))
    assert all(article.title and article.origin for article in parsed.articles)


@pytest.mark.parametrize(
    "unit", ["<", "&", "<p>", "<a ", "<item>", "!А", "рублей.", "'", "', '", "[", "ъ"]
)
def test_a_megabyte_of_anything_takes_seconds(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    begun = time.process_time()
    parse(Input(HERE, Format.RECORD, {"text": text, "tags": f"[{text}]", "date": text}))
    parse(Input(HERE, Format.FEED, f"<rss xmlns:a='b'><item>{text}</item></rss>"))
    assert time.process_time() - begun < 20
