"""What the engine's tests share: the analyzer, the engines, the articles of seeds/."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from factories import FACTORIES, Factory

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.config import Settings
from searchsvc.model import Article, Input
from searchsvc.parsing.parsing import parse
from searchsvc.sources.limits import SourceLimits
from searchsvc.sources.reading import read
from searchsvc.sources.walking import SourceFile, walk

if TYPE_CHECKING:
    from searchsvc.engines.protocol import Engine

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.fixture(scope="session", params=FACTORIES)
def factory(request: pytest.FixtureRequest) -> Factory:
    return FACTORIES[request.param]


@pytest.fixture(scope="session")
def seed_articles() -> list[Article]:
    """The articles of seeds/, one for each id."""
    files = [file for file in walk([SEEDS]) if isinstance(file, SourceFile)]
    inputs = [item for file in files for item in read(file, SourceLimits.of(Settings()))]
    articles = [a for item in inputs if isinstance(item, Input) for a in parse(item).articles]
    return list({article.id: article for article in articles}.values())


@pytest.fixture(scope="session")
def seeds(
    factory: Factory, seed_articles: list[Article], tmp_path_factory: pytest.TempPathFactory
) -> Engine:
    """An index of the articles of seeds/ in each engine."""
    return factory.built(tmp_path_factory.mktemp("seeds"), seed_articles)
