"""A reader of bytes as if they were a file of the given name."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sources_found import Found

from searchsvc.config import Settings
from searchsvc.sources.limits import SourceLimits
from searchsvc.sources.reading import read
from searchsvc.sources.walking import SourceFile


class Reader:
    def __init__(self, folder: Path):
        self.folder = folder

    def __call__(self, name: str, data: bytes, **limits: int) -> list[Found]:
        return list(self.reading(name, data, **limits))

    def reading(self, name: str, data: bytes, **limits: int) -> Iterator[Found]:
        path = self.folder / name
        path.write_bytes(data)
        return read(SourceFile(path, name, len(data), 0), SourceLimits.of(Settings(**limits)))


@pytest.fixture
def read_bytes(tmp_path: Path) -> Reader:
    return Reader(tmp_path)
