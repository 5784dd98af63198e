"""Progress of long work on standard error: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from searchsvc.cli.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from searchsvc.indexing.building import Progress

EVERY = 5.0
"""Seconds between two plain lines."""


@contextmanager
def reporting() -> Iterator[Callable[[Progress], None]]:
    """Give what shows the progress of a build."""
    if not sys.stderr.isatty():
        yield _Lines().show
        return
    with click.progressbar(length=1, label="Indexing", file=sys.stderr, width=30) as bar:

        def show(progress: Progress) -> None:
            bar.length = max(progress.total, 1)
            bar.label = f"Indexing, {counted(progress.articles, 'article')}"
            bar.update(progress.done - bar.pos)

        yield show


class _Lines:
    def __init__(self) -> None:
        self._next = time.monotonic() + EVERY

    def show(self, progress: Progress) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY
        part = 100 * progress.done // max(progress.total, 1)
        click.echo(f"{counted(progress.articles, 'article')}, {part} % of the files", err=True)
