"""Lemmas: which readings of a known word are kept, and what an unknown word may be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis import morphology
from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.dictionary import Dictionary, dictionary
from searchsvc.analysis.guessing import guessed
from searchsvc.analysis.paradigms import keys
from searchsvc.analysis.terms import Kind
from searchsvc.analysis.weighing import NEEDED

analyzer = Analyzer()

RUSSIAN = st.text("абвгдежзийклмнопрстуфхцчшщъыьэюя-'", min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("form", "lemmas"),
    [
        ("к", "к"),
        ("из", "из"),
        ("были", "быть"),
        ("времени", "время"),
        ("части", "часть"),
        ("минут", "минута"),
        ("пришли", "прийти"),
        ("иванов", "иванов"),
        ("путин", "путин"),
        ("см", "см"),
        ("род", "род"),
        ("напр", "напр"),
    ],
)
def test_improbable_readings_are_dropped(form: str, lemmas: str) -> None:
    assert analyzer.lemmas(form) == tuple(lemmas.split())


@pytest.mark.parametrize(
    ("form", "lemmas"),
    [
        ("стали", "стать сталь"),
        ("ели", "ель есть"),
        ("банка", "банк банка"),
        ("суда", "суд судно"),
        ("путина", "путин путина"),
        ("соловьев", "соловьев соловей"),
    ],
)
def test_probable_readings_are_kept_the_likeliest_first(form: str, lemmas: str) -> None:
    assert analyzer.lemmas(form) == tuple(lemmas.split())


@pytest.mark.parametrize(
    "form",
    ["мфц", "сво", "всу", "ес", "сша", "сми", "гибдд", "вднх", "цб", "мид", "рф", "чвк", "фсбу"],
)
def test_acronyms_are_themselves(form: str) -> None:
    assert analyzer.lemmas(form) == (form,)


@pytest.mark.parametrize(
    ("form", "lemma"),
    [("вуза", "вуз"), ("вузами", "вуз"), ("мрота", "мрот"), ("омоном", "омон"), ("тассу", "тасс")],
)
def test_acronyms_have_cases(form: str, lemma: str) -> None:
    assert lemma in analyzer.lemmas(form)


@pytest.mark.parametrize(
    ("form", "lemma"),
    [("2-я", "2-й"), ("20-м", "20-й"), ("1-ому", "1-й"), ("90-х", "90-й"), ("2000-е", "2000-й")],
)
def test_ordinals_in_digits_have_cases(form: str, lemma: str) -> None:
    assert analyzer.lemmas(form) == (lemma,)


@pytest.mark.parametrize("form", ["2-х", "10-ти", "223-фз", "5-ка", "19-95", "20000-й"])
def test_other_numbers_are_themselves(form: str) -> None:
    assert analyzer.lemmas(form) == (form,)


@pytest.mark.parametrize(
    ("form", "key"),
    [
        ("шольца", "шольц"),
        ("шольцем", "шольц"),
        ("мамнулу", "мамнул"),
        ("борреля", "боррель"),
        ("цоем", "цой"),
        ("цое", "цой"),
        ("зрюмовых", "зрюмов"),
        ("мурино", "мурин"),
        ("каховскому", "каховский"),
        ("синицкую", "синицкий"),
        ("лисовец", "лисовц"),
        ("коломоец", "коломойц"),
    ],
)
def test_cases_of_a_name_share_a_key(form: str, key: str) -> None:
    assert key in keys(form)


def test_a_word_without_endings_has_no_keys() -> None:
    assert keys("байден") == keys("хуснуллин") == keys("ну") == keys("мфц") == ()


@given(RUSSIAN)
def test_keys_never_repeat_the_form(form: str) -> None:
    found = keys(form)
    assert form not in found
    assert len(set(found)) == len(found) <= 6


@given(RUSSIAN)
def test_every_term_says_where_it_comes_from(form: str) -> None:
    reading = morphology.read(form)
    assert tuple(term.lemma for term in reading.terms) == analyzer.lemmas(form)
    assert reading.known is all(term.kind is Kind.KNOWN for term in reading.terms)
    assert all((term.kind is Kind.LITERAL) is (term.lemma == form) for term in reading.terms) or (
        reading.known
    )


def test_unknown_words_say_what_is_guessed_what_is_a_stem_and_what_the_word() -> None:
    kinds = {term.lemma: term.kind for term in morphology.read("шольцем").terms}
    assert kinds == {
        "шолец": Kind.GUESSED,
        "шольц": Kind.STEM,
        "шольцем": Kind.LITERAL,
    }


@pytest.mark.parametrize("form", ["шаром", "столом", "роса", "котом", "пера", "метала", "банком"])
def test_known_words_have_no_stems(form: str) -> None:
    assert {term.kind for term in morphology.read(form).terms} == {Kind.KNOWN}


@pytest.mark.parametrize(("form", "common"), [("халифой", "халиф"), ("кими", "кий")])
def test_an_unknown_word_is_no_case_of_a_common_one(form: str, common: str) -> None:
    assert not dictionary().knows(form)
    assert common not in analyzer.lemmas(form)


@pytest.mark.parametrize("form", ["-".join(["недо" * 9] * 5), "а-" + "небез" * 30])
def test_compounds_of_endless_prefixes_are_not_taken_apart(form: str) -> None:
    assert analyzer.lemmas(form) == (form,)


ENDLESS = ["недо" * 50, "небез" * 40, "-".join(["недо" * 6] * 5)]


@pytest.mark.parametrize("form", ENDLESS)
def test_prefixes_are_taken_off_a_bounded_number_of_times(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, parsed = Dictionary(portable=True), []
    parse = own._morph.parse
    monkeypatch.setattr(own._morph, "parse", lambda word: parsed.append(word) or parse(word))
    assert form in [term.lemma for term in guessed(form, own)]
    assert len(parsed) <= 1_000


@pytest.mark.parametrize("form", ENDLESS)
def test_compiled_too_and_each_part_once(form: str) -> None:
    own = Dictionary()
    if own._compounds is None:
        pytest.skip("the lexicon was not compiled")
    assert form in [term.lemma for term in guessed(form, own)]
    assert own._compounds._parts.cache_info().misses <= 100


def test_every_kind_of_reading_needs_a_share() -> None:
    assert all(0 < share <= 0.3 for share in NEEDED.values())


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Путина", "путин путиным путиных путиными"),
        ("путина", ""),
        ("Москвы", ""),
        ("Стали", ""),
        ("COVID", ""),
    ],
)
def test_a_capital_names_the_forms_that_only_the_name_has(text: str, forms: str) -> None:
    (token,) = analyzer.tokens(text)
    assert analyzer.name_forms(token) == tuple(forms.split())


@pytest.mark.parametrize(
    ("text", "lemmas"),
    [
        ("шпионов", "шпион"),
        ("Стрелков", "стрелок стрелков"),
        ("стрелков", "стрелок"),
        ("токаев", "токай токаев"),
        ("зрюмову", "зрюмов зрюмову"),
        ("стали", "стать сталь"),
    ],
)
def test_a_query_asks_for_a_surname_where_no_common_word_is_meant(text: str, lemmas: str) -> None:
    (token,) = analyzer.tokens(text)
    assert set(analyzer.sought(token)) == set(lemmas.split())


@pytest.mark.parametrize(
    ("text", "acronym"),
    [
        ("МОК", True),
        ("мок", False),
        ("Мок", False),
        ("США", False),
        ("МФЦ", False),
        ("ДОМА", False),
    ],
)
def test_capitals_make_an_acronym_of_another_words_form(text: str, acronym: bool) -> None:
    (token,) = analyzer.tokens(text)
    assert analyzer.is_acronym(token) is acronym
