"""Accepting: which worker takes a new connection, the one that has the fewest.

In: gunicorn's worker with threads. Out: one that leaves connections to a worker with fewer, and no
thread to a client that says nothing.

A kept-alive connection stays with the worker that took it, and the kernel wakes all that listen: of
two clients both met one worker of two in half of the runs while the other one was idle, of eight
all did now and then (slices of `python -m bench.http`, by the workers' processor time).
"""

from __future__ import annotations

import mmap
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

PATIENCE = 0.02
"""Seconds that a connection is left to a worker with fewer: a busy one comes to it after a few
switches of Python's threads, 5 ms each; a hung one costs a new connection no more than this."""

BYTES = 4
CLOSED = (1 << 31) - 1
"""What is noted of a worker that takes no connections; no worker has as many."""


class Loads:
    """How many connections each worker has, in memory that they share.

    Made before they are forked. Each writes a number of its own, so that nothing is locked.
    """

    def __init__(self, workers: int) -> None:
        places = 2 * workers or 1  # those that are replaced are still there for a while
        self._counts = memoryview(mmap.mmap(-1, places * BYTES)).cast("i")
        self._owners: list[object] = [None] * places
        for place in range(places):
            self.note(place, CLOSED)

    def give(self, _arbiter: object, worker: Any) -> None:
        """Give a worker its place before it is forked; where none is free it goes without."""
        if None in self._owners:
            place = self._owners.index(None)
            self._owners[place] = worker
            worker.loads, worker.place = self, place

    def free(self, _arbiter: object, worker: object) -> None:
        """Take the place of a worker that has ended."""
        if worker in self._owners:
            place = self._owners.index(worker)
            self._owners[place] = None
            self.note(place, CLOSED)

    def note(self, place: int, count: int) -> None:
        """Say how many connections there are at a place."""
        self._counts[place] = count

    def fewest(self) -> int:
        """Tell how many connections the worker has that has the fewest."""
        return min(self._counts)


class Worker(ThreadWorker):  # type: ignore[misc]
    """A worker that takes a connection if none has fewer, or if none of these took it in time."""

    loads: Loads | None = None
    place = 0
    _connections = 0
    _left = 0.0
    """When it is over that the last one is left to others."""

    @property
    def nr_conns(self) -> int:
        """How many connections are open, as gunicorn counts them."""
        return self._connections

    @nr_conns.setter
    def nr_conns(self, count: int) -> None:
        self._connections = count
        self._note()

    def set_accept_enabled(self, enabled: bool) -> None:
        """Listen or not; not while a connection is left to others."""
        super().set_accept_enabled(enabled and time.monotonic() >= self._left)
        self._note()

    def accept(self, listener: Any) -> None:
        """Take a connection or leave it."""
        now = time.monotonic()
        others_had_time = now < self._left + PATIENCE
        if self.loads and not others_had_time and self.loads.fewest() < self._connections:
            self._left = now + PATIENCE
            self.set_accept_enabled(False)
        else:
            super().accept(listener)

    def enqueue_req(self, connection: Any) -> None:
        """Give a connection to a thread, a new one when it says something.

        A thread waits 5 s for it: 200 clients that say nothing kept all others waiting for two
        minutes. Gunicorn closes what waits here after the time of a kept-alive connection.
        """
        if connection.initialized or getattr(connection, "data_ready", True):
            super().enqueue_req(connection)
            return
        connection.sock.setblocking(False)
        connection.set_timeout()
        self.pending_conns.append(connection)
        heard = partial(self.on_pending_socket_readable, connection)
        self.poller.register(connection.sock, EVENT_READ, heard)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait, no longer than a connection is left to others."""
        left = self._left - time.monotonic()
        super().wait_for_and_dispatch_events(min(timeout, left) if left > 0 else timeout)

    def _note(self) -> None:
        if self.loads:
            self.loads.note(self.place, self._connections if self.alive else CLOSED)


WORKER: type | str = Worker if hasattr(ThreadWorker, "set_accept_enabled") else "gthread"
"""What gunicorn is told; before version 24 its workers listened otherwise."""
