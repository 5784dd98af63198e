"""The service over HTTP: requests a second and latencies with 1, 8 and 32 clients.

    python -m bench.http DATA [--articles 57k] [--seconds 5] [--workers 1 2]

In: the index that ``bench.engine`` built, or builds now (or one that ``--index`` names). Out: a
table and ``http.json``: for every number of workers and clients searches beside the ``/healthz`` of
the same run, the two taking turns of half a second, so that both meet the same machine; then where
the time of a search goes, step by step. Clients and server share the machine's cores; what the
clients took of them is in the table.
"""

from __future__ import annotations

import itertools
import json
import signal
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from bench import steps
from bench.asking import Client
from bench.building import build
from bench.corpus import made
from bench.entries import ENTRIES
from bench.options import SIZES, common, say, stoppable
from bench.queries import Query, Shape, drawn

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from bench.asking import Asked

CLIENTS = (1, 8, 32)
WORKERS = (1, 2)
SLICE = 0.5
"""Seconds one target is asked before the other has its turn."""

STARTING = 60.0

HEALTH = "/healthz"
SEARCH = "/api/v1/search"


class Measured(NamedTuple):
    """One target under so many clients: answers, failures, milliseconds, kilobytes of an answer.

    ``client_share`` is the part of one core that the clients took.
    """

    workers: int
    clients: int
    target: str
    answers: int
    failures: int
    requests_per_second: float
    median: float
    mean: float
    p99: float
    kilobytes: float
    client_share: float


class Memory(NamedTuple):
    """Megabytes of one worker after the run, from ``/proc/PID/smaps_rollup``."""

    workers: int
    anonymous: float
    private: float
    resident: float


def main() -> None:
    """Serve the index on loopback and ask it."""
    options = _options()
    stoppable()
    folder = options.out / options.articles
    corpus = made(options.data, folder, SIZES[options.articles], options.procs, streams=False)
    index = options.index
    if index is None:
        build([ENTRIES[0]], corpus, folder, say, keep=options.keep)
        index = folder / ENTRIES[0].index
    paths = _paths(drawn(corpus.words, options.queries))
    found: list[Measured] = []
    memory: list[Memory] = []
    for workers in options.workers:
        with serving(index, workers) as (port, server):
            for clients in options.clients:
                say(f"{workers} workers, {clients} clients")
                found += measure(
                    port, {"healthz": [HEALTH], "search": paths}, workers, clients, options.seconds
                )
            memory += [_memory(workers, pid) for pid in _children(server.pid)]
    say("steps")
    profile = steps.profile(index, paths)
    publish(found, memory, profile, folder)


