"""Explanations as text: a small table under a hit, a line for each word and signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchsvc.cli.wording import counted
from searchsvc.engines.explanation import SignalKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from searchsvc.engines.explanation import Explanation, Gain

WIDEST = 32
"""Characters of the first column; longer clauses are cut."""

SHOWN_TERMS = 6


def explanation_lines(explanation: Explanation, score: float) -> Iterator[str]:
    """Write a score and what it is made of."""
    passes = "both passes" if explanation.second_pass else "the first pass"
    yield f"score {score:.4f} of {passes}; {counted(explanation.length, 'token')}" + (
        f" (on average {explanation.average:.0f})"
    )
    names = [_cut(gain.what) for gain in explanation.gains]
    width = max(map(len, names), default=0)
    former = ""
    for name, gain in zip(names, explanation.gains, strict=True):
        shown = "" if name == former else name
        yield f"{shown:{width}}  {gain.signal.value:9}  {gain.gave:8.4f}  {_reason(gain)}".rstrip()
        former = name


def _cut(what: str) -> str:
    text = " ".join(what.split())
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _reason(gain: Gain) -> str:
    """Write ``0.3 × idf 3.11, title 1, text 2: бивень, бивни``."""
    if gain.signal is SignalKind.TOGETHER and not gain.gave:
        return "before all that has only some of the words"
    factors = [] if gain.weight is None else [f"{gain.weight:g}"]
    factors += [] if gain.idf is None else [f"idf {gain.idf:.2f}"]
    counts = [f"{field.value} {count}" for field, count in gain.occurrences if count]
    reason = ", ".join([" × ".join(factors), *counts])
    terms = ", ".join(gain.terms[:SHOWN_TERMS]) + (" …" if gain.terms[SHOWN_TERMS:] else "")
    return f"{reason}: {terms}" if terms else reason
