"""The plot: mean and p99 of every contestant in every round, logarithmic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from pathlib import Path

    from bench.report import Outcome

COLOURS = plt.get_cmap("tab10").colors


def draw(outcome: Outcome, path: Path) -> None:
    """Draw bars of means with a line up to the p99 into an SVG or PNG file."""
    rounds = list(dict.fromkeys(line.round for line in outcome.lines))
    names = list(dict.fromkeys(line.contestant for line in outcome.lines))
    width = 0.85 / max(len(names), 1)
    figure, axes = plt.subplots(figsize=(1.6 * len(rounds) + 3, 6), layout="constrained")
    for place, name in enumerate(names):
        own = [line for line in outcome.lines if line.contestant == name]
        x = [rounds.index(line.round) + (place - len(names) / 2 + 0.5) * width for line in own]
        means = [line.times.mean for line in own]
        colour = COLOURS[place % len(COLOURS)]
        axes.bar(x, means, width, label=name, color=colour)
        axes.vlines(x, means, [line.times.p99 for line in own], color=colour, linewidth=1)
    axes.set_yscale("log")
    axes.set_ylabel("ms a query: mean, and p99 as a line")
    axes.set_xticks(range(len(rounds)), rounds)
    axes.set_title(f"{outcome.articles:,} articles, ten hits and the exact total")
    axes.legend(ncols=3, fontsize="small")
    axes.grid(axis="y", which="both", alpha=0.2)
    figure.savefig(path)
    plt.close(figure)