@contextmanager
def serving(index: Path, workers: int) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run `searchsvc serve` over an index; gives the port once it is ready."""
    port = _free_port()
    place = ["--index", str(index), "--host", "127.0.0.1", "--port", str(port)]
    program = "from searchsvc.cli import main; main()"
    command = [sys.executable, "-c", program, "serve", *place, "--workers", str(workers)]
    server = subprocess.Popen(command)
    try:
        _wait(port, server)
        yield port, server
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=STARTING)


def measure(
    port: int, targets: dict[str, list[str]], workers: int, clients: int, seconds: float
) -> list[Measured]:
    """Let targets take turns until each was asked for so many seconds."""
    client = Client(port)
    slices: dict[str, list[Asked]] = {name: [] for name in targets}
    try:
        for name, paths in targets.items():
            client.give(name, paths)
            client.ask(name, clients, SLICE)  # everyone is warm before anything counts
        for turn in range(max(1, round(seconds / SLICE))):
            for name in sorted(targets, reverse=turn % 2 == 1):
                slices[name].append(client.ask(name, clients, SLICE))
    finally:
        client.close()
    return [_measured(workers, clients, name, slices[name]) for name in targets]


def publish(
    found: Sequence[Measured], memory: Sequence[Memory], profile: Sequence[steps.Step], folder: Path
) -> None:
    """Print the tables, each search beside the ``/healthz`` of the same turns; write JSON."""
    head = (
        "workers clients target   requests/s   median     mean      p99 ms  failures  KB  clients"
    )
    print(head)
    health = {(one.workers, one.clients): one for one in found if one.target == "healthz"}
    for one in found:
        print(_line(one, health.get((one.workers, one.clients))))
    print("\nworkers  memory of each, MB: anonymous, private of it, resident")
    for own in memory:
        print(f"{own.workers:>7}  {own.anonymous:>9.0f}{own.private:>9.0f}{own.resident:>9.0f}")
    alone = {one.target: one for one in found if one.workers == one.clients == 1}
    whole = alone["search"].mean if "search" in alone else None
    print("\n" + steps.table(profile, whole))
    rows = {
        "measured": [one._asdict() for one in found],
        "memory": [own._asdict() for own in memory],
        "steps": [step._asdict() for step in profile],
    }
    (folder / "http.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")


def _line(one: Measured, health: Measured | None) -> str:
    line = f"{one.workers:>7}{one.clients:>8} {one.target:<9}{one.requests_per_second:>10.0f}"
    line += f"{one.median:>9.2f}{one.mean:>9.2f}{one.p99:>9.2f}   {one.failures:>9}"
    line += f"{one.kilobytes:>4.0f}{one.client_share:>8.0%}"
    if health is None or health is one:
        return line
    ratios = (
        f"{one.median / health.median:.2f}× median",
        f"{one.mean / health.mean:.2f}× mean",
        f"{one.p99 / health.p99:.2f}× p99",
        f"{one.requests_per_second / health.requests_per_second:.2f}× requests/s",
    )
    return f"{line}  {', '.join(ratios)}"


def _measured(workers: int, clients: int, name: str, slices: Sequence[Asked]) -> Measured:
    times = sorted(itertools.chain.from_iterable(one.times for one in slices)) or [float("nan")]
    seconds = sum(one.seconds for one in slices)
    return Measured(
        workers=workers,
        clients=clients,
        target=name,
        answers=len(times),
        failures=sum(one.failures for one in slices),
        requests_per_second=len(times) / seconds,
        median=statistics.median(times),
        mean=statistics.fmean(times),
        p99=times[min(len(times) - 1, int(len(times) * 0.99))],
        kilobytes=sum(one.bytes for one in slices) / len(times) / 1000,
        client_share=sum(one.client_seconds for one in slices) / seconds,
    )


def _paths(questions: dict[Shape, list[Query]]) -> list[str]:
    """Ask as a reader does: all words, any of them, or a phrase, ten hits with snippets."""
    shapes = (Shape.AND, Shape.OR, Shape.PHRASE)
    rows = zip(*(questions[shape] for shape in shapes), strict=True)
    return [f"{SEARCH}?{urlencode({'q': _typed(query)})}" for row in rows for query in row]


def _typed(query: Query) -> str:
    if query.shape is Shape.PHRASE:
        return f'"{" ".join(query.forms)}"'
    return (" | " if query.shape is Shape.OR else " ").join(query.forms)


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]


def _memory(workers: int, pid: int) -> Memory:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    rows = dict(line.split(":", 1) for line in lines)
    names = ("Anonymous", "Private_Dirty", "Rss")
    return Memory(workers, *(int(rows[name].split()[0]) / 1024 for name in names))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTING
    while time.monotonic() < until and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=STARTING) as line:
                line.sendall(
                    b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
                )
                if b" 200 " in line.recv(1000).partition(b"\r\n")[0]:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server on port {port} did not become ready")


def _options() -> argparse.Namespace:
    parser = common(__doc__)
    parser.add_argument("--index", type=Path, help="a finished index folder to serve instead")
    parser.add_argument("--seconds", type=float, default=5.0, help="time of one target")
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS, help="of the server")
    parser.add_argument("--clients", type=int, nargs="+", default=CLIENTS, help="at once")
    return parser.parse_args()


if __name__ == "__main__":
    main()
