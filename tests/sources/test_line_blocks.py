"""Blocks of JSON lines: another process reads them again out of their file."""

from __future__ import annotations

import gzip
import os
import pickle
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from searchsvc.config import Settings
from searchsvc.sources.limits import Broken, SourceLimits
from searchsvc.sources.reading import Lines, portions
from searchsvc.sources.streams import CHUNK
from searchsvc.sources.walking import walk

if TYPE_CHECKING:
    from pathlib import Path

LINES = b'{"title": "\xd0\xa1\xd0\xbd\xd0\xb5\xd0\xb3", "text": "one"}\n' * 10_000


def blocks_of(path: Path) -> list[Lines]:
    (file,) = walk([path])
    found = portions(file, SourceLimits.of(Settings()))
    return [lines for lines in found if isinstance(lines, Lines)]


def test_a_block_is_read_again_from_its_place(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_bytes(LINES + b'{"title": "last"}')
    blocks = blocks_of(path)
    assert len(blocks) > 1
    for block in blocks:
        sent = pickle.loads(pickle.dumps(block.elsewhere()))
        assert sent.size == 0
        sent = sent.here()
        assert list(sent.lines()) == list(block.lines())
        assert list(sent.found()) == list(block.found())


def test_what_is_packed_takes_its_bytes_along(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl.gz"
    path.write_bytes(gzip.compress(LINES))
    for block in blocks_of(path):
        assert block.elsewhere() is block
        assert 0 < block.size <= 2 * CHUNK


def test_a_line_that_is_too_long_is_told_elsewhere_too(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_bytes(b'{"title": "' + b"a" * 3000 + b'"}\n' + LINES[:100])
    (file,) = walk([path])
    limits = replace(SourceLimits.of(Settings()), file_bytes=2000)
    for block in portions(file, limits):
        assert isinstance(block, Lines)
        assert list(block.elsewhere().here().found()) == list(block.found())


@pytest.mark.parametrize("change", ["shortened", "replaced", "written anew", "longer", "gone"])
def test_a_file_that_was_changed_meanwhile_is_broken(tmp_path: Path, change: str) -> None:
    path = tmp_path / "news.jsonl"
    path.write_bytes(LINES)
    whole = blocks_of(path)[-1]
    block = whole.elsewhere()
    if change == "shortened":
        os.truncate(path, len(LINES) - 1)
    elif change == "replaced":
        (tmp_path / "other").write_bytes(LINES)
        (tmp_path / "other").replace(path)
    elif change == "written anew":
        path.write_bytes(LINES[7:] + LINES[:7])
        os.utime(path, ns=(0, 1))
    elif change == "longer":
        path.write_bytes(LINES + LINES)
    else:
        path.unlink()
    with pytest.raises(Broken):
        block.here()
    assert whole.elsewhere() is whole
