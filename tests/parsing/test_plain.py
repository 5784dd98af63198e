"""Plain texts: what is told of them at once is what the general way finds."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from searchsvc.model import Place
from searchsvc.parsing import plain
from searchsvc.parsing.fragments import text_of
from searchsvc.parsing.language import language_of, says_russian
from searchsvc.parsing.records import _unjoined, parse_record

needs_compiled = pytest.mark.skipif(plain.compiled is None, reason="_plain was not compiled")

WORDS = [
    *("Снег", "выпал", "в", "на", "и", "мэр", "ёлки", "Яндекс", "the", "of", "се", "Жители", "я"),
    *("1-го", "covid-19", "це", "їх", "Она", "е\u0308лка", "й", "и\u0306", "№5", "€", "2²", "_а"),
]
SIGNS = [
    *(
        " ",
        ". ",
        ".",
        "!",
        "?",
        "…",
        "»",
        "«",
        '"',
        ",",
        "\n",
        "\n\n",
        "  ",
        " \n",
        "\n ",
        "\n\n\n",
    ),
    *("<p>", "<", "&amp;", "&", "\xa0", "\xad", "\t", "\r\n", "\u2028", "\ufeff", "-", "—", ".»"),
]
TEXT = st.lists(st.sampled_from(WORDS) | st.sampled_from(SIGNS) | st.characters(), max_size=14).map(
    "".join
)


@needs_compiled
@settings(max_examples=500)
@given(TEXT)
@example("за 50 рублей.Как сообщает")
@example("«Привет».Мир ")
@example("а»!Б ")
@example("Б.Б ")
def test_a_plain_text_is_parted_as_in_general(text: str) -> None:
    text = text.strip()
    found = plain.joints(text)
    if found is not None:
        assert text_of(text) == text
        assert plain.parted(text, found) == _unjoined(text)


@needs_compiled
def test_russian_news_is_plain() -> None:
    text = "За проезд — 50 рублей.Как сообщает «Мир», это №1!Жители «за».\n\nСнег — 5 см…"
    assert plain.joints(text) == [21, 48]
    assert plain.parted(text, [21, 48]).count("\n") == 4


@needs_compiled
@pytest.mark.parametrize("letter", "\xa0\xad\t\r\x7f\u0301\u2028ї\u04d9日\U0001f600\ud83d")
def test_what_may_be_changed_is_not_plain(letter: str) -> None:
    assert plain.joints(f"снег{letter}в городе") is None


@needs_compiled
def test_signs_that_begin_no_markup_are_plain() -> None:
    assert plain.joints("«Я не <...> знаю, <…> < 5 & & > 3 <неразборчиво>») <") == []


@needs_compiled
@pytest.mark.parametrize("markup", ["<b", "</", "<B>", "&n", "&#", "H&M", "<<i"])
def test_what_may_be_markup_is_not_plain(markup: str) -> None:
    assert plain.joints(f"снег {markup} в городе") is None


@needs_compiled
@pytest.mark.parametrize("text", [" снег", "снег ", "снег  идёт", "снег \nидёт", "снег\n\n\nидёт"])
def test_untidy_spaces_are_not_plain(text: str) -> None:
    assert plain.joints(text) is None


PLAIN = st.lists(
    st.sampled_from(
        ["в", "и", "снег", "мы", "это", "се", "са", "the", "of", "to", "Със", "Of", "На", "№1"]
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=500)
@given(PLAIN, PLAIN, st.sampled_from([" ", "\n", "\n\n"]))
def test_what_says_russian_is_russian(title: list[str], text: list[str], between: str) -> None:
    if says_russian(" ".join(title), between.join(text)):
        assert language_of(f"{' '.join(title)}\n{between.join(text)}"[:1000]) == "ru"


def test_russian_says_so() -> None:
    assert says_russian("Снег", "В город вернулся снег, и мы рады")
    assert not says_russian("Снег", "В город вернулся the снег, и мы рады")


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "title": TEXT,
        "text": TEXT | st.none() | st.lists(TEXT, max_size=3),
        "lead": TEXT,
        "date": st.sampled_from(["2022-01-01T09:50:00", "вчера", "", "19.02.2021"]),
        "source": TEXT,
        "topic": TEXT | st.lists(TEXT, max_size=3),
        "authors": TEXT,
        "language": st.sampled_from(["", "ru", "uk-UA", "?"]),
    },
)


@needs_compiled
@settings(max_examples=300)
@given(FIELDS)
def test_a_record_gives_the_same_without_what_is_compiled(fields: dict[str, object]) -> None:
    place = Place("a.jsonl", (), 3)
    found = parse_record(fields, place)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain, "compiled", None)
        assert parse_record(fields, place) == found
