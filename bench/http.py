"""The service over HTTP: requests a second and latencies with 1, 8 and 32 clients.

    python -m bench.http DATA [--articles 57k] [--seconds 5] [--workers 2]

In: the index that ``bench.engine`` built, or builds now. Out: a table and ``http.json``. For every
number of clients searches and ``/healthz`` take turns of a second, so that both meet the same
machine; clients and server share its cores.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from bench.building import build
from bench.corpus import made
from bench.entries import ENTRIES
from bench.options import SIZES, common, say, stoppable
from bench.queries import Query, Shape, drawn

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from pathlib import Path

CLIENTS = (1, 8, 32)
SLICE = 1.0
"""Seconds one target is asked before the other has its turn."""

STARTING = 60.0

HEALTH = "/healthz"


class Measured(NamedTuple):
    """One target under so many clients: answers, failures, milliseconds."""

    target: str
    clients: int
    requests_per_second: float
    median: float
    p99: float
    failures: int


def main() -> None:
    """Serve the index on loopback and ask it."""
    options = _options()
    stoppable()
    folder = options.out / options.articles
    corpus = made(options.data, folder, SIZES[options.articles], options.procs, streams=False)
    ours = ENTRIES[0]
    build([ours], corpus, folder, say, keep=options.keep)
    targets = {"healthz": [HEALTH], "search": _paths(drawn(corpus.words, options.queries))}
    found = []
    with serving(folder / ours.index, options.workers) as port:
        for clients in options.clients:
            say(f"{clients} clients")
            found += measure(port, targets, clients, options.seconds)
    publish(found, folder)


@contextmanager
def serving(index: Path, workers: int) -> Iterator[int]:
    """Run `searchsvc serve` over an index; gives the port once it is ready."""
    port = _free_port()
    place = ["--index", str(index), "--host", "127.0.0.1", "--port", str(port)]
    program = "from searchsvc.cli import main; main()"
    command = [sys.executable, "-c", program, "serve", *place, "--workers", str(workers)]
    server = subprocess.Popen(command)
    try:
        _wait(port, server)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=STARTING)


def measure(
    port: int, targets: dict[str, list[str]], clients: int, seconds: float
) -> list[Measured]:
    """Let targets take turns until each was asked for so many seconds."""
    spent: dict[str, list[float]] = {name: [] for name in targets}
    failures = dict.fromkeys(targets, 0)
    asked = dict.fromkeys(targets, 0.0)
    orders = {name: itertools.cycle(paths) for name, paths in targets.items()}
    for order in orders.values():
        ask(port, order, clients, SLICE)  # everyone is warm before anything counts
    while min(asked.values()) < seconds:
        for name, order in orders.items():
            took, times, failed = ask(port, order, clients, SLICE)
            asked[name] += took
            spent[name] += times
            failures[name] += failed
    return [_measured(name, clients, spent[name], asked[name], failures[name]) for name in targets]


def ask(
    port: int, paths: Iterator[str], clients: int, seconds: float
) -> tuple[float, list[float], int]:
    """Ask with so many connections at once; gives seconds, milliseconds of each, failures."""
    times: list[float] = []
    failures: list[int] = []
    started = time.perf_counter()
    lock = threading.Lock()

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.perf_counter() - started < seconds:
            with lock:
                path = next(paths)
            before = time.perf_counter()
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                failures.append(0)
                connection.close()
                continue
            (times if answer.status == http.client.OK else failures).append(
                (time.perf_counter() - before) * 1000
            )
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started, times, len(failures)


def publish(found: Sequence[Measured], folder: Path) -> None:
    """Print the table, each search beside the ``/healthz`` of the same turns."""
    print(f"{'clients':>7}  {'target':<9}{'requests/s':>11}{'median':>9}{'p99':>9} ms  failures")
    health = {one.clients: one for one in found if one.target == "healthz"}
    for one in found:
        line = f"{one.clients:>7}  {one.target:<9}{one.requests_per_second:>11.0f}"
        line += f"{one.median:>9.2f}{one.p99:>9.2f}   {one.failures:>9}"
        if one.target != "healthz":
            other = health[one.clients]
            line += f"   {one.median / other.median:.1f}× median, {one.p99 / other.p99:.1f}× p99,"
            line += f" {one.requests_per_second / other.requests_per_second:.2f}× requests/s"
        print(line)
    text = json.dumps([one._asdict() for one in found], indent=1)
    (folder / "http.json").write_text(text, encoding="utf-8")


def _measured(
    name: str, clients: int, times: list[float], seconds: float, failures: int
) -> Measured:
    times = sorted(times) or [float("nan")]
    p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
    rate = len(times) / seconds
    return Measured(name, clients, rate, statistics.median(times), p99, failures)


def _paths(questions: dict[Shape, list[Query]]) -> list[str]:
    """Ask as a reader does: all words, any of them, or a phrase, ten hits with snippets."""
    shapes = (Shape.AND, Shape.OR, Shape.PHRASE)
    rows = zip(*(questions[shape] for shape in shapes), strict=True)
    return [f"/api/v1/search?{urlencode({'q': _typed(query)})}" for row in rows for query in row]


def _typed(query: Query) -> str:
    if query.shape is Shape.PHRASE:
        return f'"{" ".join(query.forms)}"'
    return (" | " if query.shape is Shape.OR else " ").join(query.forms)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTING
    while time.monotonic() < until and server.poll() is None:
        _, times, _ = ask(port, itertools.repeat("/readyz"), 1, 0.1)
        if times:
            return
    raise RuntimeError(f"the server on port {port} did not become ready")


def _options() -> argparse.Namespace:
    parser = common(__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="time of one target")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="of the server")
    parser.add_argument("--clients", type=int, nargs="+", default=CLIENTS, help="at once")
    return parser.parse_args()


if __name__ == "__main__":
    main()
