"""The scanner: compiled or not, it reads what the tokenizer's rules say, text by text."""

from __future__ import annotations

import random
import re
import sys
import threading
import time
from array import array
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.analysis import classes
from searchsvc.analysis import scanner as module
from searchsvc.analysis.analyzer import AnalysedText, Analyzer
from searchsvc.analysis.folding import fold
from searchsvc.analysis.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Sequence

SCRAPS = """
онлайн-сервис 223-ФЗ Моcква за\u0301мок 5.5 5,5 1,2,3 19.02.2021 a@b.ru _a-@b.ru а-5,5 а--б
5,5а 5.5,5 5,5.5 5,5-5 5,5_ 5.5а@б.рф 5,5.а 5,5\u0301 ,5,5 5.,5 ٣.٤,5
ТАСС.Мэр а.б.в@г.рф а.@б.рф wa.b Www.b а-б.в а5.б
www.a.ru/б ftp://х.рф/?a=1 http://\ud83d\ude00 C++ С++- С# О’Нил О’ №5 10:50 а:/б 1\u00a0000
İ ſs й и\u0306 Ё ё\u0308 ² Ⅷ ٣٤ ٣,٤ 5٣ ة \u0345 ᾳ 語 𝒜𝒷 \U00020000 \U0001f600 🇷🇺 \ud800 \x00 x\x00y
10.09.2007 10.9.2007г 1.2.3-я 1.2.3@б.ру 1.2.3,4 1.2.3_ 5.Мэр 5-5.а 5.а@б.рф
Levi's Д’Анджело О’н’и О’нил-а О’н@б.ру
а\u00adб а\u200bб а\u2011б а\u2010- -а ‑а а_б _а а.б а. а.@ а+ а# а#б а+б 5А А5 aа аa SMSки COVID-19
"""
ODD = SCRAPS.split()
SIGNS = [*" \n\t.,:;-—'’@+#/_5аБёLx", "\u0301", "\u00ad", "\u200b", "\u2060"]
PIECES = st.sampled_from([*ODD, *SIGNS])
TEXTS = st.text(max_size=80) | st.lists(PIECES, max_size=16).map("".join)
LONG = st.tuples(st.sampled_from([*ODD, "а", "а-", "5,", "5.", "a.", "а’", "ё\u0301"]), PIECES).map(
    lambda pair: pair[0] * 230 + pair[1]
)

plain = Scanner(portable=True)
fast = Scanner()


def spelled(scanner: Scanner, text: str, known: Sequence[str] = ()) -> AnalysedText:
    scan = scanner.scan(text)
    every = [*known, *scanner.forms]
    forms = [every[number] for number in scan.forms]
    compounds = [(int(place), every[form]) for place, form in scan.compounds]
    return AnalysedText(forms, scan.starts.tolist(), scan.ends.tolist(), compounds)


def test_it_is_compiled_where_the_tests_run() -> None:
    if module.compiled is None:
        pytest.skip("no compiler was there at installation")
    assert fast._compiled is not None
    assert plain._compiled is None


@given(TEXTS | LONG)
@settings(max_examples=1000)
def test_both_ways_read_what_the_analyzer_reads(text: str) -> None:
    expected = Analyzer().analyse(text)
    assert spelled(plain, text) == expected
    assert spelled(fast, text) == expected


@given(TEXTS | LONG)
def test_parts_of_the_answer_are_the_whole_answer(text: str) -> None:
    for scanner in (plain, fast):
        scan = scanner.scan(text)
        assert scanner.terms(text) == (scan.forms.tobytes(), scan.compounds.tobytes())
        starts, ends = scanner.places(text)
        assert (starts.tolist(), ends.tolist()) == (scan.starts.tolist(), scan.ends.tolist())


@given(TEXTS | LONG, st.integers(0, 20))
def test_the_first_places_are_those_of_the_whole_text(text: str, most: int) -> None:
    for scanner in (plain, fast):
        every, some = scanner.places(text), scanner.places(text, most)
        assert min(most, len(every[0])) <= len(some[0]) <= len(every[0])
        for whole, first in zip(every, some, strict=True):
            assert whole.tolist()[: len(first)] == first.tolist()


needs_compiled = pytest.mark.skipif(
    module.compiled is None, reason="the compiled scanner is what is tried"
)
TOKENS = st.sets(st.integers(0, 60)) | st.just(set(range(300)))


def some(scanner: object, text: str, tokens: set[int]) -> list[int]:
    given = scanner.some(text, array("i", sorted(tokens)).tobytes())  # type: ignore[attr-defined]
    if given is None:
        assert ord(max(text)) >= classes.SPAN
        return expected(text, tokens)
    return memoryview(given).cast("i").tolist()


