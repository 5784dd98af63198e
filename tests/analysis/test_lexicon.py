"""The lexicon: what C reads in the dictionary's files is what pymorphy3 finds in them."""

from __future__ import annotations

import logging
from functools import cache
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from searchsvc.analysis import lexicon, morphology
from searchsvc.analysis.dictionary import Dictionary, dictionary
from searchsvc.analysis.lemmatising import _rules, lemmatised
from searchsvc.analysis.paradigms import keys

pytestmark = pytest.mark.skipif(lexicon.compiled is None, reason="the lexicon was not compiled")

LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
STEMS = ["город", "стол", "стекл", "черн", "мам", "пе", "ще", "зел", "вед", "котел", "бел", "еж"]
ENDINGS = ["", "а", "ом", "ями", "ого", "ейшими", "ее", "ешь", "лся", "ание", "ость", "енный", "ка"]
PREFIXES = ["", "по", "наи", "супер", "недо", "рос", "ё", "не", "экс-", "о", "вице-"]

made = st.tuples(*map(st.sampled_from, (PREFIXES, PREFIXES, STEMS, ENDINGS, ENDINGS))).map("".join)
words = st.text(LETTERS, min_size=1, max_size=12) | made
odd = st.text(LETTERS + "ёЁ-'5aа\u0301№\x00\x01:", max_size=70)
forms = words | odd
PARTS = ["онлайн", "человек", "горы", "по", "экс", "вице", "анти", "мэра", "росгвардией", "ка"]
PARTS += ["то", "черном", "уроков", "зрюмову", "недоросль", "д'арк", "не", "елке", "новому"]
compounds = st.lists(st.sampled_from(PARTS) | words, min_size=2, max_size=4).map("-".join)


@cache
def portable() -> Dictionary:
    return Dictionary(portable=True)


@settings(max_examples=400)
@given(forms)
@example("все")
@example("берет")
@example("передохнем")
@example("наилучшими")
@example("получше")
@example("человекогодам")
@example("а" * 300)
def test_readings_are_those_that_pymorphy_finds(form: str) -> None:
    assert dictionary().lemmas(form) == portable().lemmas(form)
    assert dictionary().readings(form) == portable().readings(form)


@settings(max_examples=200)
@given(forms | st.sampled_from(["в", "мой", "из-за", "правда", "тот", "какой", "когда"]))
def test_what_a_form_may_be_is_told_without_its_readings(form: str) -> None:
    wanted = morphology.FUNCTION_TAGS
    readings = portable().readings(form)
    may_be = any(not wanted.isdisjoint(reading.grammemes) for reading in readings)
    assert dictionary().may_be(form, wanted) == portable().may_be(form, wanted) == may_be


@settings(max_examples=400)
@given(words)
@example("росгвардией")
@example("поумнеелее")
@example("наикрутейшими")
@example("бутявкать")
@example("перестелешь")
@example("суперелка")
@example("еееееееее")
@example("щ" * 70 + "ами")
def test_guesses_and_their_order_and_shares_are_those_of_pymorphy(form: str) -> None:
    assert dictionary().guesses(form) == portable().guesses(form)


@given(st.lists(forms | compounds, max_size=8))
@example(["старше", "города", "токаев", "стали", "ё", "дома", "велика", "зрюмову", "covid-19"])
def test_many_forms_have_the_lemmas_of_each(several: list[str]) -> None:
    several = list(filter(None, several))
    expected = [morphology.lemmas(form) for form in several]
    assert told(dictionary(), several) == told(portable(), several) == expected


def told(own: Dictionary, several: list[str]) -> list[tuple[str, ...]]:
    lines = "\n".join(several).encode("utf-8", "surrogatepass")
    counts, found = lemmatised(lines, own, morphology.lemmas)
    lemmas = iter(found.decode("utf-8", "surrogatepass").split("\n"))
    return [tuple(islice(lemmas, count)) for count in counts.tolist()]


