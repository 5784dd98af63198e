"""The parser: any text is a query, what is ignored is said, what is too much is refused."""

from __future__ import annotations

import os
import random
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from meaning import understand

from searchsvc.config import Settings
from searchsvc.errors import QueryError
from searchsvc.query import parser
from searchsvc.query.limits import Limits
from searchsvc.query.parser import parse
from searchsvc.query.syntax import Conjunction, Negation, Term

FREE = Limits(length=10**9, words=10**9, depth=100, expansions=200)

PIECES = [
    *'abЯё57 \t()()""|-!~*?:./,«»&_\'+#%@…\u0301\u00ad\ufeff\u00a0²',
    *(" AND ", " OR ", " ИЛИ ", " НЕ ", "NOT ", " И ", "И", " NEAR/5 ", "NEAR/0", "РЯДОМ/999 "),
    *("&&", " && ", "~2", '"~5', "заголовок:", "title:", "источник: ", "автор:(", "!автор:"),
    *("дата:", "дата:2021", "после:2021-13", "до:01.02.2021", "2021..2020", "Итого:"),
    *(
        "мэр",
        "здрав*",
        "м?сква",
        "Собянен~",
        "223-ФЗ",
        "C++",
        "и/или",
        "www.a.ru/",
        "в",
        " -",
        " !",
    ),
]
queries = st.text(max_size=80) | st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


def round_trip(text):
    parsed = parse(text, FREE)
    again = parse(parsed.interpreted, FREE)
    assert again.tree == parsed.tree, (text, parsed.interpreted)
    assert again.interpreted == parsed.interpreted
    return parsed


@given(queries)
@example("«OR» мэр")
@example("И. И. Иванов")
@example('-"" мэр')
@example("слово~5~ здрав*~ OR*")
@example("мир (И) война")
@example("НЕ --слово")
@example("заголовок:(автор:(а | -б) -в) NEAR/5 г")
def test_any_text_parses_and_its_interpretation_parses_to_the_same(text):
    round_trip(text)


WORDS = st.lists(st.sampled_from(["мэр", "край", "И", "НЕ", "ё", "б"]), max_size=4).map(" ".join)


@given(st.lists(WORDS, min_size=1, max_size=5), st.sampled_from(["|", " | ", "||", " |"]))
def test_words_between_bars_are_read_as_between_parentheses(sides, bar):
    plain, grouped = parse(bar.join(sides), FREE), parse(f"({bar.join(sides)})", FREE)
    assert (plain.tree, plain.interpreted) == (grouped.tree, grouped.interpreted)
    assert set(plain.warnings) == set(grouped.warnings) - {str(parser.Problem.EMPTY_GROUP)}


@given(WORDS | st.text(alphabet='аИ "!|é\u0301', max_size=8))
def test_words_in_quotes_are_read_as_between_parentheses(words):
    plain, grouped = parse(f'"{words}"', FREE), parse(f'("{words}")', FREE)
    assert (plain.tree, plain.interpreted) == (grouped.tree, grouped.interpreted)
    assert set(plain.warnings) == set(grouped.warnings) - {str(parser.Problem.EMPTY_GROUP)}


@given(queries)
@settings(max_examples=200)
def test_any_text_is_understood(analyzer, text):
    understood = understand(text, analyzer, FREE)
    assert hash(understood.node) == hash(understand(text, analyzer, FREE).node)


@given(queries)
def test_text_within_the_limits_is_no_error(text):
    parse(text, Limits(length=len(text), words=len(text), depth=text.count("(")))


@pytest.mark.prove
def test_random_strings_of_operators_round_trip():
    seed = int(os.environ.get("SEARCHSVC_SEED", "1"))
    many = 100_000 if os.environ.get("SEARCHSVC_PROVE") else 2_000
    print(f"seed {seed}, {many} strings")
    rng = random.Random(seed)
    for _ in range(many):
        round_trip("".join(rng.choices(PIECES, k=rng.randint(1, 30))))


@pytest.mark.parametrize(
    ("typed", "interpreted"),
    [
        ("  мэр   Москвы ", "мэр Москвы"),
        ("(мэр Москвы)", "мэр Москвы"),
        ("((мэр)) (края области)", "мэр края области"),
        ("край ИЛИ область OR село", "край | область | село"),
        ("(мэр край) | область", "мэр край | область"),
        ("мэр НЕ край", "мэр -край"),
        ("title:(мэр | !края)", "заголовок:мэр | заголовок:!края"),
        ('"Мэр,  Москвы!"~5', '"Мэр Москвы"~5'),
        ("мэр мэр", "мэр"),
        ("-(-мэр)", "мэр"),
        ("Собянен~1 Собянен~2", "Собянен~ Собянен~2"),
        ("мэр РЯДОМ/5 (края|села)", "мэр NEAR/5 (края | села)"),
        ("Кто победил?", "Кто победил"),
        ("источник:ТАСС after:2021", "источник:ТАСС после:2021-01-01"),
        ("?!", ""),
    ],
)
def test_the_interpretation_is_one_normal_spelling(typed, interpreted):
    assert round_trip(typed).interpreted == interpreted


