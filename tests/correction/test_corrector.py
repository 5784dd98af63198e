"""What was typed, what was meant, and what must stay as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.correction.corrector import Correction, Corrector, Reason, familiar

LAYOUT = {
    "ghbdtn": "привет",
    "vfrcbv": "максим",
    "руддщ": "hello",
    "нщгегиу": "youtube",
    "лас": "kfc",  # a form of «ласа», but the index has the other
    "[kt,": "хлеб",
    "k.lb": "люди",
    "gj;fh": "пожар",
    "vjcrdf, ghbdtn": "москва, привет",
    "Vjcrdf": "Москва",
    "ub,tkm.": "гибелью",
    "vjcrdf -gj;fh": "москва -пожар",
    "мэр vjcrds": "мэр москвы",
    "youtube ghbdtn": "youtube привет",
}
TRANSLITERATION = {"sobyanin": "собянин", "Peterburg": "Петербург", "moskvy": "москвы"}
TYPOS = {
    "Собянен": "Собянин",
    "здравохранение": "здравоохранение",
    "ЗДРАВОХРАНЕНИЕ": "ЗДРАВООХРАНЕНИЕ",
    "санкт-питербург": "санкт-петербург",
    "оооочень": "очень",
    "щас": "сейчас",
    "седня": "сегодня",
    "чтото": "что-то",
    "карова": "корова",
    "компютер": "компьютер",
    "деректор": "директор",
    "здравохранение в Петребурге": "здравоохранение в Петербурге",
    '"мэр Собянен"': '"мэр Собянин"',
    "заголовок:Собянен": "заголовок:Собянин",
    "(Собянен | мэр)": "(Собянин | мэр)",
}
RIGHT = (
    "",
    "мэр Москвы",
    "Зрюмовыми",  # unknown to the dictionary, but its lemma is in the index
    "бегемотов",  # the dictionary's word, though the index lacks it
    "iPhone",
    "Apple на YouTube",
    "COVID-19",
    "223-ФЗ",
    "C++",
    "192.168.0.1",
    "!Собянен",
    '!"мэр Собянен"',
    "Собянен~",
    "Собян*",
    "м?сква",
    "источник:Собянен",
    "автор:Собянен",
    "дата:2021-02",
    "https://ghbdtn.example",
    "ghbdtn@vjcrdf.example",
    "привет OR москва",
    "мэр NEAR/5 москва",
    "🙂 — «»",
)


@pytest.mark.parametrize(
    ("reason", "typed", "meant"),
    [
        (reason, *pair)
        for reason, pairs in (
            (Reason.LAYOUT, LAYOUT),
            (Reason.TRANSLITERATION, TRANSLITERATION),
            (Reason.TYPO, TYPOS),
        )
        for pair in pairs.items()
    ],
)
def test_corrected(corrector: Corrector, reason: Reason, typed: str, meant: str) -> None:
    assert corrector.correct(typed) == Correction(meant, reason)


@pytest.mark.parametrize("typed", RIGHT)
def test_left_as_it_is(corrector: Corrector, typed: str) -> None:
    assert corrector.correct(typed) is None


def test_a_correction_is_right(corrector: Corrector) -> None:
    for meant in (*LAYOUT.values(), *TRANSLITERATION.values(), *TYPOS.values()):
        assert corrector.correct(meant) is None


def test_others_follow_the_likeliest(corrector: Corrector) -> None:
    assert corrector.alternatives("карова") == ("корова", "кирова")
    assert corrector.alternatives("корова") == ()


def test_words_of_the_dictionary_need_no_corrector() -> None:
    analyzer = Analyzer()
    assert familiar("мэр Москвы", analyzer)
    assert not familiar("Собянен", analyzer)
    assert not familiar("ghbdtn", analyzer)
    assert not familiar("седня", analyzer)


@given(st.text(max_size=500))
def test_any_text_is_read(corrector: Corrector, text: str) -> None:
    correction = corrector.correct(text)
    assert correction is None or correction.text != text


@given(st.text(alphabet="ghbdtn[],. \"'-!():ов", max_size=200))
def test_signs_and_layouts_mixed(corrector: Corrector, text: str) -> None:
    correction = corrector.correct(text)
    assert correction is None or len(correction.text) == len(text)


def test_the_longest_queries_take_moments(corrector: Corrector) -> None:
    for text in ("щ" * 500, "щъ " * 166, "xw" * 250, "а-" * 250, "ghbdtn" * 80, '"' * 500):
        corrector.correct(text)


def test_a_word_is_judged_once(vocabulary, monkeypatch):
    asked = []
    articles = vocabulary.articles
    monkeypatch.setattr(
        type(vocabulary), "articles", lambda _, form: asked.append(form) or articles(form)
    )
    corrector = Corrector(vocabulary, Analyzer())
    first = corrector.correct("мэр Москвы")
    told = len(asked)
    assert corrector.correct("Москвы мэр, мэр") == first
    assert len(asked) == told > 0