def test_only_what_is_no_plain_word_is_asked_one_by_one() -> None:
    several = ["мэра", "зрюмову", "росгвардией", "стали", "5g", "covid-19", "№", "\ud800"]
    others = ["старше", "е", "онлайн-урока", "д'арк", "2-я", "щ" * 65]
    asked: list[str] = []
    lines = "\n".join([*several, *others]).encode("utf-8", "surrogatepass")
    assert dictionary().bulk is not None
    lemmatised(lines, dictionary(), lambda form: asked.append(form) or (form,))
    assert asked == others


def test_rules_of_another_dictionary_are_refused() -> None:
    bulk = dictionary().bulk
    assert bulk is not None
    rules = list(_rules(dictionary()))
    for place, wrong in enumerate((b"\xff" * len(bulk.tags), b"", b"", b"", b"", b"\0")):
        damaged = (*rules[:place], wrong, *rules[place + 1 :])
        with pytest.raises(ValueError, match="do not fit"):
            bulk.lexicon.lemmatise("мэр".encode(), damaged, keys, morphology.lemmas)


def test_what_python_raises_is_raised() -> None:
    bulk = dictionary().bulk
    assert bulk is not None
    for keys_of, ask in ((keys, len), (len, morphology.lemmas)):
        with pytest.raises(TypeError):
            bulk.lexicon.lemmatise("а-б\nзрюмову".encode(), _rules(dictionary()), keys_of, ask)


@given(words)
@example("были")
@example("стали")
def test_what_was_not_counted_has_no_share(form: str) -> None:
    shares = [portable().share(form, reading) for reading in portable().readings(form)]
    assert dictionary().counted(form) or not any(shares)


def test_a_word_with_counts_is_counted_and_another_is_not() -> None:
    assert dictionary().counted("были")
    assert not dictionary().counted("зрюмов")


def files() -> Any:
    return dictionary()._morph.dictionary


@pytest.mark.parametrize("size", [0, 4, 11, 1_000, 100_000])
def test_files_cut_off_are_left_to_pymorphy(
    size: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for path in Path(files().path).iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes()[:size])
    found = SimpleNamespace(
        path=str(tmp_path),
        paradigms=files().paradigms,
        gramtab=files().gramtab,
        suffixes=files().suffixes,
        paradigm_prefixes=files().paradigm_prefixes,
    )
    with caplog.at_level(logging.WARNING):
        assert lexicon.opened(found, PREFIXES) is None
    assert "slowly" in caplog.text


@pytest.mark.parametrize("missing", ["suffixes", "gramtab", "paradigm_prefixes"])
def test_paradigms_that_point_outside_are_refused(
    missing: str, caplog: pytest.LogCaptureFixture
) -> None:
    parts = {
        "path": files().path,
        "paradigms": files().paradigms,
        "gramtab": files().gramtab,
        "suffixes": files().suffixes,
        "paradigm_prefixes": files().paradigm_prefixes,
    }
    parts[missing] = parts[missing][:1]
    assert lexicon.opened(SimpleNamespace(**parts), PREFIXES) is None
    assert "do not fit" in caplog.text


def test_a_form_is_a_text() -> None:
    found = lexicon.opened(files(), PREFIXES)
    assert found is not None
    for ask in (
        found.lemmas,
        found.readings,
        found.counted,
        found.parses,
        found.guessed,
        found.guesses,
    ):
        with pytest.raises(TypeError, match="text"):
            ask(b"form")


def parsed(own: Dictionary, form: str) -> list[tuple[str, float]]:
    return [(lemma.replace("ё", "е"), score) for lemma, score in own._parsed(form)]


@settings(max_examples=400)
@given(compounds)
@example("человека-горы")
@example("онлайн-уроками")
@example("экс-вице-премьера-министра")
@example("недоросль-матери")
@example("смотри-ка")
@example("по-новому-то")
@example("по-зрюмовски")
@example("анти-елка-елке")
@example("недо-недо-недоедаю")
@example("ж-щ")
@example("-а-")
@example("-".join(["информационно"] * 6))
def test_compounds_are_taken_apart_as_pymorphy_does(form: str) -> None:
    assert parsed(dictionary(), form) == parsed(portable(), form)
