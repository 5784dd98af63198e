"""The service over HTTP: requests a second and latencies with 1, 8 and 32 clients.

    python -m bench.http DATA [--articles 57k] [--seconds 5] [--workers 1 2]

In: the index that ``bench.engine`` built, or builds now (or one that ``--index`` names). Out: a
table and ``http.json``: for every number of workers and clients searches beside the ``/healthz`` of
the same run, all taking turns of half a second, so that they meet the same machine: searches that
were asked before, and new ones, each asked once, about half of whose words are new. Each number of
clients has a server of its own, to which the same searches are new. Then where the time of a search
goes, step by step. Clients and server share the machine's cores; what the clients took of them is
in the table.
"""

from __future__ import annotations

import itertools
import json
import statistics
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
from bench.served import serving

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bench.asking import Asked
    from bench.served import Memory, Server

CLIENTS = (1, 8, 32)
WORKERS = (1, 2)
SLICE = 0.5
"""Seconds one target is asked before the other has its turn."""

NEW = "new"
"""The target whose queries are asked once; all others are asked before anything counts."""

HEALTH = "/healthz"
SEARCH = "/api/v1/search"


class Measured(NamedTuple):
    """One target under so many clients: answers, failures, milliseconds, kilobytes of an answer.

    ``server_ms`` is processor time of all workers for one answer, which neighbours on the machine
    disturb least; ``client_share`` is the part of one core that the clients took.
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
    server_ms: float
    kilobytes: float
    client_share: float


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
    questions = drawn(corpus.words, options.queries + options.new)
    paths, new = apart(questions, options.queries)
    found: list[Measured] = []
    memory: list[Memory] = []
    for workers in options.workers:
        for clients in options.clients:
            say(f"{workers} workers, {clients} clients")
            with serving(index, workers) as server:
                targets = {"healthz": [HEALTH], "search": paths, NEW: new}
                found += measure(server, targets, clients, options.seconds)
                if clients == options.clients[-1]:
                    memory += server.memory()
    say("steps")
    profile = steps.profile(index, paths)
    publish(found, memory, profile, folder)


def measure(
    server: Server, targets: dict[str, list[str]], clients: int, seconds: float
) -> list[Measured]:
    """Let targets take turns until each was asked for so many seconds."""
    client = Client(server.port)
    slices: dict[str, list[Asked]] = {name: [] for name in targets}
    spent = dict.fromkeys(targets, 0.0)
    try:
        for name, paths in targets.items():
            client.give(name, paths)
            if name != NEW:
                _warm(client, name, clients, len(paths) * len(server.workers))
        for turn in range(max(1, round(seconds / SLICE))):
            for name in sorted(targets, reverse=turn % 2 == 1):
                before = server.processor_seconds()
                slices[name].append(client.ask(name, clients, SLICE))
                spent[name] += server.processor_seconds() - before
    finally:
        client.close()
    given = slices[NEW][-1].given
    if given > len(targets[NEW]):
        say(f"{given} new queries were asked of {len(targets[NEW])}: draw more with --new")
    workers = len(server.workers)
    return [_measured(workers, clients, name, slices[name], spent[name]) for name in targets]


def _warm(client: Client, name: str, clients: int, answers: int) -> None:
    """Ask before anything counts: every question once, of each worker if they share them evenly.

    The first use of a word checks its postings; what morphology says of it is remembered then.
    """
    while answers > 0:
        asked = client.ask(name, clients, SLICE)
        if not asked.times:
            return
        answers -= len(asked.times)


def publish(
    found: Sequence[Measured], memory: Sequence[Memory], profile: Sequence[steps.Step], folder: Path
) -> None:
    """Print the tables, each search beside the ``/healthz`` of the same turns; write JSON."""
    print(
        "workers clients target   requests/s   median     mean      p99   server ms  failures"
        "  KB  clients"
    )
    health = {(one.workers, one.clients): one for one in found if one.target == "healthz"}
    for one in found:
        print(_line(one, health.get((one.workers, one.clients))))
    print("\nworkers  memory of each, MB: anonymous, private of it, resident")
    for own in memory:
        print(f"{own.workers:>7}  {own.anonymous:>9.0f}{own.private:>9.0f}{own.resident:>9.0f}")
    alone = {one.target: one for one in found if one.workers == one.clients == 1}
    whole = alone["search"].server_ms if "search" in alone else None
    print("\n" + steps.table(profile, whole))
    rows = {
        "measured": [one._asdict() for one in found],
        "memory": [own._asdict() for own in memory],
        "steps": [step._asdict() for step in profile],
    }
    (folder / "http.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")


def _line(one: Measured, health: Measured | None) -> str:
    line = f"{one.workers:>7}{one.clients:>8} {one.target:<9}{one.requests_per_second:>10.0f}"
    line += f"{one.median:>9.2f}{one.mean:>9.2f}{one.p99:>9.2f}{one.server_ms:>9.2f}"
    line += f"   {one.failures:>9}"
    line += f"{one.kilobytes:>4.0f}{one.client_share:>8.0%}"
    if health is None or health is one:
        return line
    ratios = (
        f"{one.median / health.median:.2f}× median",
        f"{one.mean / health.mean:.2f}× mean",
        f"{one.p99 / health.p99:.2f}× p99",
        f"{one.server_ms / health.server_ms:.2f}× server",
        f"{one.requests_per_second / health.requests_per_second:.2f}× requests/s",
    )
    return f"{line}  {', '.join(ratios)}"


def _measured(
    workers: int, clients: int, name: str, slices: Sequence[Asked], spent: float
) -> Measured:
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
        server_ms=spent / len(times) * 1000,
        kilobytes=sum(one.bytes for one in slices) / len(times) / 1000,
        client_share=sum(one.client_seconds for one in slices) / seconds,
    )


def apart(questions: dict[Shape, list[Query]], old: int) -> tuple[list[str], list[str]]:
    """Give the addresses of the first ``old`` queries of each shape, and new ones; none twice."""
    known = dict.fromkeys(_paths(questions, slice(old)))
    new = dict.fromkeys(_paths(questions, slice(old, None)))
    return list(known), [path for path in new if path not in known]


def _paths(questions: dict[Shape, list[Query]], part: slice) -> list[str]:
    """Ask as a reader does: all words, any of them, or a phrase, ten hits with snippets."""
    shapes = (Shape.AND, Shape.OR, Shape.PHRASE)
    rows = zip(*(questions[shape][part] for shape in shapes), strict=True)
    return [f"{SEARCH}?{urlencode({'q': _typed(query)})}" for row in rows for query in row]


def _typed(query: Query) -> str:
    if query.shape is Shape.PHRASE:
        return f'"{" ".join(query.forms)}"'
    return (" | " if query.shape is Shape.OR else " ").join(query.forms)


def _options() -> argparse.Namespace:
    parser = common(__doc__)
    parser.add_argument("--index", type=Path, help="a finished index folder to serve instead")
    parser.add_argument("--new", type=int, default=4_000, help="queries asked once, of each shape")
    parser.add_argument("--seconds", type=float, default=5.0, help="time of one target")
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS, help="of the server")
    parser.add_argument("--clients", type=int, nargs="+", default=CLIENTS, help="at once")
    return parser.parse_args()


if __name__ == "__main__":
    main()
