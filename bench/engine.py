"""The engine against its peers: one command, one run, one table, JSON and a plot.

    python -m bench.engine DATA [--articles 57k] [--queries 400] [--only ours,tantivy]

In: the folder that has ``news/``. Out: the table on the terminal, ``engine.json`` and
``engine.svg`` in the output folder; corpora and indexes are kept there for the next run.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from bench import report
from bench.building import build
from bench.contestants.contract import Mode
from bench.corpus import made
from bench.entries import able
from bench.options import SIZES, common, say, stoppable
from bench.queries import Shape, drawn
from bench.turns import play, rounds
from bench.worker import Worker

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from bench.entries import Entry
    from bench.queries import Query
    from bench.turns import Taken


def main() -> None:
    """Run the benchmark with the options of the command line."""
    options = _options()
    stoppable()
    folder = options.out / options.articles
    entries, absent = able(tuple(filter(None, options.only.split(","))))
    say(f"corpus of {options.articles} articles")
    streams = any(entry.mode is Mode.TERMS for entry in entries)
    corpus = made(options.data, folder, SIZES[options.articles], options.procs, streams=streams)
    built = build(entries, corpus, folder, say, keep=options.keep)
    wanted = [Shape(name) for name in filter(None, options.shapes.split(","))] or list(Shape)
    questions = drawn(corpus.words, options.queries)
    questions = {shape: questions[shape] for shape in wanted}
    taken, footprints = measure(entries, folder, questions, options.seconds)
    outcome = report.Outcome(
        articles=corpus.articles,
        lines=tuple(line for turns in taken for line in report.lines(turns)),
        footprints={
            name: report.Footprint(built[name], *rest) for name, rest in footprints.items()
        },
        absent=absent,
    )
    publish(outcome, folder)


def measure(
    entries: Sequence[Entry], folder: Path, questions: dict[Shape, list[Query]], seconds: float
) -> tuple[list[list[Taken]], dict[str, tuple]]:
    """Open everyone, play all rounds, ask for memory at the end."""
    every, listed = rounds(questions)
    workers = [Worker(entry, folder) for entry in entries]
    try:
        opened = {worker.entry.name: worker.open(every) for worker in workers}
        taken = []
        for one in listed:
            say(f"round {one.name}")
            taken.append(play(workers, one, seconds))
        return taken, {name: (how, _memory(workers, name)) for name, how in opened.items()}
    finally:
        for worker in workers:
            worker.close()


def publish(outcome: report.Outcome, folder: Path) -> None:
    """Write JSON, the table and the plot into the folder, and the table to the terminal."""
    (folder / "engine.json").write_text(report.as_json(outcome), encoding="utf-8")
    text = report.table(outcome)
    (folder / "engine.txt").write_text(f"{text}\n", encoding="utf-8")
    print(text)
    if find_spec("matplotlib") is not None:
        import_module("bench.plot").draw(outcome, folder / "engine.svg")
    say(f"JSON, table and plot are in {folder}")


def _memory(workers: Sequence[Worker], name: str) -> object:
    return next(worker.memory() for worker in workers if worker.entry.name == name)


def _options() -> argparse.Namespace:
    parser = common(__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="time of one in one round")
    parser.add_argument("--only", default="", help="names of contestants, by commas")
    parser.add_argument("--shapes", default="", help="shapes of queries, by commas")
    return parser.parse_args()


if __name__ == "__main__":
    main()
