"""Scores as shown: what puts articles with all the words first is not part of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from searchsvc.query.understanding import FIRST
from searchsvc.searching.answer import Question

if TYPE_CHECKING:
    from searchsvc.searching.service import Service


@pytest.mark.parametrize(
    "text", ["цифровизация здравоохранения", "школьник нашёл бивень мамонта", "мэр"]
)
def test_a_score_is_what_the_words_are_worth(text: str, seed_service: Service) -> None:
    scores = [hit.score for hit in seed_service.search(Question(text=text)).hits]
    assert scores
    assert all(0 < score < FIRST / 2 for score in scores)


def test_what_has_all_the_words_of_a_short_query_comes_first(seed_service: Service) -> None:
    answer = seed_service.search(Question(text="цифровизация здравоохранения"))
    assert answer.query.widened
    assert 0 < answer.query.all_words < len(answer.hits)
    shown = [f"{hit.article.title} {hit.article.text}".lower() for hit in answer.hits]
    both = ["цифровизаци" in text and "здравоохранени" in text for text in shown]
    assert both[: answer.query.all_words] == [True] * answer.query.all_words
