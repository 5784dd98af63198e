"""Folding: what differs only in dress becomes equal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis.folding import fold

STRESS = "\u0301"
RUSSIAN = st.text(st.sampled_from("абеёийкстуЁЙЕСТВМ aceBMTLl'’-‑\u0301\u0306\u0308\u00ad\u200b"))


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("МОСКВА", "москва"),
        ("Зелёный", "зеленый"),
        ("е\u0308лка", "елка"),
        ("Бий\u0441к", "бийск"),
        ("Бии\u0306ск", "бийск"),
        (f"за{STRESS}мок", "замок"),
        (f"ё{STRESS}лка", "елка"),
        ("циф\u00adро\u00adви\u00adза\u00adция", "цифровизация"),
        ("слово\u200b", "слово"),
        ("\ufeffначало", "начало"),
        ("О’Нил", "о'нил"),
        ("д'Артаньян", "д'артаньян"),
        ("Санкт‑Петербург", "санкт-петербург"),
        ("Беларусь, Ўзда, Київ", "беларусь, ўзда, київ"),
        ("Café", "café"),
        ("CAFE\u0301", "café"),
        ("STRASSE", "strasse"),
        ("", ""),
    ],
)
def test_case_yo_stress_and_invisible_characters_do_not_matter(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Мо\u0063ква", "москва"),
        ("с\u006fюз", "союз"),
        ("\u0421OVID", "covid"),
        ("COVID-19 и \u0421OVID", "covid-19 и covid"),
        ("T\u041eBAP", "товар"),
        ("корол\u00ebв", "королев"),
    ],
)
def test_a_word_of_two_alphabets_is_written_in_the_one_its_letters_show(
    written: str, folded: str
) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize("word", ["smsки", "vipов", "тор", "top", "cop", "сор", "5g", "it-отдел"])
def test_words_of_one_script_and_true_mixtures_stay(word: str) -> None:
    assert fold(word) == word


@given(st.text() | RUSSIAN)
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(RUSSIAN)
def test_case_never_matters_in_words_of_one_script(text: str) -> None:
    russian = "".join(letter for letter in text if not letter.isascii())
    assert fold(russian.upper()) == fold(russian.lower())
