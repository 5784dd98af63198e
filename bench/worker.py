"""One contestant in a process of its own: it builds, opens, answers and tells its memory.

In: commands over a pipe, one at a time. Out: one reply each. A process each keeps garbage, caches
and memory apart, and lets one do without the kernel.
"""

from __future__ import annotations

import gc
import multiprocessing
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.contestants.contract import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

    from bench.entries import Entry
    from bench.queries import Query

REPEATS = 3
"""Times a query is asked in one turn; the median counts."""

SLOW_NS = 20_000_000
"""A query that takes this long is asked once a turn."""


class Memory(NamedTuple):
    """Bytes of a process, from ``/proc/self/smaps_rollup``."""

    resident: int
    anonymous: int


class Built(NamedTuple):
    """A finished index: seconds that count, bytes on disk, the most memory of one process."""

    seconds: float
    bytes: int
    segments: int
    peak: int


class Opened(NamedTuple):
    """An opened index: the time it took, its segments, memory with the libraries alone."""

    ms: float
    segments: int
    before: Memory


class Turn(NamedTuple):
    """One answer: its median time and its first, the exact total, the places of the first hits."""

    ns: int
    first: int
    total: int | None
    numbers: tuple[int, ...]


class Worker:
    """The near end of a contestant's process."""

    def __init__(self, entry: Entry, folder: Path) -> None:
        self.entry = entry
        context = multiprocessing.get_context("spawn")
        self._pipe, far = context.Pipe()
        self._process = context.Process(target=_serve, args=(entry, str(folder), far))
        self._process.start()
        far.close()

    def build(self, corpus: Path, segments: int) -> Built:
        """Build the index."""
        return self._call("build", corpus, segments)

    def open(self, queries: Sequence[Query]) -> Opened:
        """Open the index and prepare every query."""
        return self._call("open", queries)

    def ask(self, number: int, stage: Stage) -> Turn | None:
        """Answer a query by its number; None where the contestant cannot."""
        return self._call("ask", number, stage)

    def memory(self) -> Memory:
        """Tell what it holds now."""
        return self._call("memory")

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join()

    def _call(self, *command: object) -> Any:
        self._pipe.send(command)
        reply = self._pipe.recv()
        if isinstance(reply, BaseException):
            raise reply
        return reply


class _Room:
    """What a contestant's process does for each command."""

    def __init__(self, entry: Entry, folder: Path) -> None:
        self._folder = folder / entry.index
        self._contestant = entry.contestant(folder)
        self._prepared: list[Any] = []

    def build(self, corpus: Path, segments: int) -> Built:
        seconds = self._contestant.build(corpus, segments)
        size = sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file())
        owners = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        peak = max(resource.getrusage(owner).ru_maxrss for owner in owners) * 1024
        return Built(seconds, size, self._contestant.open(), peak)

    def open(self, queries: Sequence[Query]) -> Opened:
        before = self.memory()
        started = time.perf_counter()
        segments = self._contestant.open()
        ms = (time.perf_counter() - started) * 1000
        self._prepared = [self._contestant.prepare(query) for query in queries]
        gc.collect()
        gc.freeze()
        gc.disable()
        return Opened(ms, segments, before)

    def ask(self, number: int, stage: Stage) -> Turn | None:
        prepared = self._prepared[number]
        if prepared is None or stage not in self._contestant.stages:
            return None
        times = []
        while len(times) < REPEATS:
            started = time.perf_counter_ns()
            answer = self._contestant.ask(prepared, stage)
            times.append(time.perf_counter_ns() - started)
            if times[0] > SLOW_NS:
                break
        found = self._contestant.numbers(answer) if stage is Stage.IDS else ()
        middle = int(statistics.median(times))
        return Turn(middle, times[0], answer.total, tuple(map(int, found)))

    def memory(self) -> Memory:
        fields = dict(
            line.split(":", 1)
            for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
        )
        resident, anonymous = (int(fields[name].split()[0]) for name in ("Rss", "Anonymous"))
        return Memory(resident * 1024, anonymous * 1024)


def _serve(entry: Entry, folder: str, pipe: Connection) -> None:
    if entry.without:
        # To import it fails now, as if it had never been built.
        sys.modules[entry.without] = None
    room = _Room(entry, Path(folder))
    while True:
        try:
            name, *arguments = pipe.recv()
        except EOFError:
            return
        try:
            reply = getattr(room, name)(*arguments)
        except Exception as error:  # noqa: BLE001 - it goes to the other end and is raised there
            reply = RuntimeError(f"{entry.name}: {name} failed: {error!r}")
        pipe.send(reply)
