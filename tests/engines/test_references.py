"""The fast reference of the long proofs is what the definitions say, over small random corpora."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from corpora import numbered
from plain_scores import PlainScores
from random_trees import TreeMaker
from scored_reference import ScoredReference

from searchsvc.engines.protocol import Histogram
from searchsvc.model import Article, ArticleDate, Precision
from searchsvc.schema import Field

if TYPE_CHECKING:
    from searchsvc.analysis.analyzer import Analyzer

WORDS = (
    *("мост", "моста", "мосты", "река", "реки", "реке", "бизнес-план", "план", "планы", "стали"),
    *("сталь", "Иванов", "Иванова", "кое-кто", "во-первых", "село", "сёла", "2021", "и", "не"),
)
SEEDS = range(6)
TREES = 60


def invented(chance: Random, number: int) -> Article:
    """Make an article of few words, so that they stand together in many ways."""
    text = " ".join(chance.choices(WORDS, k=chance.choice((0, 3, 12, 40, 120))))
    when = datetime(2021, 1, 1) + timedelta(chance.randint(0, 400))
    return Article(
        id=f"а{number}",
        title=" ".join(chance.choices(WORDS, k=chance.randint(0, 6))),
        text=text,
        source=chance.choice(("", "Речные вести", "План")),
        topics=tuple(chance.sample(("Мосты", "Реки и сёла", "План"), k=chance.randint(0, 3))),
        date=ArticleDate(when, chance.choice((Precision.DAY, Precision.MONTH, Precision.YEAR))),
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_it_finds_and_scores_as_the_definitions_do(seed: int, analyzer: Analyzer) -> None:
    chance = Random(seed)
    articles = numbered((invented(chance, number) for number in range(25)), chance)
    alive = [chance.random() < 0.8 for _ in articles]
    fast = ScoredReference(articles, alive, analyzer)
    plain = PlainScores(articles, alive, analyzer)
    some = 0
    for node in TreeMaker(articles, analyzer, chance).trees(TREES):
        found, expected = fast.evaluate(node), plain.scores(node)
        numbers = np.flatnonzero(found.matching)
        scores = {articles[number].id: found.scores[number] for number in numbers}
        assert scores == pytest.approx(expected, rel=1e-9, abs=1e-12), node
        some += 0 < len(scores) < sum(alive)
    assert some > TREES / 3


def test_it_counts_values_as_one_counts(analyzer: Analyzer) -> None:
    chance = Random(1)
    articles = [invented(chance, number) for number in range(30)]
    articles[0] = replace(articles[0], topics=("План", "План"), date=None)
    fast = ScoredReference(articles, [True] * 30, analyzer)
    every = fast.evaluate(TreeMaker(articles, analyzer, chance).dates())._replace(
        matching=np.ones(30, np.bool_)
    )
    topics = {topic for article in articles for topic in article.topics}
    counts = [(topic, sum(topic in own.topics for own in articles)) for topic in topics]
    assert fast.facet(every, Field.TOPIC) == sorted(counts, key=lambda own: (-own[1], own[0]))
    dates = [own.date for own in articles if own.date]
    days = [str(own.first_day) for own in dates if own.first_day == own.last_day]
    counted = [(day, days.count(day)) for day in sorted({*days})]
    assert fast.facet(every, Histogram.DAY) == counted
