"""The analyzer: tokens, positions, offsets, lemmas."""

import pickle
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis import analyzer as module
from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.folding import fold
from searchsvc.analysis.terms import Kind

analyzer = Analyzer()

SCRAPS = (
    "онлайн-сервис 223-ФЗ Моcква за\u0301мок 5.5 1,2,3 a@b.ru www.a.ru/б C++ О’Нил - ‑ . , ² İ й"
)
TEXTS = st.text(max_size=60) | st.lists(
    st.sampled_from([*SCRAPS.split(), " ", "\n", "\u00ad", "\u200b", "е\u0308"]), max_size=12
).map("".join)

FUNCTION_WORDS = """
в на из-за благодаря и или что чтобы не бы ли даже он себя кто-то который мой этот все
где когда почему зачем куда откуда сколько сколькими какой насколько ничего еще только
"""
CONTENT_WORDS = """
мэр стали банка правда путем фон возможно значит один-единственный быть есть пять нет год
зрюмов covid the 5 и@и.рф
"""


@given(TEXTS)
def test_offsets_cut_the_surface_form_out_of_the_text(text: str) -> None:
    for token in analyzer.tokens(text):
        assert token.start < token.end
        assert text[token.start : token.end] == token.text
        assert token.form
        assert fold(token.form) == token.form


@given(TEXTS)
def test_positions_are_dense_and_never_go_back(text: str) -> None:
    tokens = analyzer.tokens(text)
    assert [t.position for t in tokens] == sorted(t.position for t in tokens)
    assert {p for t in tokens for p in range(t.position, t.position + t.span)} == set(
        range(sum(t.span == 1 for t in tokens))
    )


@given(TEXTS)
def test_single_tokens_do_not_overlap(text: str) -> None:
    single = [token for token in analyzer.tokens(text) if token.span == 1]
    assert all(a.end <= b.start for a, b in pairwise(single))


@given(TEXTS)
def test_bulk_analysis_agrees_with_tokens(text: str) -> None:
    tokens, analysed = analyzer.tokens(text), analyzer.analyse(text)
    single = [token for token in tokens if token.span == 1]
    assert analysed.forms == [token.form for token in single]
    assert analysed.starts == [token.start for token in single]
    assert analysed.ends == [token.end for token in single]
    assert analysed.compounds == [(t.position, t.form) for t in tokens if t.span > 1]


@given(st.text("абеёий ЁЙ-\u00ad", max_size=30))
def test_a_decomposed_text_has_the_same_forms(text: str) -> None:
    assert (
        analyzer.analyse(unicodedata.normalize("NFD", text)).forms == analyzer.analyse(text).forms
    )


def test_a_whole_compound_stands_where_its_first_part_stands() -> None:
    tokens = analyzer.tokens("в Ростове-на-Дону мэр")
    assert [(t.text, t.position, t.span) for t in tokens] == [
        ("в", 0, 1),
        ("Ростове-на-Дону", 1, 3),
        ("Ростове", 1, 1),
        ("на", 2, 1),
        ("Дону", 3, 1),
        ("мэр", 4, 1),
    ]


@pytest.mark.parametrize(
    ("form", "lemmas"),
    [
        ("цифровизации", "цифровизация цифровизации"),
        ("цифровизация", "цифровизация"),
        ("собянину", "собянин"),
        ("поликлиники", "поликлиника"),
        ("здравоохранения", "здравоохранение"),
        ("губернатору", "губернатор"),
        ("петербурга", "петербург"),
        ("мэру", "мэр"),
        ("стали", "стать сталь"),
        ("банка", "банк банка"),
        ("люди", "человек"),
        ("шел", "идти"),
        ("полет", "полет полоть"),
        ("все", "все весь"),
        ("онлайн-сервисов", "онлайн-сервис"),
        ("ростове-на-дону", "ростов-на-дону"),
        ("санкт-петербургу", "санкт-петербург"),
        ("мфц", "мфц"),
        ("сво", "сво"),
        ("всу", "всу"),
        ("емиас", "емиас"),
        ("223-фз", "223-фз"),
        ("covid-19", "covid-19"),
        ("5,5", "5,5"),
        ("news", "news"),
        ("5g", "5g"),
        ("press@example.ru", "press@example.ru"),
        ("https://пример.рф/стали", "https://пример.рф/стали"),
        ("київ", "київ"),
    ],
)
def test_lemmas(form: str, lemmas: str) -> None:
    assert analyzer.lemmas(form) == tuple(lemmas.split())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("зрюмов", "зрюмова"),
        ("дороганов", "дороганову"),
        ("цифровизации", "цифровизация"),
        ("мфц", "мфц"),
        ("стали", "сталь"),
        ("стали", "стала"),
        ("полет", "полета"),
    ],
)
def test_forms_of_one_word_meet_in_a_lemma(one: str, other: str) -> None:
    assert set(analyzer.lemmas(one)) & set(analyzer.lemmas(other))


