"""Paths become files: each once, in a steady order, and nothing is opened on the way."""

import os
import socket
from pathlib import Path

from searchsvc.model import Failure
from searchsvc.sources.walking import SourceFile, walk


def listed(*paths: Path, below: Path) -> list[str]:
    found = []
    for one in walk(paths):
        path = one.place.path if isinstance(one, Failure) else one.name
        name = os.path.relpath(path, below)
        found.append(f"{name}: {one.reason}" if isinstance(one, Failure) else name)
    return found


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def test_folders_are_walked_in_sorted_order(tmp_path):
    fill(tmp_path, "b/2.txt", "b/10.txt", "a.txt", "c/d/e.txt", "Я.txt", "а.txt")
    assert listed(tmp_path, below=tmp_path) == [
        "a.txt", "b/10.txt", "b/2.txt", "c/d/e.txt", "Я.txt", "а.txt",
    ]  # fmt: skip


def test_names_begin_as_the_path_was_given(tmp_path, monkeypatch):
    fill(tmp_path, "seeds/a.txt")
    monkeypatch.chdir(tmp_path)
    (file,) = walk([Path("seeds")])
    assert isinstance(file, SourceFile)
    assert (file.name, file.size) == ("seeds/a.txt", len("seeds/a.txt"))
    assert file.modified_ns == (tmp_path / "seeds/a.txt").stat().st_mtime_ns


def test_hidden_names_are_passed_over_unless_given(tmp_path):
    fill(tmp_path, ".gitignore", ".git/config", "a.txt", ".hidden/b.txt")
    assert listed(tmp_path, below=tmp_path) == ["a.txt"]
    assert listed(tmp_path / ".hidden", below=tmp_path) == [".hidden/b.txt"]


def test_a_file_reached_twice_is_read_once(tmp_path):
    fill(tmp_path, "real/a.txt")
    (tmp_path / "also").symlink_to("real")
    (tmp_path / "b.txt").symlink_to("real/a.txt")
    os.link(tmp_path / "real/a.txt", tmp_path / "real/hard.txt")
    assert listed(tmp_path, tmp_path / "real", below=tmp_path) == ["real/a.txt"]


def test_links_out_of_the_folder_are_followed(tmp_path):
    fill(tmp_path, "out/a.txt", "out/sub/b.txt", "in/z.txt")
    (tmp_path / "in" / "folder").symlink_to("../out/sub")
    (tmp_path / "in" / "file.txt").symlink_to("../out/a.txt")
    assert listed(tmp_path / "in", below=tmp_path) == ["in/z.txt", "in/file.txt", "in/folder/b.txt"]


def test_links_that_lead_nowhere_or_in_circles_are_told_of(tmp_path):
    fill(tmp_path, "a/b/c.txt")
    (tmp_path / "a" / "b" / "up").symlink_to("../..")
    (tmp_path / "a" / "lost").symlink_to("nothing")
    (tmp_path / "a" / "self").symlink_to("self")
    assert listed(tmp_path, below=tmp_path) == [
        "a/b/c.txt",
        "a/b/up: is a link to a folder above it",
        "a/lost: is a link to nothing",
        "a/self: too many levels of symbolic links",
    ]


def test_what_is_no_file_is_told_of_without_being_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        assert listed(tmp_path, Path("/dev/null"), below=tmp_path)[:2] == [
            "pipe: is a FIFO, not a file",
            "socket: is a socket, not a file",
        ]
    (null,) = walk([Path("/dev/null")])
    assert null.reason == "is a device, not a file"


def test_a_missing_path_is_told_of(tmp_path):
    assert listed(tmp_path / "no.txt", below=tmp_path) == ["no.txt: no such file or directory"]


def test_names_that_are_no_text_can_be_printed_and_stored(tmp_path):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xed\xee\xe2\n.txt")).write_text("да")
    (file,) = walk([tmp_path])
    assert file.name.endswith("/\\xed\\xee\\xe2\\x0a.txt")
    assert file.path.read_text() == "да"
