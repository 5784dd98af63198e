"""Accepting: which worker takes a new connection, the one that has the fewest.

In: gunicorn's worker with threads. Out: one that leaves connections to a worker with fewer, and no
thread to a client that says nothing, or not all of a request's head, or does not close.

A kept-alive connection stays with the worker that took it, and the kernel wakes all that listen: of
two clients both met one worker of two in half of the runs while the other one was idle, of eight
all did now and then (slices of `python -m bench.http`, by the workers' processor time).
"""

from __future__ import annotations

import mmap
import time
from contextlib import suppress
from enum import Enum
from functools import partial
from selectors import EVENT_READ
from socket import MSG_DONTWAIT, MSG_PEEK, SHUT_WR, SO_RCVLOWAT, SOL_SOCKET
from typing import TYPE_CHECKING, Any

from gunicorn.workers.gthread import ThreadWorker

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from socket import socket

PATIENCE = 0.02
"""Seconds that a connection is left to a worker with fewer: a busy one comes to it after a few
switches of Python's threads, 5 ms each; a hung one costs a new connection no more than this."""

HEAD = 1 << 15
"""Bytes of a request's head that are waited for; browsers send one or two thousand."""
PEEK = int(MSG_PEEK | MSG_DONTWAIT)
END = b"\r\n\r\n"
REFUSAL = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n"

BODY_SECONDS = 0.05
"""Time for a body that nobody reads to come, before its connection is closed."""

BYTES = 4
CLOSED = (1 << 31) - 1
"""What is noted of a worker that takes no connections; no worker has as many."""


class Come(Enum):
    """How much of a request's head a client has sent."""

    WHOLE = "whole"
    PART = "part"
    TOO_LONG = "too long"
    NO_MORE = "no more"


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._room = bytearray(HEAD)

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
        """Give a connection to a thread when the head of a request is there.

        A thread waits 5 s for its beginning: 200 clients that say nothing kept all others waiting
        for two minutes. It waits without end for the rest: four clients held a worker for good.
        Gunicorn closes what waits here after the time of a kept-alive connection.
        """
        known = hasattr(connection, "data_ready")  # by this gunicorn
        self._go_on(connection, self._look(connection) if known else Come.WHOLE)

    def finish_request(self, connection: Any, future: Future[object]) -> None:
        """Keep a connection or let it go.

        Gunicorn waits up to 2 s for the client to close, and everybody else for gunicorn.
        """
        kept = future.cancelled() or future.exception() or future.result()
        if kept or not hasattr(self, "pending_conns"):
            super().finish_request(connection, future)
        else:
            self._let_go(connection)

    def _keepalive_after(self, connection: Any, keepalive: bool) -> bool:
        """Keep a connection whose request has no body, or one that has come."""
        until = time.monotonic() + BODY_SECONDS
        return bool(keepalive and connection.parser.finish_body(deadline=until))

    def _go_on(self, connection: Any, come: Come) -> None:
        if come is Come.WHOLE:
            connection.data_ready = True
            super().enqueue_req(connection)
        elif come is Come.PART:
            self._wait(connection, self._on_more)
        else:
            if come is Come.TOO_LONG:
                with suppress(OSError):
                    connection.sock.send(REFUSAL, MSG_DONTWAIT)
            self._let_go(connection)

    def _let_go(self, connection: Any) -> None:
        """Say that nothing more comes, and wait for the client to close, without a thread."""
        try:
            connection.sock.shutdown(SHUT_WR)
            self._wait(connection, self._on_rest)
        except OSError:
            self._close(connection)

    def _wait(self, connection: Any, heard: Callable[[Any, socket], None]) -> None:
        connection.sock.setblocking(False)
        connection.set_timeout()
        self.poller.register(connection.sock, EVENT_READ, partial(heard, connection))
        self.pending_conns.append(connection)

    def _leave(self, connection: Any) -> None:
        self.poller.unregister(connection.sock)
        self.pending_conns.remove(connection)

    def _close(self, connection: Any) -> None:
        self.nr_conns -= 1
        connection.close()

    def _on_more(self, connection: Any, _: socket) -> None:
        come = self._look(connection)
        if come is not Come.PART:
            self._leave(connection)
            self._go_on(connection, come)

    def _on_rest(self, connection: Any, client: socket) -> None:
        """Drop what a client still says, so that it gets the answer whole, until it closes."""
        try:
            ended = not client.recv_into(self._room)
        except BlockingIOError:
            return
        except OSError:
            ended = True
        if ended:
            self._leave(connection)
            self._close(connection)

    def _look(self, connection: Any) -> Come:
        """See how much of a head there is; of a part no event comes before there is more."""
        begun = connection.parser.unreader.buf.getvalue() if connection.parser else b""
        client, awaited = connection.sock, getattr(connection, "awaited", 1)
        try:
            size = client.recv_into(self._room, 0, PEEK)
        except BlockingIOError:
            return Come.WHOLE if END in begun else Come.PART
        except OSError:
            return Come.NO_MORE
        said = begun + self._room[:size]
        if END in said:
            come = Come.WHOLE
        elif size == HEAD:
            # An address that is too long gunicorn refuses at once.
            come = Come.TOO_LONG if b"\r\n" in said else Come.WHOLE
        else:
            come = Come.NO_MORE if size < awaited else Come.PART
        connection.awaited = size + 1 if come is Come.PART else 1
        if connection.awaited != awaited:
            client.setsockopt(SOL_SOCKET, SO_RCVLOWAT, connection.awaited)
        return come

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait, no longer than a connection is left to others."""
        left = self._left - time.monotonic()
        super().wait_for_and_dispatch_events(min(timeout, left) if left > 0 else timeout)

    def _note(self) -> None:
        if self.loads:
            self.loads.note(self.place, self._connections if self.alive else CLOSED)


WORKER: type | str = Worker if hasattr(ThreadWorker, "set_accept_enabled") else "gthread"
"""What gunicorn is told; before version 24 its workers listened otherwise."""
