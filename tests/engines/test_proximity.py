"""Proximity: every item has a position of its own, however many share theirs, and soon."""

from __future__ import annotations

import time
from random import Random
from typing import TYPE_CHECKING

import pytest
from reference import Reference
from writing import article, cut, form, found, near

from searchsvc.engines.protocol import SearchRequest, Zone
from searchsvc.errors import EngineUnavailable
from searchsvc.query.tree import Near, Word
from searchsvc.schema import Stream

if TYPE_CHECKING:
    from factories import Factory

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.protocol import Engine
    from searchsvc.model import Article

LETTERS = "бгдж"
SEED = 20261122


@pytest.fixture(scope="module")
def letters() -> list[Article]:
    """Articles of few words in every order."""
    random = Random(SEED)
    texts = (" ".join(random.choices(LETTERS + "э", k=random.randint(2, 14))) for _ in range(80))
    return [article(str(number), text) for number, text in enumerate(texts)]


@pytest.fixture(scope="module")
def engine(
    factory: Factory, letters: list[Article], tmp_path_factory: pytest.TempPathFactory
) -> Engine:
    return factory.built(tmp_path_factory.mktemp("letters"), letters)


def test_items_that_share_positions_do_not_stand_on_one(
    engine: Engine, letters: list[Article], analyzer: Analyzer
) -> None:
    random = Random(SEED)
    reference = Reference(letters, analyzer)
    some = 0
    for _ in range(300):
        words = [tuple(random.sample(LETTERS, random.randint(1, 3))) for _ in range(7)]
        items = random.choices(
            [Word(w, stream=Stream.FORMS) for w in words], k=random.randint(2, 7)
        )
        node = Near(tuple(items), random.randint(1, 9))
        expected = reference.ids(node)
        assert found(engine, node) == expected, node
        some += 0 < len(expected) < len(letters)
    assert some > 100


def test_what_takes_part_is_marked(engine: Engine, letters: list[Article]) -> None:
    node = near("б г б", 3)
    for article_id in found(engine, node):
        marked = cut(engine, node, article_id, Zone.TEXT)
        assert set(marked) == {"б", "г"}


HOSTILE = {
    "one word thirty times": near(" ".join(["и"] * 30), 100),
    "two words in turn": near(" ".join(["и", "в"] * 15), 100),
    "words that share positions": Near(
        tuple(Word(("и", "в", "на")[: n % 3 + 1], stream=Stream.FORMS) for n in range(30)), 100
    ),
    "many words that share positions": Near(
        tuple(Word(("и", "в", f"слово{n}"), stream=Stream.FORMS) for n in range(30)), 31
    ),
}


@pytest.fixture(scope="module")
def long(factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    random = Random(SEED)
    text = " ".join(random.choices(["и", "в", "на", "дом", "сад", "лес"], k=200_000))
    return factory.built(tmp_path_factory.mktemp("long"), [article("длинный", text)])


@pytest.mark.parametrize("fact", HOSTILE)
def test_a_hostile_proximity_keeps_to_its_deadline(long: Engine, fact: str) -> None:
    begun = time.monotonic()
    try:
        long.search(SearchRequest(HOSTILE[fact], limit=0, deadline=begun + 1))
    except EngineUnavailable:
        assert fact == "many words that share positions"
    assert time.monotonic() - begun < 5
    assert found(long, form("сад")) == {"длинный"}
