"""Spellings that a reader takes for one meet; those that mean other things stay apart."""

from __future__ import annotations

import pytest

from searchsvc.analysis.analyzer import Analyzer

ANALYZER = Analyzer()


def terms(text: str) -> set[str]:
    return {lemma for token in ANALYZER.tokens(text) for lemma in ANALYZER.lemmas(token.form)}


def parts(text: str) -> list[str]:
    return [token.form for token in ANALYZER.tokens(text) if token.span == 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Моcква", "Москва"),  # a Latin c
        ("сoюз", "союз"),  # a Latin o
        ("Ёлка", "елки"),
        ("за\u0301мок", "замок"),
        ("со\u00adюз", "союз"),
        ("Санкт\u2011Петербург", "Санкт-Петербург"),
        ("5,5", "5.5"),
        ("Санкт-Петербург", "Петербург"),
        ("онлайн-сервис", "онлайн сервис"),
        ("Северный поток-2", "«Северный поток — 2»"),
        ("Ростов-на-Дону", "Ростов"),
    ],
)
def test_spellings_of_one_word_meet(one: str, other: str) -> None:
    assert terms(one) & terms(other)


@pytest.mark.parametrize(("one", "other"), [("ВВС", "BBC"), ("II", "2"), ("5,5", "55")])
def test_what_only_looks_alike_stays_apart(one: str, other: str) -> None:
    assert not terms(one) & terms(other)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2020–2021", ["2020", "2021"]),
        ("9 мая", ["9", "мая"]),
        ("Северный поток-2", ["северный", "поток", "2"]),
        ("«Северный поток — 2»", ["северный", "поток", "2"]),
        ("№ 223-ФЗ", ["223", "фз"]),
        ("5,5 %", ["5,5"]),
        ("100 ₽", ["100"]),
    ],
)
def test_signs_and_dashes_leave_the_words(text: str, words: list[str]) -> None:
    assert parts(text) == words
