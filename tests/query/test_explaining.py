"""What a text is found under: its own terms, and the other names of a thing."""

from __future__ import annotations

import pytest

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.terms import Kind
from searchsvc.query.explaining import explained
from searchsvc.query.synonyms import SHIPPED, Synonyms

ANALYZER = Analyzer()
SYNONYMS = Synonyms.read(SHIPPED, ANALYZER)


def names(text: str) -> dict[str, list[str]]:
    tokens = explained(text, ANALYZER, SYNONYMS)
    return {
        token.text: found
        for token in tokens
        if (found := [term.lemma for term in token.terms if term.kind is Kind.SYNONYM])
    }


@pytest.mark.parametrize(
    ("text", "token", "other"),
    [
        ("СВО", "СВО", "специальная военная операция"),
        ("о специальной военной операции", "специальной", "СВО"),
        ("в Петербурге дождь", "Петербурге", "Санкт-Петербург"),
    ],
)
def test_other_names_stand_with_the_first_word(text: str, token: str, other: str) -> None:
    assert other in names(text)[token]


@pytest.mark.parametrize("text", ["", "мэр города", "онлайн-сервис", "военная операция"])
def test_what_has_one_name_has_no_synonym(text: str) -> None:
    assert names(text) == {}


def test_without_synonyms_terms_are_the_analyzers() -> None:
    assert explained("СВО", ANALYZER, None) == ANALYZER.explain("СВО")


def test_terms_of_its_own_come_first() -> None:
    (token,) = explained("СВО", ANALYZER, SYNONYMS)
    assert token.terms[0].lemma == "сво"
