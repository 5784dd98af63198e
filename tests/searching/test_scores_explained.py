"""Explanations as shown: they add up to the score as shown, on every page and in every order."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from searchsvc.engines.explanation import SignalKind
from searchsvc.engines.protocol import Sort
from searchsvc.searching.answer import Question
from searchsvc.searching.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from searchsvc.config import Settings
    from searchsvc.searching.answer import Answer

QUERIES = (
    *("мэр", "мэр города", "бивня мамонта", "школьник нашёл бивень мамонта"),
    *("цифровизация здравоохранения -рейтинг", "здрав* м?р", '"искусственный интеллект"'),
    *("город NEAR/9 мэр", "заголовок:мэр источник:вестник", "!мэр дата:2025", "мамнот"),
    *("кто нашёл бивень на берегу", "СВО или Петербург", "онлайн-сервис", "дата:2025 -мэр", ""),
)
CLOSE = 1e-4


def held(answer: Answer) -> None:
    """Compare every hit's gains with the score that is shown."""
    for hit in answer.hits:
        assert hit.explanation is not None
        assert math.isclose(hit.explanation.score, hit.score, abs_tol=CLOSE), hit


@pytest.fixture(scope="module", params=[0.0, 2.5])
def asked(seed_settings: Settings, request: pytest.FixtureRequest) -> Iterator[Service]:
    service = Service(replace(seed_settings, freshness=request.param))
    yield service
    service.close()


@pytest.mark.parametrize("sort", [None, Sort.RELEVANCE, Sort.DATE, Sort.DATE_ASC])
@pytest.mark.parametrize("text", QUERIES)
def test_gains_add_up_to_the_score_shown(text: str, sort: Sort | None, asked: Service) -> None:
    question = Question(text=text, size=7, sort=sort, explain=True)
    answer = asked.search(question)
    held(answer)
    held(asked.search(question._replace(page=2)))
    if answer.next:
        held(asked.search(question._replace(cursor=answer.next)))


def test_filters_beside_the_query_give_nothing(seed_service: Service) -> None:
    question = Question(text="бивень", source="Вестник Приречья", explain=True)
    answer = seed_service.search(question)
    held(answer)
    filters = [g for g in answer.hits[0].explanation.gains if g.signal is SignalKind.FILTER]
    assert [(gain.what, gain.gave) for gain in filters] == [('источник:"Вестник Приречья"', 0)]


def test_all_the_words_of_a_short_query_are_an_order_and_no_score(seed_service: Service) -> None:
    answer = seed_service.search(Question(text="цифровизация здравоохранения", explain=True))
    assert answer.query.widened
    together = [
        [gain.gave for gain in hit.explanation.gains if gain.signal is SignalKind.TOGETHER]
        for hit in answer.hits
    ]
    all_words = answer.query.all_words
    assert together == [[0.0]] * all_words + [[]] * (len(answer.hits) - all_words)


def test_all_the_words_of_a_long_query_score_once_more(seed_service: Service) -> None:
    text = "школьник нашёл бивень мамонта"
    gains = seed_service.search(Question(text=text, explain=True)).hits[0].explanation.gains
    together = [gain.gave for gain in gains if gain.signal is SignalKind.TOGETHER]
    words = [gain.gave for gain in gains if gain.signal is SignalKind.WORDS]
    assert together == [pytest.approx(math.fsum(words))]


def test_what_is_corrected_is_explained_as_corrected(seed_service: Service) -> None:
    answer = seed_service.search(Question(text="цыфровизация", explain=True))
    assert answer.query.corrected is not None
    assert answer.hits[0].explanation.gains[0].what == answer.query.corrected.text


def test_nothing_is_explained_unasked(seed_service: Service) -> None:
    hits = seed_service.search(Question(text="мэр")).hits
    assert hits
    assert all(hit.explanation is None for hit in hits)


def test_explaining_changes_nothing_else(seed_service: Service) -> None:
    question = Question(text="мэр города", size=20)
    plain = seed_service.search(question)
    explained = seed_service.search(question._replace(explain=True))
    assert tuple(hit._replace(explanation=None) for hit in explained.hits) == plain.hits
