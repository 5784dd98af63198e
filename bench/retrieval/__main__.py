"""How good the answers are: one command, one run, one table.

    python -m bench.retrieval DATA [--sets xquad_ru,lenta_tail] [--only ours,tantivy] [--keep]

In: the folder that has ``retrieval/`` and ``news/``. Out: the table on the terminal, and it and
every run in the output folder. Indexes, and runs of peers, are kept there for the next time.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.building import ANSWERING
from bench.options import say, stoppable
from bench.retrieval.keeping import is_kept, keep, of_data, stamp
from bench.retrieval.peers import PEERS, Asking
from bench.retrieval.sets import sets
from bench.retrieval.table import Line, Outcome, line, lines_of
from bench.retrieval.variants import OURS, VARIANTS
from searchsvc.config import Settings
from searchsvc.evaluation.asking import fitting
from searchsvc.evaluation.corpora import indexed
from searchsvc.evaluation.dataset import read_dataset
from searchsvc.evaluation.evaluating import evaluate
from searchsvc.evaluation.measuring import Judge
from searchsvc.evaluation.runs import write_run
from searchsvc.query.limits import Limits
from searchsvc.sources.limits import SourceLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.retrieval.sets import Judged
    from bench.retrieval.variants import Variant
    from searchsvc.evaluation.dataset import Dataset

PACKAGE = Path(__file__).parents[2] / "searchsvc"
INDEXING = ("analysis", "engines", "indexing", "parsing", "sources")
SETTINGS = Settings()


def main() -> None:
    """Run with the options of the command line."""
    options = _options()
    stoppable()
    outcomes = []
    for judged in sets(options.data, options.out / "sets"):
        if not options.sets or judged.name in options.sets:
            outcomes.append(_measured(judged, options))
            for text in lines_of(outcomes[-1]):
                print(text, flush=True)
    table = "\n".join(text for outcome in outcomes for text in lines_of(outcome))
    (options.out / "retrieval.txt").write_text(table + "\n", encoding="utf-8")


def _measured(judged: Judged, options: argparse.Namespace) -> Outcome:
    dataset = read_dataset(judged.folder, SourceLimits.of(SETTINGS), judged.corpus)
    judge = Judge(dataset)
    lines = list(_ours(judged, dataset, judge, options))
    limits = Limits.of(SETTINGS)
    queries = [query._replace(text=fitting(query.text, limits)) for query in dataset.queries]
    for peer in PEERS:
        if not options.only or peer.name in options.only:
            say(f"{judged.name}: {peer.name}")
            run = Asking(peer, judged, options.out).run(queries)
            lines.append(line(peer.name, run, judge.measure(run)))
    return Outcome(judged.name, len(queries), tuple(lines))


def _ours(
    judged: Judged, dataset: Dataset, judge: Judge, options: argparse.Namespace
) -> Iterator[Line]:
    for variant in VARIANTS:
        if options.only and variant.name not in (OURS, *options.only):
            continue
        say(f"{judged.name}: {variant.name}")
        index = _index(judged, variant, options)
        with variant.weighing():
            found = evaluate(dataset, judge, index, variant.applied(SETTINGS))
        path = options.out / judged.name / f"{variant.name}.run"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_run(found.run, path)
        yield line(variant.name, found.run, found.measured, found.latency.mean)


def _index(judged: Judged, variant: Variant, options: argparse.Namespace) -> Path:
    """Give the index of a variant, built anew where the code that writes it is another."""
    index: Path = options.out / judged.index / variant.index
    now = stamp(_writing(), of_data(judged.corpus), judged.titles, variant.index)
    whole = (index / "CURRENT").exists()
    if not (whole and (options.keep or is_kept(index, now))):
        shutil.rmtree(index, ignore_errors=True)
        settings = variant.applied(replace(SETTINGS, procs=options.procs))
        with indexed(judged.corpus, settings, kept=index, titles=judged.titles):
            keep(index, now)
    return index


def _writing() -> list[Path]:
    files = [PACKAGE / "schema.py", PACKAGE / "model.py"]
    for room in INDEXING:
        files += sorted((PACKAGE / room).rglob("*.py"))
    return [file for file in files if file.stem not in ANSWERING]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=_data, help="folder that has retrieval/ and news/")
    parser.add_argument("--sets", type=_names, default=(), help="names of sets, by commas")
    parser.add_argument("--only", type=_names, default=(), help="names of engines, by commas")
    parser.add_argument("--procs", type=int, default=2, help="processes that index")
    parser.add_argument("--out", type=Path, default=Path("build/eval"), help="output folder")
    parser.add_argument("--keep", action="store_true", help="take indexes of older code as well")
    return parser.parse_args()


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def _data(text: str) -> Path:
    folder = Path(text).resolve()
    for data in (folder, folder.parent):
        if all((data / name).is_dir() for name in ("retrieval", "news")):
            return data
    message = f"{text!r} has no retrieval/ and news/: `make eval DATA=folder`"
    raise argparse.ArgumentTypeError(message)


if __name__ == "__main__":
    main()
