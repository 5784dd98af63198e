"""What ranks the articles of a short query higher; the notation is explained in conftest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from searchsvc.query.preferring import SIGNAL_SCALE, TITLE_WEIGHT
from searchsvc.query.tree import Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from searchsvc.query.tree import Node
    from searchsvc.query.understanding import Understanding

PREFERRED = {
    "маяк": ["title:маяк"],
    "каменному маяку": ["title:каменный", "title:маяк", '"каменный маяк"'],
    "Игнат Каменский": ["title:игнат", "title:каменский", "near1(игнат каменский)"],
    "Каменский игнат": ["title:каменский", "title:игнат", '"каменский игнат"'],
    "маяк у пристани": ["title:маяк", "title:пристань", "near2(маяк пристань)"],
    "маяк маяка": ["title:маяк"],
    "река мост маяк": [
        "title:река",
        "title:мост",
        "title:маяк",
        '"река мост"',
        '"мост маяк"',
    ],
    "онлайн-сервис": ["title:онлайн", "title:сервис", '"онлайн сервис"'],
    "маяк -река": ["title:маяк"],
    "стрелков": ["title:стрелок"],
    "кто": [],
    "где маяк": [],
    "!маяка": [],
    "дата:2021": [],
    "река мост маяк пристань": [],
}


@pytest.mark.parametrize("typed", PREFERRED)
def test_words_in_the_title_and_side_by_side(
    typed: str, ask: Callable[[str], Understanding], show: Callable[[Node], str]
) -> None:
    assert list(map(show, ask(typed).preferred)) == PREFERRED[typed]


def test_a_capital_lifts_the_forms_that_only_the_name_has(
    ask: Callable[[str], Understanding],
) -> None:
    *_, named = ask("Комаров").preferred
    assert isinstance(named, Word)
    assert {"комаровым", "комаровой"} <= set(named.terms)
    assert not {"комаров", "комары", "комаром"} & set(named.terms)


def test_a_title_weighs_less_than_the_word(ask: Callable[[str], Understanding]) -> None:
    (titled,) = ask("маяк").preferred
    assert isinstance(titled, Word)
    assert titled.weight == TITLE_WEIGHT < 1


def test_the_second_pass_is_quieter_for_short_queries(ask: Callable[[str], Understanding]) -> None:
    assert {signal.weight for signal in ask("каменный маяк").signals} == {SIGNAL_SCALE}
    assert {signal.weight for signal in ask("река мост маяк пристань").signals} == {1.0}


def test_what_is_asked_for_stays_as_it_was(
    ask: Callable[[str], Understanding], show: Callable[[Node], str]
) -> None:
    assert show(ask("каменный маяк").node) == "(каменный & маяк)"
