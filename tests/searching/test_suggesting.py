"""What is offered while typing, over the articles of ``seeds/``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.errors import QueryError

if TYPE_CHECKING:
    from searchsvc.searching.service import Service


def offered(service: Service, typed: str) -> list[str]:
    return [suggestion.text for suggestion in service.suggest(typed)]


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("цифров", "цифровизация здравоохранения"),  # the title has «цифровизации»
        ("Цифров", "Цифровизация здравоохранения"),
        ("ЦИФРОВ", "ЦИФРОВизация здравоохранения"),
        ("собян", "собянин"),
        ("бив", "бивень мамонта"),
        ("школьник наш", "школьник нашёл бивень мамонта"),
        ("Хор рыб", "Хор рыбаков спел на воде"),
        ("-бюджет (мая", "-бюджет (маяк"),
        ('"хор рыб', '"хор рыбаков'),
    ],
)
def test_completed(seed_service: Service, typed: str, suggested: str) -> None:
    assert suggested in offered(seed_service, typed)


@pytest.mark.parametrize(
    "typed", ["", "б", "бивень ", "здрав*", "Собянен~", "щъщъ", "!", "«»", "2021-"]
)
def test_nothing_to_complete(seed_service: Service, typed: str) -> None:
    assert offered(seed_service, typed) == []


@pytest.mark.parametrize(
    "typed",
    ["рубрика:спо", "Источник:бив", 'автор:"Вера бив', "-topic:бив", "(source:бив", "до:бив"],
)
def test_words_of_texts_complete_no_value_of_a_field(seed_service: Service, typed: str) -> None:
    assert offered(seed_service, typed) == []


@pytest.mark.parametrize("typed", ["рубрика:наука бив", "заголовок:бив"])
def test_words_beside_a_value_are_completed(seed_service: Service, typed: str) -> None:
    assert any(line.startswith(typed + "ень") for line in offered(seed_service, typed))


def test_words_before_the_last_one_count(seed_service: Service) -> None:
    assert "бивень мамонта" in offered(seed_service, "бивень мам")
    assert "хор мамонта" not in offered(seed_service, "хор ма")


def test_the_longest_query_is_the_limit(seed_service: Service) -> None:
    assert offered(seed_service, "щ" * 500) == []
    with pytest.raises(QueryError):
        seed_service.suggest("щ" * 501)


@given(st.text(alphabet='абв мая-!"(:*~щЁ1', max_size=60))
def test_what_was_typed_is_never_replaced(seed_service: Service, typed: str) -> None:
    suggestions = offered(seed_service, typed)
    assert all(s.startswith(typed) and len(s) > len(typed) for s in suggestions)
    assert len(set(suggestions)) == len(suggestions)
