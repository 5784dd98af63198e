"""A folder of broken things is read to its end, each told of by name and place."""

import errno
import os
from pathlib import Path

import pytest
from hostile import READABLE, make_hostile_folder
from sources_found import Found, inputs, told

from searchsvc.config import Settings
from searchsvc.model import Failure
from searchsvc.sources.limits import SourceLimits
from searchsvc.sources.reading import read
from searchsvc.sources.walking import walk

LIMITS = SourceLimits.of(Settings(file_bytes=1024 * 1024))


def read_folder(folder: Path, limits: SourceLimits = LIMITS) -> list[Found]:
    found: list[Found] = []
    for file in walk([folder]):
        found += [file] if isinstance(file, Failure) else read(file, limits)
    return found


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, whole):
    folder = tmp_path_factory.mktemp("hostile") / "folder"
    expected = make_hostile_folder(folder, *(() if whole else (2 * 1024 * 1024,)))
    limits = SourceLimits.of(Settings()) if whole else LIMITS
    return expected, read_folder(folder, limits)


def test_each_hostile_file_is_reported_by_name_and_place(hostile):
    expected, found = hostile
    failed = [str(one.place) for one in found if isinstance(one, Failure)]
    for name, place in expected.items():
        assert any(place in one for one in failed), name


def test_only_hostile_files_are_reported(hostile):
    expected, found = hostile
    for one in told(found):
        assert any(place in one for place in expected.values()) or "noise.bin" in one, one


def test_everything_readable_is_read(hostile):
    _, found = hostile
    read = {str(one.place).partition("/folder/")[2] for one in inputs(found)}
    assert set(READABLE) <= read


def test_what_was_read_before_a_break_is_kept(hostile):
    _, found = hostile
    kept = [one for one in inputs(found) if "truncated.jsonl.gz" in one.place.path]
    (broken,) = [one for one in told(found) if "truncated.jsonl.gz" in one]
    assert [one.place.record for one in kept] == list(range(1, len(kept) + 1))
    assert len(kept) > 1000
    assert broken.endswith(f"truncated.jsonl.gz:{len(kept) + 1}: truncated gzip")


def test_nothing_is_kept_of_a_bomb(hostile):
    _, found = hostile
    assert not [one for one in inputs(found) if "bomb.html" in str(one.place)]


def test_reasons_say_what_is_wrong(hostile):
    _, found = hostile
    said = "\n".join(one.partition("/folder/")[2] for one in told(found))
    for line in (
        "empty.html: is empty",
        "nul.html: is filled with NUL bytes",
        "invalid.html: invalid UTF-8 at byte 128, replaced",
        "bomb.zip!bomb.html: unpacks to more than 200 times its size",
        "crashed.jsonl:2: is filled with NUL bytes",
        "dangling.html: is a link to nothing",
        "nested/loop: is a link to a folder above it",
        "pipe.html: is a FIFO, not a file",
    ):
        assert line in said


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux's /proc")
def test_a_file_that_cannot_be_read_is_told_of_in_the_systems_words(hostile):
    _, found = hostile
    said = [one for one in told(found) if "denied" in one or "failing" in one]
    assert [one.rpartition(": ")[2] for one in said] == ["permission denied", "input/output error"]


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.ENFILE])
def test_an_error_while_opening_costs_that_file_only(code, tmp_path, monkeypatch):
    for name in ("a.html", "b.html", "c.html"):
        (tmp_path / name).write_text("<html><p>Зареченск</p></html>", encoding="utf-8")
    opening = os.open

    def refusing(path, *args, **kwargs):
        if Path(path).name == "b.html":
            raise OSError(code, os.strerror(code), str(path))
        return opening(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", refusing)
    found = read_folder(tmp_path)
    assert len(inputs(found)) == 2
    assert told(found) == [f"{tmp_path}/b.html: {os.strerror(code).lower()}"]


def test_an_unreadable_folder_costs_that_folder_only(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "good.txt").write_text("Зареченск", encoding="utf-8")
    listing = Path.iterdir

    def refusing(path):
        if path.name == "a":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return listing(path)

    monkeypatch.setattr(Path, "iterdir", refusing)
    assert [getattr(one, "name", None) or str(one.place) for one in walk([tmp_path])] == [
        f"{tmp_path}/a",
        f"{tmp_path}/b/good.txt",
    ]
