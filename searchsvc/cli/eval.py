"""The command `eval`: folders of judged queries to figures, as a table or JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from searchsvc.cli.progress import reporting
from searchsvc.cli.wording import counted
from searchsvc.config import from_environment
from searchsvc.errors import ConfigError
from searchsvc.evaluation.comparing import Comparison, compare
from searchsvc.evaluation.corpora import indexed
from searchsvc.evaluation.dataset import read_dataset
from searchsvc.evaluation.evaluating import Evaluation, evaluate
from searchsvc.evaluation.measuring import MEASURES, Judge
from searchsvc.evaluation.runs import Run, read_run, write_run
from searchsvc.sources.limits import SourceLimits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from searchsvc.config import Settings

PATH = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class Options:
    """What the flags say of where the articles are and which files are read and written."""

    corpus: Path | None
    without_titles: bool
    index: Path | None
    run: Path | None
    compare: Path | None


class Outcome(NamedTuple):
    """One data set's figures, and against another run's where one was given."""

    dataset: str
    evaluation: Evaluation
    other: str
    comparisons: tuple[Comparison, ...]


@click.command("eval")
@click.argument("datasets", nargs=-1, required=True, metavar="DATASET...", type=PATH)
@click.option("--corpus", type=PATH, help="Articles to index in place of DATASET/corpus.jsonl.")
@click.option("--without-titles", is_flag=True, help="Leave titles out: they are the queries.")
@click.option("--index", type=PATH, help="Keep the index there; one that is there is asked.")
@click.option("--run", type=PATH, help="Write what was found as a TREC run.")
@click.option("--compare", type=PATH, help="Compare with this TREC run, query by query.")
@click.option("--json", "as_json", is_flag=True, help="Print an object of JSON a data set.")
def eval_command(datasets: tuple[Path, ...], as_json: bool, **given: Any) -> None:
    """Measure how well the queries of BEIR folders are answered."""
    options = Options(**given)
    alone = [name for name in ("corpus", "index", "run", "compare") if getattr(options, name)]
    if alone and len(datasets) > 1:
        raise ConfigError(f"--{alone[0]} goes with one DATASET; here are {len(datasets)}")
    settings = from_environment()
    outcomes = [_evaluated(folder, options, settings) for folder in datasets]
    for line in map(_json, outcomes) if as_json else _table(outcomes):
        click.echo(line)


def _evaluated(folder: Path, options: Options, settings: Settings) -> Outcome:
    dataset = read_dataset(folder, SourceLimits.of(settings), options.corpus)
    judge = Judge(dataset)
    other = read_run(options.compare) if options.compare else None
    with (
        reporting() as progress,
        indexed(
            dataset.corpus,
            settings,
            kept=options.index,
            titles=not options.without_titles,
            progress=progress,
        ) as index,
    ):
        evaluation = evaluate(dataset, judge, index, settings)
    if options.run:
        write_run(evaluation.run, options.run)
    comparisons = _compared(evaluation, judge, other) if other else ()
    return Outcome(dataset.name, evaluation, other.name if other else "", comparisons)


def _compared(evaluation: Evaluation, judge: Judge, other: Run) -> tuple[Comparison, ...]:
    pairs = zip(evaluation.measured, judge.measure(other), strict=True)
    return tuple(compare(ours, theirs) for ours, theirs in pairs)


def _json(outcome: Outcome) -> str:
    evaluation = outcome.evaluation
    row: dict[str, object] = {
        "dataset": outcome.dataset,
        "queries": evaluation.queries,
        "articles": evaluation.articles,
        "metrics": {each.measure: round(each.mean, 6) for each in evaluation.measured},
        "latency_ms": {name: round(ms, 3) for name, ms in evaluation.latency._asdict().items()},
        "empty": evaluation.empty,
        "cut": evaluation.cut,
        "unindexed": evaluation.unindexed,
    }
    if outcome.comparisons:
        row["compared_with"] = outcome.other
        row["comparison"] = {each.measure: _compared_row(each) for each in outcome.comparisons}
    return json.dumps(row, ensure_ascii=False)


def _compared_row(comparison: Comparison) -> dict[str, object]:
    return {
        "difference": round(comparison.difference, 6),
        "interval": [round(comparison.low, 6), round(comparison.high, 6)],
        "wins": comparison.wins,
        "losses": comparison.losses,
    }


def _table(outcomes: Sequence[Outcome]) -> list[str]:
    width = max(len("data set"), *(len(outcome.dataset) for outcome in outcomes))
    names = "".join(f"{name:>9}" for name in MEASURES)
    head = f"{'data set':{width}}{'queries':>9}{names}{'empty %':>9}{'mean ms':>9}{'p95 ms':>9}"
    lines = [head, *(_row(outcome, width) for outcome in outcomes)]
    for outcome in outcomes:
        lines += [f"{outcome.dataset}: {note}" for note in _notes(outcome)]
    return lines


def _row(outcome: Outcome, width: int) -> str:
    evaluation = outcome.evaluation
    values = "".join(f"{each.mean:>9.4f}" for each in evaluation.measured)
    empty = 100 * evaluation.empty / evaluation.queries
    mean, p95 = evaluation.latency
    return (
        f"{outcome.dataset:{width}}{evaluation.queries:>9}{values}"
        f"{empty:>9.1f}{mean:>9.1f}{p95:>9.1f}"
    )


def _notes(outcome: Outcome) -> Iterator[str]:
    evaluation = outcome.evaluation
    if evaluation.cut:
        yield f"queries cut to what the service accepts: {evaluation.cut}"
    if evaluation.unindexed:
        yield f"relevant articles that are not in the index: {evaluation.unindexed}"
    for each in outcome.comparisons:
        yield (
            f"{each.measure} against {outcome.other} {each.difference:+.4f} "
            f"[{each.low:+.4f}, {each.high:+.4f}], "
            f"{counted(each.wins, 'win')}, {counted(each.losses, 'loss', 'losses')}"
        )
