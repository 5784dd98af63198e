"""The client of the HTTP benchmark: raw keep-alive connections in a process of its own.

In: a port, requests as bytes, how many connections and for how long. Out: the latency of each
request and the processor time the client took, so that a table can tell whether it was the bound.
"""

from __future__ import annotations

import multiprocessing
import select
import socket
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

_BLOCK = 1 << 18
_LENGTH = b"\r\ncontent-length: "
_FINE = b"HTTP/1.1 200 "


class Asked(NamedTuple):
    """One slice: seconds it took, milliseconds of each answer, failures, the client's seconds.

    ``given`` is how many requests of the target were sent so far, measured or not.
    """

    seconds: float
    times: list[float]
    failures: int
    client_seconds: float
    bytes: int
    given: int


class Target:
    """Requests that are sent in turn, and then anew; ``given`` is how many were."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        self._requests = requests
        self.given = 0

    def give(self) -> bytes:
        """Give the next request."""
        request = self._requests[self.given % len(self._requests)]
        self.given += 1
        return request


class Client:
    """The near end of the client's process."""

    def __init__(self, port: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, far = context.Pipe()
        self._process = context.Process(target=_serve, args=(port, far))
        self._process.start()
        far.close()

    def give(self, name: str, paths: Sequence[str]) -> None:
        """Hand over the addresses of a target; they are asked in turn, slice after slice."""
        self._pipe.send((name, [request_of(path) for path in paths]))

    def ask(self, name: str, connections: int, seconds: float) -> Asked:
        """Ask a target with so many connections at once; raises EOFError when the client died."""
        self._pipe.send((name, connections, seconds))
        asked: Asked = self._pipe.recv()
        return asked

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join()


def request_of(path: str) -> bytes:
    """Write the request of an address."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode("ascii")


def _serve(port: int, pipe: Connection) -> None:
    targets: dict[str, Target] = {}
    while True:
        try:
            name, *rest = pipe.recv()
        except EOFError:
            return
        if len(rest) == 1:
            targets[name] = Target(rest[0])
        else:
            pipe.send(ask(port, targets[name], *rest))


def ask(port: int, target: Target, connections: int, seconds: float) -> Asked:
    """Ask a target for some seconds; the first request of each connection is not measured."""
    lines = [_Line(port) for _ in range(connections)]
    try:
        for line in lines:
            line.whole(target.give())  # to accept it is not its request
        return _asked(lines, target, seconds)
    finally:
        for line in lines:
            line.socket.close()


def _asked(lines: list[_Line], target: Target, seconds: float) -> Asked:
    times: list[float] = []
    failures = received = 0
    poll = select.epoll()
    own = {line.socket.fileno(): line for line in lines}
    spent, started = time.process_time(), time.perf_counter()
    for number, line in own.items():
        poll.register(number, select.EPOLLIN)
        line.send(target.give())
    while own:
        for number, _ in poll.poll():
            line = own[number]
            if not line.read():
                continue
            now = time.perf_counter()
            received += line.size
            if line.failed:
                failures += 1
            else:
                times.append((now - line.sent) * 1000)
            if now - started < seconds and not line.ended:
                line.send(target.give())
            else:
                poll.unregister(number)
                del own[number]
    poll.close()
    took = time.perf_counter() - started
    spent = time.process_time() - spent
    return Asked(took, times, failures, spent, received, target.given)


class _Line:
    """One connection and the answer that is coming over it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent = 0.0
        self.failed = self.ended = False
        self.size = 0
        self._expected = 0
        self._head = b""

    def send(self, request: bytes) -> None:
        """Send a request."""
        self.size = self._expected = 0
        self._head = b""
        self.sent = time.perf_counter()
        self.socket.sendall(request)

    def whole(self, request: bytes) -> None:
        """Send a request and wait for its answer."""
        self.send(request)
        while not self.read():
            pass

    def read(self) -> bool:
        """Take what has come; tells whether the answer is complete."""
        block = self.socket.recv(_BLOCK)
        self.size += len(block)
        if not block:
            self.failed = self.ended = True
            return True
        if not self._expected:
            self._head += block
            self._read_head()
        return 0 < self._expected <= self.size

    def _read_head(self) -> None:
        end = self._head.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._head[:end].lower() + b"\r\n"
        self.failed = not self._head.startswith(_FINE)
        _, known, after = head.partition(_LENGTH)
        length = int(after.partition(b"\r\n")[0]) if known else 0
        self._expected = end + 4 + length
