"""A folder of everything that should not be there, among articles that should be read.

Each hostile file is made to fail in one way; readable articles stand in some of them too.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from pathlib import Path

DEFAULT_LONG_LINE = 200 * 1024 * 1024
READABLE = (
    "good.html",
    "nested/good.txt",
    "broken.jsonl:1",
    "broken.jsonl:3",
    "long.jsonl:1",
    "long.jsonl:3",
    "half-bomb.zip!good.html",
    "invalid.html",
    "invalid.jsonl:1",
    "invalid.jsonl:2",
    "crashed.jsonl:1",
    "truncated.jsonl.gz:1",
    "truncated.jsonl.gz:2",
    "array.json:1",
)
"""Places of articles that are read out of the folder all the same."""

_SENTENCE = "Жители Зареченска посадили липы у новой школы, рассказал садовник Прохор Лядов."
_DENIED = Path("/proc/sys/vm/compact_memory")
_FAILING = Path("/proc/self/mem")


def make_hostile_folder(path: Path, long_line: int = DEFAULT_LONG_LINE) -> dict[str, str]:
    """Fill a folder; gives for each hostile name the place that a report must contain.

    ``long_line`` is in bytes and must be over the ``file_bytes`` in force.
    """
    path.mkdir(parents=True, exist_ok=True)
    (path / "nested").mkdir()
    (path / "good.html").write_text(_page("Хороший день"), encoding="utf-8")
    (path / "nested" / "good.txt").write_text(f"12 мая 2024 / 09:15\n\nЛипы\n\n{_SENTENCE}\n")
    expected = _broken_bytes(path) | _broken_records(path) | _bombs(path)
    return expected | _long_line(path, long_line) | _odd_names(path) | _denied(path)


def _page(title: str) -> str:
    return f"<html><body><article><h1>{title}</h1><p>{_SENTENCE}</p></article></body></html>"


def _record(number: int) -> bytes:
    fields = {"id": f"zar-{number}", "title": f"Липы, день {number}", "text": _SENTENCE}
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


def _broken_bytes(path: Path) -> dict[str, str]:
    (path / "empty.html").touch()
    (path / "nul.html").write_bytes(bytes(100_000))
    page = _page("Битые буквы").encode()
    (path / "invalid.html").write_bytes(page.replace("школы".encode(), b"\xd1\xff\xd0"))
    (path / "notgzip.gz").write_bytes(b"\x1f\x8b\x08\x00" + bytes(range(200)))
    cut = zipfile.ZipFile(path / "cut.zip", "w")
    cut.writestr("a.html", _page("Обрезанный архив"))
    cut.close()
    (path / "cut.zip").write_bytes((path / "cut.zip").read_bytes()[:-30])
    names = ("empty.html", "nul.html", "invalid.html", "notgzip.gz", "cut.zip")
    return {name: name for name in names}


def _broken_records(path: Path) -> dict[str, str]:
    (path / "broken.jsonl").write_bytes(_record(1) + b'{"id": "zar-2", "title": \n' + _record(3))
    invalid = _record(2).replace("новой".encode(), b"\xd0\xd0\xd0")
    (path / "invalid.jsonl").write_bytes(_record(1) + invalid)
    (path / "crashed.jsonl").write_bytes(_record(1) + bytes(5000) + b"\n")
    (path / "array.json").write_bytes(b"[" + _record(1) + b", {broken]")
    many = b"".join(map(_record, range(1, 2000)))
    (path / "truncated.jsonl.gz").write_bytes(gzip.compress(many, mtime=0)[:-200])
    return {
        "broken.jsonl": "broken.jsonl:2",
        "invalid.jsonl": "invalid.jsonl:2",
        "crashed.jsonl": "crashed.jsonl:2",
        "array.json": "array.json:2",
        "truncated.jsonl.gz": "truncated.jsonl.gz:",
    }


def _bombs(path: Path) -> dict[str, str]:
    (path / "bomb.zip").write_bytes(_zip({"bomb.html": _spaces(30)}))
    good = {"bomb.html": _spaces(3), "good.html": _page("Рядом с бомбой").encode()}
    (path / "half-bomb.zip").write_bytes(_zip({**good, "noise.bin": _noise(60_000)}))
    (path / "bomb.html.gz").write_bytes(gzip.compress(_spaces(30), mtime=0))
    inner = _zip({"bomb.html": _spaces(30)})
    (path / "nested-bomb.zip").write_bytes(_zip({f"{number}.zip": inner for number in range(9)}))
    return {
        "bomb.zip": "bomb.zip!bomb.html",
        "half-bomb.zip": "half-bomb.zip!bomb.html",
        "bomb.html.gz": "bomb.html.gz",
        "nested-bomb.zip": "nested-bomb.zip",
    }


def _spaces(mebibytes: int) -> bytes:
    return b"<html><body>" + b" " * (mebibytes * 1024 * 1024)


def _noise(size: int) -> bytes:
    state, noise = 1, bytearray()
    while len(noise) < size:
        state = (state * 1_103_515_245 + 12_345) % 2**31
        noise += state.to_bytes(4, "big")
    return bytes(noise)


def _zip(members: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def _long_line(path: Path, size: int) -> dict[str, str]:
    piece = b"\xd0\xbb" * (512 * 1024)
    with (path / "long.jsonl").open("wb") as file:
        file.write(_record(1) + b'{"text": "')
        for _ in range(size // len(piece) + 1):
            file.write(piece)
        file.write(b'"}\n' + _record(3))
    return {"long.jsonl": "long.jsonl:2"}


def _odd_names(path: Path) -> dict[str, str]:
    (path / "nested" / "loop").symlink_to("..", target_is_directory=True)
    (path / "itself").symlink_to("itself")
    (path / "dangling.html").symlink_to("nowhere.html")
    os.mkfifo(path / "pipe.html")
    names = ("itself", "dangling.html", "pipe.html")
    return {name: name for name in names} | {"loop": "nested/loop"}


def _denied(path: Path) -> dict[str, str]:
    """Make files whose reading fails; root is denied only what the kernel does not give it."""
    expected = {}
    if os.geteuid() != 0:
        (path / "denied.html").write_text(_page("Закрыто"), encoding="utf-8")
        (path / "denied.html").chmod(0)
        expected["denied.html"] = "denied.html"
    elif _DENIED.exists() and not _DENIED.stat().st_mode & 0o444:
        (path / "denied.html").symlink_to(_DENIED)
        expected["denied.html"] = "denied.html"
    if _FAILING.exists():
        (path / "failing.html").symlink_to(_FAILING)
        expected["failing.html"] = "failing.html"
    return expected
