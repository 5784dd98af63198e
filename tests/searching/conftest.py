"""Services over small invented indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from invented import indexed, record, write

from searchsvc.config import Settings
from searchsvc.searching.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of 60 articles of one word in common; twelve have «звездочёт», three «комета»."""
    folder = tmp_path_factory.mktemp("searching")
    rows = []
    for number in range(60):
        extra = (" Звездочёт вышел." if number < 12 else "") + (
            " Пролетела комета." if number < 3 or number in (20, 21) else ""
        )
        rows.append(record(number, text=record(number)["text"] + extra, topics=[f"t{number % 4}"]))
    rows += [record(number, date="") for number in (70, 71)]
    write(folder / "a.jsonl", rows)
    indexed(folder / "index", folder / "a.jsonl")
    return folder / "index"


@pytest.fixture(scope="module")
def service(root: Path) -> Iterator[Service]:
    service = Service(Settings(index=root))
    yield service
    service.close()
