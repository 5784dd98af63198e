"""A build: sources to parsing to the engine's next generation, with a report.

In: paths and an engine's builder. Out: a report; the generation is current when it says so. One
broken input never stops a build.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from searchsvc.errors import BuildRefused
from searchsvc.indexing.ids import settled
from searchsvc.indexing.report import Tally
from searchsvc.indexing.working import Work, collecting_rarely, outcomes
from searchsvc.model import Failure
from searchsvc.sources.labels import label
from searchsvc.sources.limits import SourceLimits
from searchsvc.sources.reading import portions
from searchsvc.sources.walking import SourceFile, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from searchsvc.config import Settings
    from searchsvc.engines.protocol import Builder, Prepared
    from searchsvc.indexing.report import Report
    from searchsvc.indexing.working import Outcome, Portion
    from searchsvc.model import Article

MOST_PROCESSES = 2

READ_AGAIN = ""
"""The stamp of a file that the next update reads whatever it looks like."""


class Progress(NamedTuple):
    """How far a build is: bytes of input files behind it and in all, articles so far."""

    done: int
    total: int
    articles: int


def build(
    paths: Sequence[Path],
    builder: Builder[Any],
    settings: Settings,
    *,
    update: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
    edit: Callable[[Article], Article] | None = None,
) -> Report:
    """Index everything under the paths; raises BuildRefused, and then leaves no trace.

    With ``update`` only files are read that are new or changed, could not be read whole before or
    share an id with another; articles whose file under one of the paths is gone are removed. Where
    there is nothing of that the generation stays.
    ``edit`` changes each article before it is made ready; worker processes may run it.
    """
    with _aborting(builder), collecting_rarely():
        run = _Run(paths, builder, settings, progress, edit)
        run.index(builder.stamps() if update else {})
        kept, former = builder.count(), builder.former_count()
        if run.changed:
            builder.stamp(run.stamps())
            number = _committed(builder, run.tally)
        else:
            number = builder.stay()
    return run.tally.report(
        changed=run.changed,
        kept=kept,
        former=former,
        generation=number,
        seconds=time.monotonic() - run.started,
    )


@contextmanager
def _aborting(builder: Builder[Any]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        builder.abort()
        raise


def _committed(builder: Builder[Any], tally: Tally) -> int:
    try:
        return builder.commit()
    except BuildRefused as refused:
        raise BuildRefused("\n".join((str(refused), *tally.account()))) from refused


class _Run:
    """One build under way."""

    def __init__(
        self,
        paths: Sequence[Path],
        builder: Builder[Any],
        settings: Settings,
        progress: Callable[[Progress], None],
        edit: Callable[[Article], Article] | None,
    ) -> None:
        self.started = time.monotonic()
        self.tally = Tally()
        self._paths = paths
        self._home = Path(os.path.abspath(settings.index)).parent  # noqa: PTH100 - as below
        self._builder = builder
        self._limits = SourceLimits.of(settings)
        self._processes = settings.procs or min(os.cpu_count() or 1, MOST_PROCESSES)
        self._progress = progress
        self._edit = edit
        self._former: dict[str, str] = {}
        self._stamps: dict[str, str] = {}
        self._unread: set[str] = set()
        """Files and folders of which something could not be read."""
        self._shared: set[str] = set()
        """Files with an id that another file has too: which article stays depends on both."""
        self._outdated: set[str] = set()
        """Files whose old articles are removed when the first new one comes."""
        self._missing: set[str] = set()
        """Ids of articles that were removed with their file and did not come again."""
        self._done = self._total = 0

    def index(self, former: dict[str, str]) -> None:
        """Read every file that is not as it was in ``former``; remove what is gone."""
        self._former = former
        files = list(self._walked())
        self._remove_gone({file.name for file in files})
        changed = [file for file in files if former.get(file.name) != _stamp(file)]
        self.tally.unchanged = len(files) - len(changed)
        self._read(changed)
        if self._shared.difference(file.name for file in changed):
            self._read([file for file in files if file.name in self._shared])
        self.tally.removed = len(self._missing)

    @property
    def changed(self) -> bool:
        """Whether there is anything new to tell a generation from the former one."""
        same = bool(self._former) and self.stamps() == self._former
        return not same or self.tally.articles > 0 or self.tally.removed > 0

    def stamps(self) -> dict[str, str]:
        """Give what the next update is to know of each file."""
        again = self._stamps.keys() & (self._unread | self._shared)
        return self._stamps | dict.fromkeys(again, READ_AGAIN)

    def _walked(self) -> Iterator[SourceFile]:
        for file in walk(self._paths):
            if isinstance(file, Failure):
                place = replace(file.place, path=self._named(Path(file.place.path)))
                self._fail(replace(file, place=place))
            else:
                named = replace(file, name=self._named(file.path))
                self._stamps[named.name] = _stamp(named)
                yield named

    def _named(self, path: Path) -> str:
        """Name a file as it was given; a relative one as it is seen from beside the index."""
        if path.is_absolute():
            return label(str(path))
        absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
        inside = absolute.is_relative_to(self._home)
        return label(str(absolute.relative_to(self._home) if inside else absolute))

    def _absolute(self, name: str) -> Path:
        return Path(os.path.normpath(self._home / name))

    def _remove_gone(self, names: set[str]) -> None:
        """Remove the articles of files that stood under the paths and are there no more."""
        roots = [self._absolute(self._named(path)) for path in self._paths]
        unread = [self._absolute(name) for name in self._unread]
        for origin, stamp in self._former.items():
            if origin in names:
                continue
            path = self._absolute(origin)
            if _is_under(path, roots) and not _is_under(path, unread):
                self._remove(origin)
            else:
                self._stamps[origin] = stamp

    def _remove(self, origin: str) -> None:
        ids = self._builder.ids_from(origin)
        self._builder.delete(ids)
        self._missing |= ids

    def _read(self, files: Sequence[SourceFile]) -> None:
        size = sum(file.size for file in files)
        self._total += size
        self._outdated = self._former.keys() & {file.name for file in files}
        work = Work(self._builder.preparer(), self._edit)
        portions = self._portions(files)
        for outcome in outcomes(portions, work, self._processes, self._builder, size):
            self._take(outcome)
        for origin in self._outdated - self._unread:
            self._remove(origin)

    def _portions(self, files: Sequence[SourceFile]) -> Iterator[Portion]:
        for file in files:
            yield from portions(file, self._limits)
            self._done += file.size
            self._report()

    def _fail(self, failure: Failure) -> None:
        self.tally.fail(failure)
        self._unread.add(failure.place.path)

    def _take(self, outcome: Outcome) -> None:
        self.tally.read += outcome.read
        self.tally.promos += outcome.promos
        self.tally.undated += outcome.undated
        self.tally.languages += outcome.languages
        for failure in outcome.failures:
            self._fail(failure)
        for skip in outcome.skips:
            self.tally.skip(skip)
        self._add_all(outcome.prepared)
        self._report()

    def _add_all(self, several: Sequence[Prepared]) -> None:
        """Add articles, at once where each is simply one more."""
        if not self._outdated and not self._missing and self._builder.add_new(several):
            self.tally.articles += len(several)
            return
        for prepared in several:
            self._add(prepared)

    def _add(self, prepared: Prepared) -> None:
        origin = prepared.origin
        if origin in self._outdated:
            self._outdated.remove(origin)
            self._remove(origin)
        given = prepared.id
        prepared, replaced = settled(prepared, self._builder)
        if replaced is not None and replaced.origin != origin:
            self._shared |= {origin, replaced.origin}
        if prepared.id != given:
            self.tally.rename(given, prepared.id)
        self.tally.articles += 1
        self.tally.replaced += replaced is not None or prepared.id in self._missing
        self._missing.discard(prepared.id)
        self._builder.add(prepared)

    def _report(self) -> None:
        self._progress(Progress(self._done, self._total, self.tally.articles))


def _stamp(file: SourceFile) -> str:
    return f"{file.size}:{file.modified_ns}"


def _is_under(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)
