"""The tokenizer: which pieces of a text are words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.tokenizer import MAX_FORM, PIECE

# One line a case: a text, then its tokens; a whole compound stands before its parts.
CASES = """
Мэр Москвы                    | мэр москвы
5,5% и 5.5 %                  | 5,5 и 5,5
№ 223-ФЗ                      | 223-фз 223 фз
COVID-19                      | covid-19 covid 19
C++ и C#, F#, g++             | c++ и c# f# g++
С++                           | c++
онлайн-сервис                 | онлайн-сервис онлайн сервис
Санкт‑Петербург               | санкт-петербург санкт петербург
Ростов-на-Дону                | ростов-на-дону ростов на дону
8-800-555-35-35               | 8-800-555-35-35 8 800 555 35 35
рост 5.5-6.5                  | рост 5,5-6,5 5,5 6,5
теле- и радио                 | теле и радио
Москва — Петербург, 2020–2021 | москва петербург 2020 2021
О’Нил и д'Артаньян            | о'нил и д'артаньян
'слово' «Слово» "слово"       | слово слово слово
19.02.2021 в 10:50            | 19.02.2021 в 10 50
192.168.0.1                   | 192.168.0.1
19.02                         | 19,02
1,2,3 и 1 000 и 1,000,000     | 1 2 3 и 1 000 и 1 000 000
v1.2.3                        | v1 2 3
а.б                           | а б
press@example.ru.             | press@example.ru
a.b-c+d@mail.example.com,     | a.b-c+d@mail.example.com
не@адрес                      | не адрес
(https://example.ru/a?b=1#c). | https://example.ru/a?b=1#c
www.example.ru, HTTP://X.RU/  | www.example.ru http://x.ru/
example.ru                    | example ru
http: //                      | http
#хэш_тег @канал               | хэш тег канал
18+ C+ A++B                   | 18 c a b
5G, МиГ-29, Т-34              | 5g миг-29 миг 29 т-34 т 34
10-летний                     | 10-летний 10 летний
A'                            | a
г.Барнаул,ул.Ленина           | г барнаул ул ленина
слово...слово                 | слово слово
—                             |
"""


@pytest.mark.parametrize("case", CASES.strip().splitlines())
def test_pieces(case: str) -> None:
    text, expected = (side.strip() for side in case.split("|"))
    assert [token.form for token in Analyzer().tokens(text)] == expected.split()


def test_marks_inside_a_word_belong_to_it() -> None:
    text = "за\u0301мок циф\u00adра\u00ad кофе\u0301."
    assert [token.text for token in Analyzer().tokens(text)] == [
        "за\u0301мок",
        "циф\u00adра",
        "кофе\u0301",
    ]


def test_a_form_is_cut_but_its_token_keeps_its_place() -> None:
    (token,) = Analyzer().tokens("а" * 1000)
    assert (token.end, token.form) == (1000, "а" * MAX_FORM)


def test_a_compound_without_end_has_all_its_parts_and_a_cut_whole() -> None:
    analysed = Analyzer().analyse("а-" * 1000)
    assert len(analysed.forms) == 1000
    assert [len(form) for _, form in analysed.compounds] == [MAX_FORM]


@pytest.mark.parametrize(
    ("piece", "tokens"),
    [
        ("a-", 20_000),
        ("a.", 20_000),
        ("a@", 20_000),
        ("@", 0),
        (".", 0),
        ("1,", 20_000),
        ("http://.", None),
        ("a@b-", None),
        ("\u00ad", 0),
        ("a\u00ad", 1),
    ],
)
def test_hostile_texts_are_read_to_the_end(piece: str, tokens: int | None) -> None:
    text = piece * 20_000 + " конец"
    analysed = Analyzer().analyse(text)
    assert analysed.forms[-1] == "конец"
    assert tokens is None or len(analysed.forms) == tokens + 1


def test_no_unbounded_repetition_gives_back_what_it_took() -> None:
    # Only the end of a URL is sought backwards, and no farther than 2,000 characters.
    bare = re.sub(r"\[(?:\\.|[^\]\\])*\]|\\.", "x", PIECE.pattern)
    possessive = re.compile(r"[*+?}]\+")
    assert possessive.search(bare)
    assert re.search(r"[*+]", possessive.sub("", bare)) is None


SCRAPS = "слово Слово 5 5.5 , . .. - ‑ @ : :// http www. + ++ # C ' ’ _ \u0301 \u00ad ( ) a.b"
WORDS = st.lists(st.sampled_from([*SCRAPS.split(), " ", "\n"]), max_size=12).map("".join)


@given(WORDS | st.text(max_size=40))
def test_the_short_way_for_lone_words_gives_the_same_pieces(text: str) -> None:
    lone, _, others = PIECE.pattern.partition("|(?:(?i:https")
    slow = re.compile(f"(?:(?i:https{others}")
    assert lone.startswith(r"[^\W\d_]++(?!")
    assert [m.span() for m in PIECE.finditer(text)] == [m.span() for m in slow.finditer(text)]
