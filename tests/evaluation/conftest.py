"""A folder of two articles, three queries and their judgments; the fixture of invented prose."""

from __future__ import annotations

from pathlib import Path

import pytest
from judged_making import write_dataset

from searchsvc.config import Settings
from searchsvc.evaluation.dataset import Dataset, read_dataset
from searchsvc.sources.limits import SourceLimits

FIXTURE = Path(__file__).parent / "fixture"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "small")


@pytest.fixture(scope="session")
def invented() -> Dataset:
    return read_dataset(FIXTURE, SourceLimits.of(Settings()))