def expected(text: str, tokens: set[int]) -> list[int]:
    starts, ends = plain.places(text)
    pairs = zip(starts, ends, strict=True)
    return [place for token, pair in enumerate(pairs) if token in tokens for place in pair]


@needs_compiled
@given(st.integers(0, 140), st.lists(TEXTS | st.just("мэр города "), max_size=5), TOKENS)
@settings(max_examples=1000)
def test_some_places_are_the_same_wherever_64_letters_part_a_text(
    before: int, pieces: list[str], tokens: set[int]
) -> None:
    text = ("онлайн-мэр Москвы, " * 9)[:before] + "".join(pieces)
    assert some(fast._compiled, text, tokens) == expected(text, tokens)


@needs_compiled
@pytest.mark.parametrize("before", range(70))
def test_a_word_may_turn_out_to_be_an_address_in_the_next_letters(before: int) -> None:
    text = f"{'а' * before} б-{'в' * 50}-г@д.рф мэр"
    for tokens in ({0}, {1}, {2}, {0, 1, 2, 3}):
        assert some(fast._compiled, text, tokens) == expected(text, tokens)


@needs_compiled
@given(LONG, TOKENS)
def test_some_places_are_the_same_in_long_words(text: str, tokens: set[int]) -> None:
    assert some(fast._compiled, text, tokens) == expected(text, tokens)


@needs_compiled
@given(st.lists(PIECES, max_size=40).map("".join), TOKENS)
@settings(max_examples=500)
def test_some_places_are_the_same_by_a_table_of_unusual_letters(
    text: str, tokens: set[int]
) -> None:
    known = re.sub("[^\0-\u0451]", " ", text)
    tables = classes.tables()
    tables = tables._replace(classes=tables.classes[:0x452])
    short = module.compiled.Scanner(*tables, 1, b"", {}, plain._asked)
    assert some(short, known, tokens) == expected(known, tokens)


@needs_compiled
@pytest.mark.parametrize("tokens", [[1, 1], [1, 0], [-1], [0, 2, 1]])
def test_tokens_are_asked_for_in_their_order(tokens: list[int]) -> None:
    with pytest.raises(ValueError, match="ascending"):
        fast._compiled.some("мэр", array("i", tokens).tobytes())
    for wrong in ((), ("мэр", b"123"), ("мэр", ""), (b"\1", None), (1, b"")):
        with pytest.raises((TypeError, ValueError)):
            fast._compiled.some(*wrong)


def test_a_text_is_not_read_behind_the_places_that_are_wanted() -> None:
    for scanner in (plain, fast):
        assert scanner.places("мэр Москвы сказал " * 9, 2)[0].tolist() == [0, 4]


@pytest.mark.parametrize("word", ODD)
def test_odd_words_are_read_alike_between_plain_ones(word: str) -> None:
    for text in (word, f"мэр {word} Москвы", f"мэр{word}Москвы", f"5{word},6", f"-{word}."):
        assert spelled(fast, text) == spelled(plain, text) == Analyzer().analyse(text)


def test_the_analyzer_gives_the_offsets_of_its_tokens() -> None:
    text = "Онлайн-сервис «Катунь 24» за 5,5 % — Моcква"
    starts, ends = Analyzer().offsets(text)
    found = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    assert found == ["Онлайн", "сервис", "Катунь", "24", "за", "5,5", "Моcква"]


def test_a_form_keeps_its_number_and_new_ones_follow() -> None:
    for scanner in (Scanner(), Scanner(portable=True)):
        first = scanner.scan("Мэр и мэр").forms.tolist()
        second = scanner.scan("и мэры Моcквы").forms.tolist()
        assert (first, second) == ([0, 1, 0], [1, 2, 3])
        assert scanner.forms == ["мэр", "и", "мэры", "москвы"]


def test_a_vocabulary_may_be_large() -> None:
    words = [f"{number}а" for number in range(40_000)]
    scanner = Scanner()
    random.Random(1).shuffle(words)
    numbers = scanner.scan(" ".join(words)).forms.tolist()
    assert numbers == list(range(40_000))
    assert scanner.scan(" ".join(reversed(words))).forms.tolist() == numbers[::-1]
    assert scanner.forms == words


@pytest.mark.parametrize("portable", [False, True])
def test_threads_may_share_one(*, portable: bool) -> None:
    texts = [" ".join(f"{word}{n}" for n in range(300)) for word in ("а", "ё", "а’б", "Моcква")]
    scanner = Scanner(portable=portable)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=scanner.scan, args=(text,)) for text in texts * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert len(scanner.forms) == len(set(scanner.forms)) == 1200
    assert spelled(scanner, texts[2]) == Analyzer().analyse(texts[2])


def test_every_plain_letter_folds_as_it_does_alone() -> None:
    folded = memoryview(classes.tables().folded).cast("H")
    for code, lower in enumerate(folded):
        if lower:
            assert chr(lower) == fold(chr(code))


