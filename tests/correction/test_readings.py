"""Keyboards, transliteration, colloquial spellings, costs of errors, plausible words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from listed import Listed

from searchsvc.correction.channel import cost
from searchsvc.correction.keyboard import to_latin, to_russian
from searchsvc.correction.plausibility import CYRILLIC, Letters
from searchsvc.correction.spoken import respelled
from searchsvc.correction.transliteration import MOST_READINGS, readings
from searchsvc.correction.typed import Chunk, chunks
from searchsvc.correction.vocabulary import Vocabulary


def test_the_same_keys_in_the_other_layout() -> None:
    assert to_russian("ghbdtn") == "привет"
    assert to_russian("{JHJIJ") == "ХОРОШО"
    assert to_latin("руддщ") == "hello"


@given(st.text(alphabet="абвгдеёжзийклмнопрстуфхцчшщъыьэюяЁЖЭЮ"))
def test_keys_go_there_and_back(text: str) -> None:
    assert to_russian(to_latin(text)) == text


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("sobyanin", "собянин"),
        ("peterburg", "петербург"),
        ("shchuka", "щука"),
        ("schastye", "счастье"),
        ("yuzhnyj", "южный"),
        ("dmitriy", "дмитрий"),
        ("alexey", "алексей"),
        ("tsarskoe", "царское"),
        ("mariia", "мария"),
        ("wladiwostok", "владивосток"),
    ],
)
def test_read_aloud(latin: str, cyrillic: str) -> None:
    assert cyrillic in readings(latin)


def test_the_usual_reading_comes_first_and_their_number_is_bounded() -> None:
    assert readings("moskva")[0] == "москва"
    assert len(readings("cyxjwe" * 6)) <= MOST_READINGS
    assert readings("covid19") == []


def test_colloquial_spellings() -> None:
    assert list(respelled("щас")) == ["сейчас"]
    assert "становиться" in respelled("становицца")
    assert respelled("маяк") == {}


@pytest.mark.parametrize(
    ("likelier", "other"),
    [
        (("карова", "корова"), ("кмрова", "корова")),  # sound, not a slip
        (("мояк", "маяк"), ("мпяк", "маяк")),
        (("мпяк", "маяк"), ("мшяк", "маяк")),  # the next key, not a far one
        (("оочень", "очень"), ("озчень", "очень")),
        (("компютер", "компьютер"), ("компьтер", "компьютер")),
        (("петребург", "петербург"), ("петшрбург", "петербург")),
        (("чтото", "что-то"), ("чо-то", "что-то")),
        (("маяк", "маяк"), ("маяк", "маяки")),
    ],
)
def test_how_people_err(likelier: tuple[str, str], other: tuple[str, str]) -> None:
    assert cost(*likelier) < cost(*other)


@given(st.text(alphabet="абьс-", max_size=8), st.text(alphabet="абьс-", max_size=8))
def test_every_error_has_a_price(typed: str, meant: str) -> None:
    assert (cost(typed, meant) > 0) is (typed != meant)


def test_words_look_like_words() -> None:
    words = ("привет", "приход", "приезд", "ответ", "совет", "hello", "рок-н-ролл")
    letters = Letters(CYRILLIC, Vocabulary(Listed(dict.fromkeys(words, 1))))
    assert letters.plausibility("привет") > letters.plausibility("ыщъэйь")
    assert letters.plausibility("hello") == -20.0


def test_typed_words_without_signs() -> None:
    query = '-рейтинг (край | "мэр Москвы") заголовок:маяк !стали AND источник:спорт'
    assert list(chunks(query)) == [
        Chunk(1, "рейтинг"),
        Chunk(10, "край"),
        Chunk(18, "мэр"),
        Chunk(22, "Москвы"),
        Chunk(41, "маяк"),
    ]
