"""Patterns: prefixes, wildcards and typos name the terms they should, whoever writes them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from reference import edits_between, fits, wildcard_fits
from writing import article, found

from searchsvc.engines.protocol import SearchRequest
from searchsvc.engines.whoosh.fuzzy import distances
from searchsvc.engines.whoosh.resolving import wildcard
from searchsvc.query.tree import Expansion, ExpansionKind, Word
from searchsvc.schema import Stream

if TYPE_CHECKING:
    from pathlib import Path

    from factories import Factory

    from searchsvc.analysis.analyzer import Analyzer

words = st.text("абв", max_size=7)


@given(st.lists(words, unique=True), words, st.sampled_from([1, 2]))
@example(["аб"], "ба", 1)
@example(["абв"], "ба", 2)
@example(["", "а"], "", 1)
def test_distances_are_the_textbook_s(texts: list[str], pattern: str, most: int) -> None:
    expected = [min(edits_between(text, pattern), most + 1) for text in texts]
    assert distances(texts, pattern, most).tolist() == expected


@given(words, words)
def test_distance_is_the_same_both_ways(one: str, two: str) -> None:
    assert edits_between(one, two) == edits_between(two, one)


@given(st.text("аб?*", max_size=7), st.text("аб", max_size=7))
@example("*", "")
@example("", "")
@example("?", "")
@example("**?", "а")
@example("а*б*", "абаб")
def test_a_wildcard_fits_what_walking_it_fits(pattern: str, term: str) -> None:
    assert bool(wildcard(pattern).fullmatch(term)) == wildcard_fits(pattern, term)


@pytest.mark.parametrize("term", ["a.c", "a+c", "a(c", "a\nc", "a[c", "a\\c"])
def test_signs_of_regular_expressions_are_letters(term: str) -> None:
    assert wildcard(term[:2] + "?").fullmatch(term)
    assert wildcard("a?c").fullmatch(term)
    assert not wildcard(term).fullmatch("abc")


@pytest.mark.parametrize(
    "pattern", ["*" * 400 + "я", "*а" * 150 + "я", "а*" * 200 + "я", "*?" * 200 + "я"]
)
def test_a_hostile_pattern_takes_no_time(pattern: str) -> None:
    compiled = wildcard(pattern)
    term = "а" * 200
    begun = time.process_time()
    for _ in range(100):
        assert not compiled.fullmatch(term)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("kind", "edits"),
    [
        (ExpansionKind.PREFIX, 0),
        (ExpansionKind.WILDCARD, 0),
        (ExpansionKind.FUZZY, 1),
        (ExpansionKind.FUZZY, 2),
    ],
)
def test_every_term_that_fits_is_found(
    factory: Factory, analyzer: Analyzer, tmp_path: Path, kind: ExpansionKind, edits: int
) -> None:
    terms = ["москва", "мосва", "омсква", "москвы", "москвам", "мсква", "маасква", "осква", "м"]
    engine = factory.built(tmp_path, [article(term, term) for term in terms])
    for pattern in ("москва", "моск", "м?ск*", "*ква", "мос?ва", "", "м" * 300):
        item = Expansion(kind, pattern, edits=edits)
        expected = {
            term
            for term in terms
            if fits(item, term)
            or (edits and any(fits(item, lemma) for lemma in analyzer.lemmas(term)))
        }
        assert found(engine, item) == expected, pattern


def test_of_too_many_terms_the_most_frequent_stand(factory: Factory, tmp_path: Path) -> None:
    texts = ["слава", "слава слово", "слово словарь", "словарь", "слон", "слива", "снова"]
    engine = factory.built(tmp_path, [article(str(n), text) for n, text in enumerate(texts)])
    chosen = {
        1: {"слава"},
        2: {"слава", "словарь"},
        3: {"слава", "словарь", "слово"},
        4: {"слава", "словарь", "слово", "слива"},
        9: {"слава", "словарь", "слово", "слива", "слон"},
    }
    for limit, terms in chosen.items():
        item = Expansion(ExpansionKind.PREFIX, "сл", limit=limit)
        same = Word(tuple(terms), stream=Stream.FORMS)
        assert found(engine, item) == found(engine, same)
        truncated = engine.search(SearchRequest(item)).truncated
        assert truncated == (("сл",) if limit < 5 else ())


def test_terms_of_deleted_articles_stand_for_nothing(factory: Factory, tmp_path: Path) -> None:
    gone = [article(f"нет {n}", "слава слава") for n in range(3)]
    factory.built(tmp_path, [*gone, article("а", "слово"), article("б", "слово слон")])
    engine = factory.updated(tmp_path, [], [article.id for article in gone])
    item = Expansion(ExpansionKind.PREFIX, "сл", limit=2)
    result = engine.search(SearchRequest(item))
    assert (result.total, result.truncated) == (2, ())
    assert [term.term for term in engine.vocabulary("сл", 5)] == ["слово", "слон"]
