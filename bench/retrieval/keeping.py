"""What is kept between runs: an index or a run file stands as long as what it depends on."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def stamp(files: Iterable[Path], *others: object) -> str:
    """Hash the contents of files and whatever else something depends on."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    digest.update(repr(others).encode())
    return digest.hexdigest()[:16]


def of_data(file: Path) -> str:
    """Tell a file of data by its name, size and time, without reading it."""
    status = file.stat()
    return f"{file.name} {status.st_size} {status.st_mtime_ns}"


def of_package(name: str) -> str:
    """Tell an installed package by its version."""
    return f"{name} {version(name)}"


def is_kept(path: Path, now: str) -> bool:
    """Tell whether something is there and was made of the same."""
    noted = _note(path)
    return path.exists() and noted.exists() and noted.read_text(encoding="ascii") == now


def keep(path: Path, now: str) -> None:
    """Note what something was made of, once it is finished."""
    _note(path).write_text(now, encoding="ascii")


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.of")