@pytest.mark.skipif(module.compiled is None, reason="the compiled scanner is what is tried")
@pytest.mark.parametrize(
    "answer",
    [None, (1,), (0, "а", None), (99, "а", None), (1, 5, None), (1, "а", 5), (1, "а", (5,)),
     (1, "а", ((0, 9, "а"),)), (1, "а", ((-1, 1, "а"),)), (1, "а", ((1, 1, "а"),))],
)  # fmt: skip
def test_what_it_is_told_of_a_piece_is_not_trusted(answer: object) -> None:
    tables = classes.tables()
    wrong = module.compiled.Scanner(*tables, 1, b"", {}, lambda text, start: answer)  # type: ignore[arg-type]
    with pytest.raises((TypeError, ValueError)):
        wrong.scan("а_")


NARROW = classes.tables().narrow


@pytest.mark.skipif(module.compiled is None, reason="the compiled scanner is what is tried")
def test_short_tables_are_not_read_beyond_their_end() -> None:
    short = module.compiled.Scanner(
        b"\x01" * 100, b"", NARROW, 1, b"", {}, lambda text, start: (1, "x", None)
    )
    assert short.scan("мэр") is None
    assert short.terms("a") is not None
    assert short.terms("мэр".encode("cp1251")) is None
    assert module.compiled.Scanner(b"", b"\1\1\1", NARROW, 1, b"", {}, print).scan("a") is None
    with pytest.raises(ValueError, match="code points"):
        module.compiled.Scanner(b"", b"", NARROW[1:], 1, b"", {}, print)


@given(st.lists(PIECES, max_size=12).map("".join), st.booleans())
def test_bytes_have_the_forms_of_their_text(text: str, portable: bool) -> None:
    data = text.encode("cp1251", "ignore")
    scanner = Scanner(portable=portable)
    assert scanner.terms(data) == scanner.terms(data.decode("cp1251"))


@given(st.lists(PIECES, max_size=12).map("".join), st.booleans())
def test_forms_that_are_known_keep_their_numbers(text: str, portable: bool) -> None:
    first = Scanner(portable=True)
    first.scan(text)
    known = [*first.forms[::-1], "мэр", "\U0001f600" * 3, "я" * 300]
    known = list(dict.fromkeys(known))
    scanner = Scanner("\n".join(known).encode("utf-8", "surrogatepass"), portable=portable)
    assert [scanner._number(form) for form in known] == list(range(len(known)))
    assert spelled(scanner, text, known) == spelled(first, text)
    assert scanner.forms == []
    scanner.scan("никем-невиданное")
    assert scanner.forms == ["никем-невиданное", "никем", "невиданное"]
    assert len(scanner) == len(known) + 3


@pytest.mark.skipif(module.compiled is None, reason="the compiled one is what is tried")
@given(st.binary(max_size=60))
def test_known_forms_that_are_no_texts_do_no_harm(lines: bytes) -> None:
    try:
        scanner = Scanner(lines)
    except UnicodeDecodeError:
        return
    assert scanner.scan("мэр").forms.tolist() == [len(scanner) - 1 if scanner.forms else 0]


@pytest.mark.parametrize("portable", [False, True])
def test_new_forms_come_as_lines_from_any_of_them_on(*, portable: bool) -> None:
    scanner = Scanner("мэр".encode(), portable=portable)
    odd = ["語" * 9, "\U0001d41a", "ё" * 300, "мэр-мэр"]
    scanner.scan(" ".join([*odd, *odd, "мэр", "Снег"]))
    assert scanner.forms == ["語" * 9, "\U0001d41a", "е" * 200, "мэр-мэр", "снег"]
    assert scanner.lines(len(scanner) - scanner.known - 1) == "снег".encode()
    assert scanner.lines(len(scanner) - scanner.known) == b""


@needs_compiled
@pytest.mark.parametrize("first", [-1, 1, 1 << 70])
def test_lines_that_are_not_there_are_refused(first: int) -> None:
    with pytest.raises((ValueError, OverflowError)):
        Scanner().lines(first)


@pytest.mark.skipif(module.compiled is None, reason="the compiled one is what is tried")
def test_nobody_can_make_forms_that_are_looked_for_in_one_place() -> None:
    """A secret does not help where what differs is not mixed with it: 100 times as long."""
    letters = [chr(code) for code in range(0x4E00, 0x9F00)]
    alike, others = ([f"abc{each}" for each in letters], [f"{each}abc" for each in letters])
    usual = seconds(others)
    assert seconds(alike) < 10 * usual


def seconds(forms: list[str]) -> float:
    """Measure how long it takes to begin with forms."""
    lines = "\n".join(forms).encode()
    begun = time.thread_time()
    Scanner(lines)
    return time.thread_time() - begun
