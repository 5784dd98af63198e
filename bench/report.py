"""The outcome of a run: one table for the terminal, JSON for machines."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.entries import ENTRIES, rival
from bench.figures import Ratio, Times, ratio, times

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bench.turns import Taken
    from bench.worker import Built, Memory, Opened

MEGA = 1_000_000

MODES = {entry.name: entry.mode for entry in ENTRIES}
ORACLE = "ours-terms"
"""Whose totals the others on the same terms are compared with."""


class Footprint(NamedTuple):
    """What one contestant's index costs; ``before`` is memory with its libraries alone."""

    built: Built
    opened: Opened
    memory: Memory


class Line(NamedTuple):
    """One contestant in one round: its times, and itself against its rival."""

    round: str
    contestant: str
    times: Times
    against: str
    ratio: Ratio | None
    oracle: Ratio | None


class Outcome(NamedTuple):
    """Everything a run found out."""

    articles: int
    lines: tuple[Line, ...]
    footprints: Mapping[str, Footprint]
    absent: Mapping[str, str]


def lines(taken: Sequence[Taken]) -> Iterator[Line]:
    """Compare every contestant of a round with the rival of its mode and with the oracle."""
    by_name = {turns.contestant: turns for turns in taken}
    for name, turns in by_name.items():
        spent = times(turns)
        if spent is None:
            continue
        other = rival(name)
        against = ratio(turns, by_name[other]) if other in by_name else None
        same = MODES.get(ORACLE) is MODES[name] and name != ORACLE and ORACLE in by_name
        oracle = ratio(turns, by_name[ORACLE]) if same else None
        yield Line(turns.round.name, name, spent, other, against, oracle)


def table(outcome: Outcome) -> str:
    """Write the whole outcome as lines of text."""
    parts = (
        _answers(outcome.lines),
        _matrix(outcome.lines),
        _footprints(outcome),
        (f"left out: {name}: {reason}" for name, reason in outcome.absent.items()),
    )
    return "\n\n".join("\n".join(part) for part in parts).rstrip()


def _answers(found: Iterable[Line]) -> Iterator[str]:
    yield (
        f"{'round':<12}{'contestant':<18}{'n':>5}{'median':>9}{'mean':>9}{'p99':>9}{'first':>9} ms"
        f"{'mean÷':>9}{'median÷':>9} rival{'totals=':>9}{'hits=':>7} ours-terms"
    )
    former = ""
    for line in found:
        spent, one = line.times, line.ratio
        ratios = f"{one.of_means:>9.2f}{one.median:>9.2f}" if one else " " * 18
        agree = "" if line.oracle is None else f"{' ' * 6}{line.oracle.totals_agree:>9.1%}"
        if line.oracle is not None and line.oracle.hits_agree is not None:
            agree += f"{line.oracle.hits_agree:>7.0%}"
        label = line.round if line.round != former else ""
        former = line.round
        yield (
            f"{label:<12}{line.contestant:<18}{spent.queries:>5}{spent.median:>9.3f}"
            f"{spent.mean:>9.3f}{spent.p99:>9.3f}{spent.first:>9.3f}   {ratios}{agree}"
        )


def _matrix(found: Sequence[Line]) -> Iterator[str]:
    """Only the ratios of means, for the eye: rounds down, contestants across."""
    names = list(dict.fromkeys(line.contestant for line in found))
    cells = {(line.round, line.contestant): line.ratio for line in found}
    width = max(map(len, names), default=0) + 2
    yield f"{'mean÷rival':<12}" + "".join(f"{name:>{width}}" for name in names)
    for label in dict.fromkeys(line.round for line in found):
        row = [cells.get((label, name)) for name in names]
        shown = [f"{cell.of_means:.2f}" if cell else "–" for cell in row]
        yield f"{label:<12}" + "".join(f"{cell:>{width}}" for cell in shown)


def _footprints(outcome: Outcome) -> Iterator[str]:
    yield (
        f"{'index':<18}{'articles/s':>11}{'MB':>8}{'segments':>9}{'peak MB':>9}"
        f"{'open ms':>9}{'RSS MB':>8}{'+':>7}{'anon MB':>9}{'+':>7}"
    )
    for name, (built, opened, memory) in outcome.footprints.items():
        rss, more_rss = memory.resident, memory.resident - opened.before.resident
        anon, more_anon = memory.anonymous, memory.anonymous - opened.before.anonymous
        yield (
            f"{name:<18}{outcome.articles / built.seconds:>11.0f}{built.bytes / MEGA:>8.0f}"
            f"{opened.segments:>9}{built.peak / MEGA:>9.0f}{opened.ms:>9.1f}"
            f"{rss / MEGA:>8.0f}{more_rss / MEGA:>7.0f}{anon / MEGA:>9.0f}{more_anon / MEGA:>7.0f}"
        )


def as_json(outcome: Outcome) -> str:
    """Write the outcome with the machine it was found on."""
    about = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }
    return json.dumps({**about, **_plain(outcome)}, ensure_ascii=False, indent=1)


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        return {name: _plain(inner) for name, inner in value._asdict().items()}
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple) else value