@pytest.mark.parametrize(
    ("typed", "warning"),
    [
        ('15" монитор', "Кавычка без пары пропущена"),
        ('мэр ""', "Пустые кавычки пропущены"),
        ('мэр "!?"', "Пустые кавычки пропущены"),
        ("мэр)", "Лишняя скобка пропущена"),
        ("мэр :(", "Лишняя скобка пропущена"),
        ("((((((((((((((((((((", "Лишняя скобка пропущена"),
        ("(мэр | край", "Скобка не закрыта: группа продолжена до конца запроса"),
        ("мэр ()", "Пустые скобки пропущены"),
        ("мэр |", "Оператор «|» пропущен: рядом с ним нет слова"),
        ("OR мэр", "Оператор «OR» пропущен: рядом с ним нет слова"),
        ("мэр AND", "Оператор «AND» пропущен: рядом с ним нет слова"),
        ("мэр НЕ", "Оператор «НЕ» пропущен: рядом с ним нет слова"),
        ("NEAR/5 мэр", "Оператор «NEAR/5» пропущен: рядом с ним нет слова"),
        ("мэр NEAR/5", "Оператор «NEAR/5» пропущен: рядом с ним нет слова"),
        ("мэр NEAR/0 края", "Расстояние 0 невозможно, взято 1"),
        ("мэр NEAR/500 края", "Расстояние 500 слишком велико, взято 100"),
        ('"мэр края"~500', "Расстояние 500 слишком велико, взято 100"),
        (
            "мэр NEAR/5 -края",
            "NEAR соединяет слова, маски и фразы одного поля; здесь он заменён на «и»",
        ),
        (
            "мэр NEAR/5 заголовок:края",
            "NEAR соединяет слова, маски и фразы одного поля; здесь он заменён на «и»",
        ),
        (
            "зд*",
            "Звёздочка в «зд*» пропущена: перед ней нужно не меньше трёх букв одного слова",
        ),
        (
            "2*2",
            "Звёздочка в «2*2» пропущена: перед ней нужно не меньше трёх букв одного слова",
        ),
        ("ор~", "Знак ~ в «ор~» пропущен: он ставится сразу после слова от трёх букв"),
        ("бор~2", "Для «бор» допущена одна опечатка: для двух нужно слово от пяти букв"),
        ("Собянен~3", "Для «Собянен» допущены две опечатки: больше нельзя"),
        (
            "!здрав*",
            "Знак ! пропущен: он ставится только перед словом или фразой в кавычках",
        ),
        (
            "источник: ТАСС",
            "«источник:» действует только вплотную к значению, без пробела; найдено как слово",
        ),
        ("*", "Звёздочка пропущена: она ставится сразу после начала слова"),
        ("-*", "Звёздочка пропущена: она ставится сразу после начала слова"),
        ("мэр *", "Звёздочка пропущена: она ставится сразу после начала слова"),
        ("*сква", "Звёздочка пропущена: она ставится сразу после начала слова"),
        ('"мэр * края"', "Звёздочка пропущена: она ставится сразу после начала слова"),
        ("?осква", "Знак ? пропущен: он заменяет букву внутри слова, но не первую"),
        ("-?осква", "Знак ? пропущен: он заменяет букву внутри слова, но не первую"),
        ('"мэр ?осквы"', "Знак ? пропущен: он заменяет букву внутри слова, но не первую"),
        ("~", "Знак ~ пропущен: он ставится сразу после слова или фразы в кавычках"),
        ("~мэр", "Знак ~ пропущен: он ставится сразу после слова или фразы в кавычках"),
        ("мэр ~2", "Знак ~ пропущен: он ставится сразу после слова или фразы в кавычках"),
        ('"мэр края" ~5', "Знак ~ пропущен: он ставится сразу после слова или фразы в кавычках"),
        ('"мэр края"~', 'Знак ~ после фразы пропущен: за ним ставится расстояние: "…"~5'),
        ('"мэр края"~ маяк', 'Знак ~ после фразы пропущен: за ним ставится расстояние: "…"~5'),
        ("мэр NEAR Москва", "NEAR пишется с расстоянием: NEAR/5; здесь найдено как слово"),
        ("-NEAR мэр", "NEAR пишется с расстоянием: NEAR/5; здесь найдено как слово"),
        ("загаловок:мэр", "Поля «загаловок:» нет; найдено как текст"),
        ("тема:2021", "Поля «тема:» нет; найдено как текст"),
        ("Тема:(мэр | край)", "Поля «Тема:» нет; найдено как текст"),
        ('тема:"мэр края"', "Поля «тема:» нет; найдено как текст"),
        ("дата:2021-13", "Дата в «дата:2021-13» не распознана; найдено как текст"),
    ],
)
def test_what_is_ignored_is_said(typed, warning):
    assert parse(typed, Limits()).warnings == (warning,)


