"""From turns to figures: times per round, ratios pair by pair, and whether answers agree."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.turns import Taken


class Times(NamedTuple):
    """Milliseconds over the queries a contestant answered; ``first``: mean of first answers."""

    queries: int
    median: float
    mean: float
    p99: float
    first: float


class Ratio(NamedTuple):
    """One contestant against another over the queries that both answered; below 1 is faster.

    ``of_means`` is mean through mean, ``median`` the middle of the ratios of single queries.
    ``totals_agree`` is the share of equal totals, ``hits_agree`` the mean share of common hits.
    """

    queries: int
    of_means: float
    median: float
    totals_agree: float
    hits_agree: float | None


def times(taken: Taken) -> Times | None:
    """Sum up one contestant's round."""
    spent = sorted(turn.ns / 1e6 for turn in taken.turns.values())
    if not spent:
        return None
    last = spent[min(len(spent) - 1, int(len(spent) * 0.99))]
    first = statistics.fmean(taken.firsts.values()) / 1e6
    return Times(len(spent), statistics.median(spent), statistics.fmean(spent), last, first)


def ratio(one: Taken, other: Taken) -> Ratio | None:
    """Compare two contestants' rounds, query by query."""
    common = [number for number in one.turns if number in other.turns]
    if not common:
        return None
    pairs = [(one.turns[number], other.turns[number]) for number in common]
    return Ratio(
        queries=len(pairs),
        of_means=sum(a.ns for a, _ in pairs) / sum(b.ns for _, b in pairs),
        median=statistics.median(a.ns / b.ns for a, b in pairs),
        totals_agree=statistics.fmean(a.total == b.total for a, b in pairs),
        hits_agree=_overlap([(a.numbers, b.numbers) for a, b in pairs]),
    )


def _overlap(pairs: Sequence[tuple[tuple[int, ...], tuple[int, ...]]]) -> float | None:
    shares = [len({*a} & {*b}) / max(len(a), len(b)) for a, b in pairs if a or b]
    return statistics.fmean(shares) if shares else None
