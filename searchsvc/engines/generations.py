"""Generations of an index on disk: written aside, sealed, switched to by one atomic rename.

``index/generations/N/`` holds one generation and its ``manifest.json``; ``index/CURRENT`` names
the one in use. A folder without a manifest was never finished and is removed by the next build.
The former generation stays for roll-back.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, TextIO

from searchsvc.errors import BuildRefused, IndexDamaged, IndexMissing
from searchsvc.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MANIFEST = "manifest.json"
SMALL = 1 << 20
"""Bytes that take a millisecond to hash: files up to this size are compared on opening."""
CONTENTS = ".toc"
"""Ending of Whoosh's table of contents, a pickle: it is never read without comparing it."""
MEND = "run `make index` (searchsvc index) to build it"
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is made of; ``files`` are (name, bytes, SHA-256 in hex)."""

    engine: str
    schema: int
    analysis: str
    articles: int
    created: str
    former: int | None
    files: tuple[tuple[str, int, str], ...]


class Generations:
    """The generations under one index folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._current = root / "CURRENT"
        self._lock: TextIO | None = None

    def folder(self, number: int) -> Path:
        """Give the folder of a generation."""
        return self.root / "generations" / str(number)

    def exists(self) -> bool:
        """Tell whether any generation has ever been made current."""
        return self._current.exists()

    def current(self) -> int:
        """Read which generation is in use; raises IndexMissing."""
        try:
            text = self._current.read_text(encoding="ascii")
            return int(text)
        except FileNotFoundError:
            raise IndexMissing(f"there is no index in {self.root}; {MEND}") from None
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"{self._current} cannot be read ({error}); {MEND}") from error

    def former(self) -> int | None:
        """Tell which generation a new one follows: the current one, None if there is none yet.

        Where that is damaged, it is the newest with a whole manifest, so that a build mends it.
        """
        if not self.exists():
            return None
        try:
            number = self.current()
            self.manifest(number)
        except IndexDamaged:
            return max(filter(self._described, self._numbers()), default=None)
        return number

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other builds out; raises BuildRefused while one runs."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "LOCK").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                message = f"another build is writing to {self.root}; wait for it to end"
                raise BuildRefused(message) from None
            self._lock = file
            yield

    def forget_lock(self) -> None:
        """Let go of the lock in a process forked off the build's, which keeps it."""
        if self._lock is not None:
            self._lock.close()

    def begin(self) -> int:
        """Make the folder of a new generation, clearing away what was never finished."""
        self._clear(keep=set())
        number = max([0, *self._numbers()]) + 1
        self.folder(number).mkdir(parents=True)
        return number

    def seal(
        self,
        number: int,
        *,
        engine: str,
        analysis: str,
        articles: int,
        written: Mapping[str, str] = NOTHING,
    ) -> None:
        """Make a written generation durable and describe it in its manifest.

        A file keeps the digest that it was ``written`` with, by name; so does one that is a link
        to one of the former generation: to hash it again would take seconds a gigabyte, and make
        damage look right.
        """
        folder, former = self.folder(number), self.former()
        linked = {} if former is None else self._files(former)
        files = tuple(_durable(path, linked, written) for path in sorted(folder.iterdir()))
        manifest = Manifest(
            engine=engine,
            schema=SCHEMA_VERSION,
            analysis=analysis,
            articles=articles,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            former=former,
            files=files,
        )
        text = json.dumps(asdict(manifest), indent=1, ensure_ascii=False)
        _write_atomically(folder / MANIFEST, text)
        _sync_folder(folder.parent)
        _sync_folder(self.root)

    def switch(self, number: int) -> None:
        """Make a sealed generation the current one; only its former stays beside it."""
        former = self.manifest(number).former
        _write_atomically(self._current, f"{number}\n")
        self._clear(keep={number, former})

    def discard(self, number: int) -> None:
        """Remove a generation that is not to be used; cut short, it has no manifest any more.

        The current one stays: a build may be interrupted after its switch.
        """
        if number == self._in_use():
            return
        (self.folder(number) / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(self.folder(number), ignore_errors=True)

    def manifest(self, number: int) -> Manifest:
        """Read a generation's manifest; raises IndexDamaged."""
        path = self.folder(number) / MANIFEST
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            files = tuple((str(n), int(size), str(digest)) for n, size, digest in row.pop("files"))
            return Manifest(**row, files=files)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise IndexDamaged(f"{path} cannot be read ({error}); {MEND}") from error

    def usable(self, number: int, *, engine: str, analysis: str) -> Manifest:
        """Check that this version can read a generation; raises IndexMissing or IndexDamaged.

        Files are compared by size here, small ones by content too, all by content in ``verify``.
        """
        manifest = self.manifest(number)
        for name, built, now in (
            ("engine", manifest.engine, engine),
            ("schema", manifest.schema, SCHEMA_VERSION),
            ("analysis", manifest.analysis, analysis),
        ):
            if built != now:
                message = f"the index was built with {name} {built!r}, this version has {now!r}"
                raise IndexMissing(f"{message}; {MEND} anew")
        for name, size, digest in manifest.files:
            path = self.folder(number) / name
            if not path.is_file() or path.stat().st_size != size:
                raise IndexDamaged(f"{path} is missing or not {size} bytes long; {MEND} anew")
            if size <= SMALL or path.suffix == CONTENTS:
                _compare(path, digest)
        return manifest

    def verify(self, number: int) -> None:
        """Compare every file with its SHA-256; raises IndexDamaged."""
        for name, _, digest in self.manifest(number).files:
            _compare(self.folder(number) / name, digest)

    def _files(self, number: int) -> dict[int, tuple[str, int, str]]:
        """Give the files of a generation by inode, as its manifest describes them."""
        described = ((self.folder(number) / row[0], row) for row in self.manifest(number).files)
        return {path.stat().st_ino: row for path, row in described if path.is_file()}

    def _in_use(self) -> int | None:
        try:
            return self.current()
        except IndexMissing:
            return None

    def _numbers(self) -> list[int]:
        folder = self.root / "generations"
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        return [int(name) for name in names if name.isdecimal()]

    def _finished(self, number: int) -> bool:
        return (self.folder(number) / MANIFEST).exists()

    def _described(self, number: int) -> bool:
        try:
            self.manifest(number)
        except IndexDamaged:
            return False
        return True

    def _clear(self, keep: set[int | None]) -> None:
        current = self.former()
        for number in self._numbers():
            kept = number in keep if keep else self._finished(number) or number == current
            if not kept:
                self.discard(number)


def sha256(path: Path) -> str:
    """Hash a file's content; raises IndexDamaged where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise IndexDamaged(f"{path} cannot be read ({error}); {MEND} anew") from error


def _compare(path: Path, digest: str) -> None:
    if sha256(path) != digest:
        raise IndexDamaged(f"{path} has been altered; {MEND} anew")


def _durable(
    path: Path, linked: Mapping[int, tuple[str, int, str]], written: Mapping[str, str]
) -> tuple[str, int, str]:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    status = path.stat()
    row = path.name, status.st_size, linked.get(status.st_ino, ("", 0, ""))[2]
    if linked.get(status.st_ino) == row:
        return row
    return (*row[:2], written.get(path.name) or sha256(path))


def _write_atomically(path: Path, text: str) -> None:
    aside = path.with_name(path.name + ".new")
    with aside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
