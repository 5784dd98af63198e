"""The outcome of one set: a line an engine, and ours against it, query by query."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from searchsvc.evaluation.comparing import compare
from searchsvc.evaluation.measuring import MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from searchsvc.evaluation.measuring import Measured
    from searchsvc.evaluation.runs import Run


class Line(NamedTuple):
    """One engine over one set; ``ms`` is the mean time of a page of 100, of ours only."""

    engine: str
    measured: tuple[Measured, ...]
    empty: int
    ms: float | None


class Outcome(NamedTuple):
    """All engines over one set, the shipped configuration first."""

    name: str
    queries: int
    lines: tuple[Line, ...]


def line(engine: str, run: Run, measured: Sequence[Measured], ms: float | None = None) -> Line:
    """Sum up one engine's run."""
    answered = sum(bool(ranking.article_ids) for ranking in run.rankings)
    return Line(engine, tuple(measured), len(measured[0].values) - answered, ms)


def lines_of(outcome: Outcome) -> Iterator[str]:
    """Write one set's table; the last columns are ours minus the other's nDCG@10."""
    names = "".join(f"{name:>8}" for name in MEASURES)
    yield f"{outcome.name}, {outcome.queries} queries"
    yield f"  {'':<22}{names}{'empty':>7}{'ms':>7}   ours better by [95 %]        wins losses"
    ours = outcome.lines[0].measured[0]
    for each in outcome.lines:
        values = "".join(f"{measured.mean:>8.4f}" for measured in each.measured)
        ms = "" if each.ms is None else f"{each.ms:.1f}"
        text = f"  {each.engine:<22}{values}{each.empty:>7}{ms:>7}"
        yield text if each.measured[0] is ours else f"{text}   {_against(ours, each.measured[0])}"


def _against(ours: Measured, theirs: Measured) -> str:
    found = compare(ours, theirs)
    return (
        f"{found.difference:+.4f} [{found.low:+.4f}, {found.high:+.4f}]"
        f"{found.wins:>7}{found.losses:>7}"
    )
