"""A build: sources to parsing to the engine's next generation, with a report.

In: paths and an engine's builder. Out: a report; the generation is current when it says so. One
broken input never stops a build.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from searchsvc.indexing.ids import settled
from searchsvc.indexing.report import Tally
from searchsvc.indexing.working import outcomes
from searchsvc.model import Failure
from searchsvc.sources.limits import SourceLimits
from searchsvc.sources.reading import read
from searchsvc.sources.walking import Skip, SourceFile, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from searchsvc.config import Settings
    from searchsvc.engines.protocol import Builder
    from searchsvc.indexing.report import Report
    from searchsvc.indexing.working import Outcome
    from searchsvc.model import Input

MOST_PROCESSES = 4


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
) -> Report:
    """Index everything under the paths; raises BuildRefused, and then leaves no trace.

    With ``update`` only files that are new or changed are read, and articles whose file under
    one of the paths is gone are removed.
    """
    with _aborting(builder):
        run = _Run(paths, builder, settings, progress)
        run.index(builder.stamps() if update else {})
        if update:
            run.remove_gone()
        builder.stamp(run.stamps)
        kept, former = builder.count(), builder.former_count()
        number = builder.commit()
    seconds = time.monotonic() - run.started
    return run.tally.report(kept=kept, former=former, generation=number, seconds=seconds)


@contextmanager
def _aborting(builder: Builder[Any]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        builder.abort()
        raise


class _Run:
    """One build under way."""

    def __init__(
        self,
        paths: Sequence[Path],
        builder: Builder[Any],
        settings: Settings,
        progress: Callable[[Progress], None],
    ) -> None:
        self.started = time.monotonic()
        self.tally = Tally()
        self.stamps: dict[str, str] = {}
        self._paths = paths
        self._builder = builder
        self._limits = SourceLimits.of(settings)
        self._processes = settings.procs or min(os.cpu_count() or 1, MOST_PROCESSES)
        self._progress = progress
        self._former: dict[str, str] = {}
        self._unread: set[str] = set()
        self._before: dict[str, frozenset[str]] = {}
        """Articles of changed files, removed when the first new one of the file comes."""
        self._done = self._total = 0

    def index(self, former: dict[str, str]) -> None:
        """Read every file that is not as it was in ``former``."""
        self._former = former
        inputs = self._inputs(self._changed(list(walk(self._paths))))
        for outcome in outcomes(inputs, self._builder.preparer(), self._processes):
            self._take(outcome)
        for origin in self._before.keys() - self._unread:
            self._remove(self._before[origin])

    def remove_gone(self) -> None:
        """Remove the articles of files that stood under the paths and are there no more."""
        prefixes = tuple(f"{path}{os.sep}" for path in self._paths)
        for origin, stamp in self._former.items():
            if origin in self.stamps:
                continue
            if origin.startswith(prefixes) and origin not in self._unread:
                self._remove(self._builder.ids_from(origin))
            else:
                self.stamps[origin] = stamp

    def _remove(self, ids: frozenset[str]) -> None:
        self.tally.removed += self._builder.delete(ids)

    def _changed(self, files: Sequence[SourceFile | Failure]) -> Iterator[SourceFile]:
        self._total = sum(file.size for file in files if isinstance(file, SourceFile))
        for file in files:
            if isinstance(file, Failure):
                self._fail(file)
                continue
            stamp = f"{file.size}:{file.modified_ns}"
            self.stamps[file.name] = stamp
            if self._former.get(file.name) == stamp:
                self.tally.unchanged += 1
            else:
                if file.name in self._former:
                    self._before[file.name] = self._builder.ids_from(file.name)
                yield file
            self._done += file.size
            self._report()

    def _inputs(self, files: Iterator[SourceFile]) -> Iterator[Input]:
        for file in files:
            for item in read(file, self._limits):
                if isinstance(item, Failure):
                    self._fail(item)
                elif isinstance(item, Skip):
                    self.tally.skip(item)
                else:
                    self.tally.read += 1
                    yield item

    def _fail(self, failure: Failure) -> None:
        self.tally.fail(failure)
        self._unread.add(failure.place.path)

    def _take(self, outcome: Outcome) -> None:
        self.tally.promos += outcome.promos
        for failure in outcome.failures:
            self._fail(failure)
        for ready in outcome.ready:
            self._remove(self._before.pop(ready.prepared.origin, frozenset()))
            prepared, replaces = settled(ready.prepared, self._builder)
            if prepared.id != ready.prepared.id:
                self.tally.rename(ready.prepared.id, prepared.id)
            self.tally.articles += 1
            self.tally.replaced += replaces
            self.tally.undated += not ready.dated
            self.tally.languages[ready.language] += 1
            self._builder.add(prepared)
        if self.tally.articles % 100 == 0:
            self._report()

    def _report(self) -> None:
        self._progress(Progress(self._done, self._total, self.tally.articles))
