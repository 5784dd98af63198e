"""Sources, first step: paths given by a person become the regular files that stand there.

In: files and folders. Out: each real file once, in an order that does not change between runs,
and a Failure for every name that leads to no readable file. Nothing is opened here.
"""

from __future__ import annotations

import stat
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.model import Failure, Place
from searchsvc.sources.labels import label
from searchsvc.sources.streams import KINDS, explained

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A regular file; ``name`` is the path as given and what follows below it, fit to print."""

    path: Path
    name: str
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class Skip:
    """Something that plainly holds no article, such as a picture: no failure, and why."""

    place: Place
    reason: str


class _Step(NamedTuple):
    """A name to look at; ``above`` are the identities of the folders that led to it."""

    path: Path
    above: frozenset[tuple[int, int]]
    linked: bool


def walk(paths: Sequence[Path]) -> Iterator[SourceFile | Failure]:
    """List the files under the paths, folders in sorted order, links after everything else.

    Links come last so that a file reached both ways bears its own name. Hidden names are passed
    over unless given. Links into a folder above, dangling links, FIFOs, sockets, devices and what
    may not be read give a Failure each; none is opened.
    """
    seen: set[tuple[int, int]] = set()
    links: deque[_Step] = deque()
    for path in paths:
        yield from _below(_Step(path, frozenset(), linked=True), seen, links)
    while links:
        yield from _below(links.popleft(), seen, links)


def _below(
    start: _Step, seen: set[tuple[int, int]], links: deque[_Step]
) -> Iterator[SourceFile | Failure]:
    stack = [start]
    while stack:
        step = stack.pop()
        if not step.linked and _is_link(step.path):
            links.append(step._replace(linked=True))
            continue
        try:
            status = step.path.stat()
            identity = (status.st_dev, status.st_ino)
            if identity in step.above:
                yield _failure(step.path, "is a link to a folder above it")
            elif identity not in seen:
                seen.add(identity)
                if stat.S_ISDIR(status.st_mode):
                    stack += _inside(step, identity)
                else:
                    yield _file(step.path, status)
        except OSError as error:
            yield _failure(step.path, _missing(step, error))


def _inside(folder: _Step, identity: tuple[int, int]) -> list[_Step]:
    """Name what is visible in a folder, last first, so that a stack gives the first."""
    names = sorted(path.name for path in folder.path.iterdir() if not path.name.startswith("."))
    above = folder.above | {identity}
    return [_Step(folder.path / name, above, linked=False) for name in reversed(names)]


def _file(path: Path, status: os.stat_result) -> SourceFile | Failure:
    if not stat.S_ISREG(status.st_mode):
        kind = KINDS.get(stat.S_IFMT(status.st_mode), "no file")
        return _failure(path, f"is {kind}, not a file")
    return SourceFile(path, label(str(path)), status.st_size, status.st_mtime_ns)


def _is_link(path: Path) -> bool:
    try:
        return stat.S_ISLNK(path.lstat().st_mode)
    except OSError:
        return False


def _missing(step: _Step, error: OSError) -> str:
    if isinstance(error, FileNotFoundError) and _is_link(step.path):
        return "is a link to nothing"
    return explained(error)


def _failure(path: Path, reason: str) -> Failure:
    return Failure(Place(label(str(path))), reason)
