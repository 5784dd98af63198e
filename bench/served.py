"""The server under measurement: `searchsvc serve` on a free port of the loopback.

In: an index and a number of workers. Out: its port, what processor time its workers have used, and
what memory they hold.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

STARTING = 60.0
"""Seconds a server may take to start or to stop."""

READY = b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


class Memory(NamedTuple):
    """Megabytes of one worker, from ``/proc/PID/smaps_rollup``; ``private`` are not shared."""

    workers: int
    anonymous: float
    private: float
    resident: float


class Server(NamedTuple):
    """A running server and the process ids of its workers."""

    port: int
    workers: tuple[int, ...]

    def processor_seconds(self) -> float:
        """Add up the time that the workers have run, threads that ended included."""
        files = (Path(f"/proc/{worker}/stat") for worker in self.workers)
        rows = (file.read_text(encoding="ascii").rpartition(")")[2].split() for file in files)
        return sum(int(row[11]) + int(row[12]) for row in rows) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> list[Memory]:
        """Tell what each worker holds."""
        return [_memory(len(self.workers), worker) for worker in self.workers]


@contextmanager
def serving(index: Path, workers: int) -> Iterator[Server]:
    """Serve an index while the block runs; raises RuntimeError when that fails."""
    port = _free_port()
    place = ["--index", str(index), "--host", "127.0.0.1", "--port", str(port)]
    program = "from searchsvc.cli import main; main()"
    command = [sys.executable, "-c", program, "serve", *place, "--workers", str(workers)]
    process = subprocess.Popen(command)
    try:
        _wait(port, process)
        yield Server(port, _all_children(process.pid, workers))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=STARTING)


def _all_children(pid: int, wanted: int) -> tuple[int, ...]:
    """Wait until every worker is there: the first may answer before the last is forked."""
    until = time.monotonic() + STARTING
    while len(found := _children(pid)) < wanted:
        if time.monotonic() > until:
            raise RuntimeError(f"only {len(found)} of {wanted} workers started")
        time.sleep(0.01)
    return found


def _children(pid: int) -> tuple[int, ...]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return tuple(map(int, text.split()))


def _memory(workers: int, pid: int) -> Memory:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    rows = dict(line.split(":", 1) for line in lines)
    names = ("Anonymous", "Private_Dirty", "Rss")
    return Memory(workers, *(int(rows[name].split()[0]) / 1024 for name in names))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTING
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=STARTING) as line:
                line.sendall(READY)
                if b" 200 " in line.recv(1000).partition(b"\r\n")[0]:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server on port {port} did not become ready")