@pytest.mark.parametrize(
    "typed",
    [
        "Ура! мэр - это мэр?",
        "«Катунь 24» № 223-ФЗ 5,5% C++",
        "http://example.ru Итого: 10:50",
        'Что ? Где? "Когда"?да счёт: 2:1 тема:',
        "и/или т. е. a && b",
        "И. И. Иванов И другие И",
        "Meta* ВОЙНА И МИР",
        "",
    ],
)
def test_ordinary_text_has_no_warnings(typed):
    assert parse(typed, Limits()).warnings == ()


def test_operators_in_words_are_upper_case_only():
    assert parse("not or и или не", Limits()).tree == Conjunction(
        tuple(map(Term, ("not", "or", "и", "или", "не")))
    )


def test_a_minus_after_an_opening_parenthesis_excludes():
    assert parse("(-мэр)", Limits()).tree == Negation(Term("мэр"))


@pytest.mark.parametrize(
    ("text", "limit", "value"),
    [
        ("а" * 501, 500, 501),
        (" ".join(map(str, range(33))), 32, 33),
        ('"' + " ".join(map(str, range(33))) + '"', 32, 33),
        ('"' + " ".join("а" * 33) + '"', 32, 33),
        (" | ".join("а" * 33), 32, 33),
        (",".join("а" * 33), 32, 33),
        ("дата:2021 " * 33, 32, 33),
        ("(" * 11 + "а" + ")" * 11, 10, 11),
        ("(" * 11 + "а", 10, 11),
        ("-".join("а" * 129), 128, 129),
        ("!".join("а" * 33), 32, 33),
    ],
)
def test_too_much_is_refused_with_the_limit_and_the_value(text, limit, value):
    with pytest.raises(QueryError) as caught:
        parse(text, Limits())
    assert (caught.value.parameter, caught.value.limit, caught.value.value) == ("q", limit, value)


@pytest.mark.parametrize(
    "text",
    [
        "а" * 500,
        " ".join(map(str, range(32))),
        ",".join("а" * 32),
        " ".join(["Ростов-на-Дону"] * 32),
        "https://example.ru/?" + "&".join(map(str, range(50))),
        "(" * 10 + "а" + ")" * 10,
        ")" * 500,
        "(" * 500,
        "- " * 250,
        "|" * 500,
        "НЕ " * 166,
        "мэр NEAR/" + "9" * 480 + " края",
    ],
)
def test_what_is_just_within_the_limits_parses(text):
    assert parse(text, Limits()).tree is not None


def test_limits_come_from_the_settings():
    limits = Limits.of(Settings(query_length=7, query_words=2, query_depth=3, expansions=9))
    assert limits == Limits(length=7, words=2, depth=3, expansions=9)


def steps(text):
    """Count the lines of Python that run while a text is parsed."""
    count = 0

    def trace(frame, event, arg):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        parse(text, FREE)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    "piece",
    [
        "мэр{} ",
        '"мэр{} края" ',
        "НЕ ",
        "-",
        "(мэр{}) | ",
        "мэр{} NEAR/5 ",
        "заголовок:",
        "здр{}* ",
        "а{}~",
        "«.",
        "&&",
        "дата:2021.. ",
        ") ",
        '"',
        "!",
        "И ",
    ],
)
def test_steps_grow_in_line_with_the_length(piece):
    short, long = ("".join(piece.format(n) for n in range(many)) for many in (100, 400))
    assert steps(long) <= 4.2 * steps(short) + 200


@given(
    st.lists(st.sampled_from(["мэр", "Москвы", "ёлка", "е\u0308лка", "И", "НЕ", "и", "C", "２"]))
)
def test_a_query_of_words_alone_needs_no_parser(words):
    text = "\t ".join(words)
    with pytest.MonkeyPatch.context() as whole:
        whole.setattr(parser, "_plain", lambda _: None)
        longer = parse(text, FREE)
    assert parse(text, FREE) == longer


def test_a_query_of_words_alone_has_its_limit():
    with pytest.raises(QueryError, match="length is 4 words, at most 3"):
        parse("я " * 4, Limits(words=3))