@given(st.text("абвгдежзийклмнопрстуфхцчшщъыьэюя-'", min_size=1, max_size=30))
def test_an_unknown_word_is_its_own_lemma(form: str) -> None:
    lemmas = analyzer.lemmas(form)
    assert analyzer.known(form) or form in lemmas
    assert len(set(lemmas)) == len(lemmas) > 0
    assert all(fold(lemma) == lemma for lemma in lemmas)


def test_a_form_of_many_hyphens_is_itself_only() -> None:
    form = "-".join("а" * 60)
    assert analyzer.lemmas(form) == (form,)


@pytest.mark.parametrize(
    ("form", "known"),
    [("собянину", True), ("полет", True), ("зрюмова", False), ("covid", False), ("5", False)],
)
def test_known_words_are_those_of_the_dictionary(form: str, known: bool) -> None:
    assert analyzer.known(form) is known


@pytest.mark.parametrize("form", FUNCTION_WORDS.split())
def test_function_words(form: str) -> None:
    assert analyzer.is_function_word(form)


@pytest.mark.parametrize("form", CONTENT_WORDS.split())
def test_content_words(form: str) -> None:
    assert not analyzer.is_function_word(form)


def test_an_explanation_says_where_each_term_comes_from() -> None:
    explained = analyzer.explain("Стали: Зрюмова, 5.5")
    assert [(t.text, t.start, t.end) for t in explained] == [
        ("Стали", 0, 5),
        ("Зрюмова", 7, 14),
        ("5.5", 16, 19),
    ]
    assert [[(term.lemma, term.kind) for term in token.terms] for token in explained] == [
        [("стать", Kind.KNOWN), ("сталь", Kind.KNOWN)],
        [("зрюмов", Kind.GUESSED), ("зрюмова", Kind.LITERAL)],
        [("5,5", Kind.LITERAL)],
    ]


@given(TEXTS)
def test_an_explanation_has_every_token_and_its_lemmas(text: str) -> None:
    assert [
        (token.start, token.end, tuple(term.lemma for term in token.terms))
        for token in analyzer.explain(text)
    ] == [(t.start, t.end, analyzer.lemmas(t.form)) for t in analyzer.tokens(text)]


def test_a_pickled_analyzer_gives_the_same_terms() -> None:
    other = pickle.loads(pickle.dumps(analyzer))
    assert other.fingerprint == analyzer.fingerprint
    assert other.tokens("Мэр Москвы") == analyzer.tokens("Мэр Москвы")


def test_the_fingerprint_names_code_library_and_dictionary(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = analyzer.fingerprint
    assert "pymorphy3-" in before
    assert "pymorphy3-dicts-ru-" in before
    monkeypatch.setattr(module, "ANALYSIS_VERSION", -1)
    assert analyzer.fingerprint != before


def test_a_full_cache_starts_anew_and_changes_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CACHED", 3)
    small = Analyzer()
    text = "Мэр Москвы открыл 12 поликлиник в Санкт-Петербурге, Мэр рад"
    assert small.analyse(text) == analyzer.analyse(text)
    forms = analyzer.analyse(text).forms
    assert [small.lemmas(form) for form in forms] == [analyzer.lemmas(form) for form in forms]
    assert len(small._pieces) <= 3
    assert len(small._lemmas) <= 3
