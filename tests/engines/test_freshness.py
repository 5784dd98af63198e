"""Freshness: what newer articles gain where it is asked for, counted from the newest one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from searchsvc.engines.protocol import SearchRequest, Sort
from searchsvc.engines.whoosh.freshness import HALF_LIFE
from searchsvc.model import Article, ArticleDate, Precision
from searchsvc.query.tree import Phrase, Signal, Word
from searchsvc.schema import Stream

if TYPE_CHECKING:
    from pathlib import Path

    from factories import Factory

    from searchsvc.engines.protocol import Engine

NEWEST = datetime(2024, 12, 31, 12)
AGES = (0.0, HALF_LIFE, 2 * HALF_LIFE, 365.0, None)
MAYAK = Word(("маяк",), stream=Stream.FORMS)
TYPED = (Signal(MAYAK, ("маяк",)),)


def article(number: int, age: float | None, text: str = "Здесь стоит маяк.") -> Article:
    date = None if age is None else ArticleDate(NEWEST - timedelta(days=age), Precision.MINUTE)
    return Article(id=f"a{number}", title=f"Выпуск {number}", text=text, date=date)


@pytest.fixture
def engine(factory: Factory, tmp_path: Path) -> Engine:
    return factory.built(tmp_path, [article(n, age) for n, age in enumerate(AGES)][::-1])


def scores(engine: Engine, freshness: float, **given: object) -> dict[str, float]:
    request = {"node": MAYAK, "signals": TYPED} | given
    result = engine.search(SearchRequest(**request, freshness=freshness))
    return {hit.article.id: hit.score for hit in result.hits}


def test_without_it_dates_do_not_matter(engine: Engine) -> None:
    assert len(set(scores(engine, 0.0).values())) == 1


def test_half_is_left_after_each_half_life(engine: Engine) -> None:
    plain = scores(engine, 0.0)["a4"]
    fresh = scores(engine, 4.0)
    assert list(fresh) == ["a0", "a1", "a2", "a3", "a4"]
    gained = [score - plain for score in fresh.values()]
    assert gained[:3] == pytest.approx([4, 2, 1], abs=1e-5)
    assert 0 < gained[3] < 0.01


def test_undated_articles_gain_nothing(engine: Engine) -> None:
    assert scores(engine, 100.0)["a4"] == scores(engine, 0.0)["a4"]


def test_phrases_gain_too(engine: Engine) -> None:
    phrase = Phrase((Word(("стоит",), stream=Stream.FORMS), MAYAK))
    assert next(iter(scores(engine, 1.0, node=phrase, signals=()))) == "a0"


def test_an_order_by_date_has_scores_without_it(engine: Engine) -> None:
    assert scores(engine, 9.0, sort=Sort.DATE) == scores(engine, 0.0, sort=Sort.DATE)


def test_a_deleted_article_is_not_the_newest(factory: Factory, tmp_path: Path) -> None:
    factory.built(tmp_path, [article(n, age) for n, age in enumerate(AGES)]).close()
    engine = factory.updated(tmp_path, [article(9, 400.0)], gone=["a0"])
    plain, fresh = scores(engine, 0.0), scores(engine, 4.0)
    assert "a0" not in fresh
    assert fresh["a1"] - plain["a1"] == pytest.approx(4, abs=1e-5)


def test_where_nothing_is_dated_nothing_is_gained(factory: Factory, tmp_path: Path) -> None:
    engine = factory.built(tmp_path, [article(n, None) for n in range(3)])
    assert scores(engine, 5.0) == scores(engine, 0.0)


def test_a_date_that_is_yet_to_come_makes_no_other_article_old(
    factory: Factory, tmp_path: Path
) -> None:
    wrong = replace(article(9, 0.0), date=ArticleDate(datetime(2999, 1, 1), Precision.DAY))
    engine = factory.built(tmp_path, [article(0, 0.0), article(1, HALF_LIFE), wrong])
    gained = {key: score - scores(engine, 0.0)[key] for key, score in scores(engine, 3.0).items()}
    assert gained == pytest.approx({"a0": 3.0, "a1": 1.5, "a9": 3.0})
