"""Names that the dictionary lacks: their cases meet; other words stay apart."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from declension import forms, names

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.folding import fold

analyzer = Analyzer()


def meet(one: str, other: str) -> bool:
    return not set(analyzer.lemmas(fold(one))).isdisjoint(analyzer.lemmas(fold(other)))


def pairs(name: str) -> list[tuple[str, str]]:
    text = Path(__file__).with_name("goldens").joinpath(name).read_text(encoding="utf-8")
    words = [row.split() for row in text.splitlines() if not row.startswith("#")]
    split = [word.partition("/") for row in words for word in row]
    return [(one, other) for one, _, other in split]


def test_every_case_of_an_unknown_name_finds_every_other() -> None:
    found, missed = 0, []
    for kind, name in names():
        for one, other in combinations(forms(kind, name), 2):
            if meet(one, other):
                found += 1
            else:
                missed.append(f"{one}/{other}")
    share = found / (found + len(missed))
    print(f"{len(names())} names, {found + len(missed)} pairs of forms, {share:.2%} meet")
    assert len(names()) >= 300
    assert share >= 0.99, missed


def test_other_words_stay_apart() -> None:
    every = pairs("apart.txt")
    met = [f"{one}/{other}" for one, other in every if meet(one, other)]
    print(f"{len(every)} pairs, {len(met)} meet: {met}")
    assert len(set(every)) == len(every) >= 300
    assert len(met) <= 0.02 * len(every), met


@pytest.mark.parametrize(("one", "other"), pairs("together.txt"))
def test_words_meet_through_an_ambiguous_form_or_a_guess(one: str, other: str) -> None:
    assert meet(one, other)


@pytest.mark.parametrize(
    ("kind", "name", "declined"),
    [
        ("surname", "беглов", "беглов беглова беглову бегловым беглове бегловой бегловы"),
        ("foreign", "шольц", "шольц шольца шольцу шольцем шольце"),
        ("adjective", "каховский", "каховский каховского каховскому каховским каховском"),
        ("soft", "боррель", "боррель борреля боррелю боррелем борреле"),
        ("jot", "цой", "цой цоя цою цоем цое"),
        ("feminine", "лахта", "лахта лахты лахте лахту лахтой"),
        ("feminine", "навка", "навка навки навке навку навкой"),
        ("feminine_soft", "росгвардия", "росгвардия росгвардии росгвардию росгвардией"),
        ("neuter", "мурино", "мурино мурина мурину мурином мурине"),
        ("plural", "шушары", "шушары шушар шушарам шушарами шушарах"),
        ("fleeting", "лисовец", "лисовец лисовца лисовцу лисовцем лисовце"),
        ("fleeting", "коломоец", "коломоец коломойца коломойцу коломойцем коломойце"),
    ],
)
def test_names_decline_as_in_print(kind: str, name: str, declined: str) -> None:
    assert forms(kind, name)[: len(declined.split())] == declined.split()


AUTHORS = [
    ("Лесников", "Лесникова Лесникову Лесниковым Лесникове Лесниковой"),
    ("Лесникова", "Лесников Лесниковой Лесникову"),
    ("Лутовинова", "Лутовиновой Лутовинову"),
    ("Хромов", "Хромова Хромову Хромовым Хромове"),
    ("Парникова", "Парниковой Парникову"),
    ("Пудов", "Пудова Пудову Пудовым"),
    ("Орлов", "Орлова Орлову Орловой"),
    ("Вересаев", "Вересаева Вересаевой Вересаеву"),
]


@pytest.mark.parametrize(
    ("signed", "typed"), [(name, form) for name, forms in AUTHORS for form in forms.split()]
)
def test_an_author_is_found_by_every_case_of_the_surname(signed: str, typed: str) -> None:
    (name,), (word,) = analyzer.tokens(signed), analyzer.tokens(typed)
    assert set(analyzer.lemmas(name.form)) & set(analyzer.sought_author(word))


@pytest.mark.parametrize("typed", ["Зоя", "Достоевского", "Редакция", "Орлова", "BBC", "24"])
def test_what_meets_its_name_anyway_is_sought_alone(typed: str) -> None:
    (word,) = analyzer.tokens(typed)
    assert analyzer.sought_author(word) == analyzer.sought(word)
