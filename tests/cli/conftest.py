"""A folder of twelve articles and its index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from invented import indexed, records, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "seeds"
    write(folder / "a.jsonl", records(12))
    return folder


@pytest.fixture(scope="module")
def root(seeds: Path) -> Path:
    root = seeds.parent / "index"
    indexed(root, seeds)
    return root
