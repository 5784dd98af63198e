from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.parsing.titles import TITLE_LENGTH, title_from_text


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Снег пошёл утром. Потом ещё.", "Снег пошёл утром"),
        ("Снег пошёл в г. Барнаул утром. Потом ещё.", "Снег пошёл в г. Барнаул утром"),
        (
            "А. С. Пушкин родился в 1799 г. в Москве. Вот.",
            "А. С. Пушкин родился в 1799 г. в Москве",
        ),
        (
            "Дом на ул. Ленина стоит 5 млн руб. в год. Да.",
            "Дом на ул. Ленина стоит 5 млн руб. в год",
        ),
        ("Кто же победил вчера? Никто.", "Кто же победил вчера?"),
        ("«Мы тут победили!» Он ушёл.", "«Мы тут победили!»"),
        ("Первый абзац без точки\nВторой абзац", "Первый абзац без точки"),
        (
            "СЕВЕР, 20 окт – Новости. Завод открыли вчера. Да.",
            "СЕВЕР, 20 окт – Новости. Завод открыли вчера",
        ),
    ],
)
def test_is_the_first_sentence(text: str, title: str) -> None:
    assert title_from_text(text) == title


def test_is_cut_at_a_word() -> None:
    text = "слово " * 50
    assert title_from_text(text) == ("слово " * 20).strip()


def test_is_not_cut_after_a_preposition() -> None:
    text = "а" * 100 + " договор между " + "б" * 50
    assert title_from_text(text) == "а" * 100 + " договор"


@given(st.text(alphabet=' \n.!?«»аБв1"-', max_size=400) | st.text())
def test_is_a_beginning_of_the_text(text: str) -> None:
    title = title_from_text(text)
    assert text.startswith(title)
    assert len(title.strip()) <= TITLE_LENGTH + 1


@given(st.text(min_size=1).filter(str.strip))
def test_is_never_empty(text: str) -> None:
    assert title_from_text(text.strip())
