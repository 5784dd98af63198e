"""Work on what files hold, in this process or in others: parse and make ready for the engine.

In: portions of files. Out: what each batch of them gave, in their order. Processes are started
only when there is work enough to pay for them.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import threading
from collections import Counter, deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, NamedTuple

from searchsvc.errors import BuildRefused
from searchsvc.model import Failure, Input
from searchsvc.parsing.narrow import narrow_article
from searchsvc.parsing.parsing import parse
from searchsvc.sources.limits import Broken
from searchsvc.sources.reading import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from multiprocessing.context import BaseContext

    from searchsvc.engines.protocol import Builder, Prepared, Preparer
    from searchsvc.model import Article, NarrowArticle
    from searchsvc.sources.reading import Skip

    Found = Input | Failure | Skip
    Portion = Found | Lines

BATCH_INPUTS = 64
BATCH_BYTES = 1_000_000
"""A batch ends with as many inputs, or bytes: about 400 records."""

ALONE = 500_000
"""Bytes worked on before other processes are started, which costs them about 50 ms."""

MANY = 8 * ALONE
"""Bytes of files for which they are started at once."""

COLLECTED = 20_000
"""Objects made between two collections of garbage: 4 % of the time less than with Python's 700."""


class Outcome(NamedTuple):
    """What a batch gave: ``read`` inputs, articles in their order, and counts for the report."""

    read: int
    prepared: Sequence[Prepared]
    languages: Counter[str]
    undated: int
    promos: int
    failures: tuple[Failure, ...]
    skips: tuple[Skip, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """How articles are made ready: edited first where that is asked for."""

    prepare: Preparer[Any]
    edit: Callable[[Article], Article] | None = None

    def on(self, batch: Iterable[Portion]) -> Outcome:
        """Parse a batch and make its articles ready."""
        gathered = _Gathered(self.edit)
        for portion in batch:
            gathered.take(portion)
        return Outcome(
            read=gathered.read,
            prepared=self.prepare.together(gathered.articles),
            languages=gathered.languages,
            undated=gathered.undated,
            promos=gathered.promos,
            failures=tuple(gathered.failures),
            skips=tuple(gathered.skips),
        )


class _Gathered:
    """What a batch gave so far."""

    def __init__(self, edit: Callable[[Article], Article] | None) -> None:
        self._edit = edit
        self.read = self.promos = self.undated = 0
        self.articles: list[Article | NarrowArticle] = []
        self.languages: Counter[str] = Counter()
        self.failures: list[Failure] = []
        self.skips: list[Skip] = []

    def take(self, portion: Portion) -> None:
        if isinstance(portion, Lines):
            self._take_lines(portion)
        elif isinstance(portion, Input):
            self.read += 1
            parsed = parse(portion)
            for article in parsed.articles:
                self._count(article)
                self.articles.append(self._edited(searchable(article)))
            self.failures += parsed.failures
            self.promos += parsed.promos
        elif isinstance(portion, Failure):
            self.failures.append(portion)
        else:
            self.skips.append(portion)

    def _take_lines(self, block: Lines) -> None:
        """Read most lines in the short way, which makes no texts that could be edited."""
        origin = block.place.path
        for line in block.lines():
            article = narrow_article(line.data, origin) if line.data and not self._edit else None
            if article is None:
                for item in block.found_in(line):
                    self.take(item)
            else:
                self.read += 1
                self._count(article)
                self.articles.append(article)

    def _count(self, article: Article | NarrowArticle) -> None:
        self.languages[article.language] += 1
        self.undated += article.date is None

    def _edited(self, article: Article) -> Article:
        return article if self._edit is None else self._edit(article)


def searchable(article: Article) -> Article:
    """Put a lead that the text does not have before the text, so that its words are found."""
    if not article.lead or article.lead in article.text or article.lead == article.title:
        return article
    text = f"{article.lead}\n{article.text}".rstrip("\n")
    return replace(article, text=text, title_made=False)


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Look for garbage more rarely than usual: what waits to be written is none."""
    usual = gc.get_threshold()
    gc.set_threshold(COLLECTED)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def outcomes(
    portions: Iterable[Portion],
    work: Work,
    processes: int,
    builder: Builder[Any],
    expected: int = 0,
) -> Iterator[Outcome]:
    """Work on everything in order, the first of it here, much with ``processes`` others.

    Those run the builder's errands too. So many bytes of files are ``expected``.
    """
    batches = _batches(portions)
    alone = ALONE if expected >= MANY else 0
    for batch in batches:
        if processes > 1 and alone >= ALONE:
            yield from _Spread(work, processes, builder).outcomes(_chain(batch, batches))
            return
        alone += sum(map(_weight, batch))
        yield work.on(batch)


def _chain(first: list[Portion], rest: Iterator[list[Portion]]) -> Iterator[list[Portion]]:
    yield first
    yield from rest


def _batches(portions: Iterable[Portion]) -> Iterator[list[Portion]]:
    batch: list[Portion] = []
    weight = 0
    for portion in portions:
        batch.append(portion)
        weight += _weight(portion)
        if len(batch) >= BATCH_INPUTS or weight >= BATCH_BYTES:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _weight(portion: Portion) -> int:
    if isinstance(portion, Lines):
        return portion.size
    content = portion.content if isinstance(portion, Input) else ""
    return 2 * len(content) if isinstance(content, str) else 4_000


def _elsewhere(portion: Portion) -> Portion:
    return portion.elsewhere() if isinstance(portion, Lines) else portion


def _here(portion: Portion) -> Portion:
    return portion.here() if isinstance(portion, Lines) else portion


class _Spread:
    """Work spread over processes."""

    def __init__(self, work: Work, processes: int, builder: Builder[Any]) -> None:
        self._work = work
        self._processes = processes
        self._builder = builder
        self._waiting: deque[tuple[list[Portion], Future[Outcome]]] = deque()
        self._errands: deque[Future[Any]] = deque()

    def outcomes(self, batches: Iterator[list[Portion]]) -> Iterator[Outcome]:
        """Work on batches, some of them waiting at any time, and on errands between."""
        with _pool(self._processes, self._work) as pool:
            try:
                for batch in batches:
                    future = pool.submit(_work_on, [*map(_elsewhere, batch)])
                    self._waiting.append((batch, future))
                    if len(self._waiting) > 2 * self._processes:
                        yield self._first()
                        self._run_errands(pool)
                while self._waiting:
                    yield self._first()
                self._run_errands(pool, last=True)
            except BrokenProcessPool:
                message = "a process that parses died (is there memory enough?)"
                raise BuildRefused(f"{message}; nothing was replaced") from None
            finally:
                for future in (*(own for _, own in self._waiting), *self._errands):
                    future.cancel()

    def _first(self) -> Outcome:
        """Wait for the first of those that wait; a file changed meanwhile is here as it was."""
        batch, future = self._waiting.popleft()
        try:
            return future.result()
        except Broken:
            return self._work.on(batch)

    def _run_errands(self, pool: ProcessPoolExecutor, *, last: bool = False) -> None:
        for errand in self._builder.errands(self._processes, last=last):
            self._errands.append(pool.submit(errand))
        while self._errands and (last or self._errands[0].done()):
            self._builder.done(self._errands.popleft().result())


def _pool(processes: int, work: Work) -> ProcessPoolExecutor:
    context = _context()
    if context.get_start_method() == "fork":
        work.prepare.share()
    return ProcessPoolExecutor(processes, context, _begin, (work,))


def _context() -> BaseContext:
    """Fork where that is safe: what is imported and loaded need not be loaded again (0.7 s)."""
    alone = threading.active_count() == 1 and sys.platform == "linux"
    return multiprocessing.get_context("fork" if alone else "spawn")


_worker: list[Work] = []
"""How a worker process works; its caches live as long as the process."""


def _begin(work: Work) -> None:
    _worker[:] = [replace(work, prepare=work.prepare.forked())]
    gc.freeze()
    gc.set_threshold(COLLECTED)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the build that started it is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _work_on(batch: Sequence[Portion]) -> Outcome:
    # All is read before anything is done: whoever does it instead begins where this one did.
    return _worker[0].on([*map(_here, batch)])
