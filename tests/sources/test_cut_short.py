"""A file that gets shorter while it is read is told of: what was read is not all that it had."""

from __future__ import annotations

import gzip
import io
import os
import random
import tarfile
from typing import TYPE_CHECKING

import pytest
from sources_found import Found, inputs, told

from searchsvc.config import Settings
from searchsvc.sources import reading
from searchsvc.sources.limits import SourceLimits
from searchsvc.sources.streams import CHUNK
from searchsvc.sources.walking import SourceFile, walk

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = SourceLimits.of(Settings())
RECORD = '{"title": "Новость"}\n'.encode()
LINES = RECORD * (3 * CHUNK // len(RECORD))
LEFT = 2 * CHUNK + 5
GONE = f"was cut short while it was read: its last {len(LINES) - LEFT} bytes are gone"


def read_while_it_is_cut(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Found]:
    """Cut a file when its beginning was read."""
    recognise = reading.recognise

    def cutting(head: bytes, name: str) -> object:
        os.truncate(path, LEFT)
        return recognise(head, name)

    monkeypatch.setattr(reading, "recognise", cutting)
    (file,) = walk([path])
    assert isinstance(file, SourceFile)
    return list(reading.read(file, LIMITS))


def test_lines_are_kept_up_to_the_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINES)
    found = read_while_it_is_cut(path, monkeypatch)
    whole = LEFT // len(RECORD)
    assert len(inputs(found)) == whole
    assert told(found) == [f"{path}:{whole + 1}: {GONE}"]


def test_a_dump_is_kept_as_far_as_it_went(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"a" * len(LINES))
    found = read_while_it_is_cut(path, monkeypatch)
    assert [one.content for one in inputs(found)] == ["a" * LEFT]
    assert told(found) == [f"{path}: {GONE}"]


def test_what_is_packed_is_kept_as_far_as_it_went(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=0) as archive:
        for name in ("a.jsonl", "b.jsonl"):
            member = tarfile.TarInfo(name)
            member.size = len(LINES)
            archive.addfile(member, io.BytesIO(LINES))
    found = read_while_it_is_cut(path, monkeypatch)
    assert LEFT // len(RECORD) - 99 < len(inputs(found)) < LEFT // len(RECORD)
    (reason,) = told(found)
    assert reason.startswith(f"{path}!a.jsonl:{len(inputs(found)) + 1}: was cut short")


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_file_that_stays_as_it_is_is_whole(tmp_path: Path, pack: object, size: int) -> None:
    assert callable(pack)
    noise = random.Random(1).randbytes(size)
    path = tmp_path / "a.txt"
    path.write_bytes(pack(noise.hex().encode()))
    (file,) = walk([path])
    assert isinstance(file, SourceFile)
    assert told(list(reading.read(file, LIMITS))) == []
