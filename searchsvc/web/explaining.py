"""Explanations → the JSON object of the API that says what a hit's score is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from searchsvc.engines.explanation import Explanation, Gain


class GainObject(TypedDict):
    """What one word or clause gave by one signal; weight and idf are null where there is none."""

    what: str
    signal: str
    gave: float
    weight: float | None
    idf: float | None
    occurrences: dict[str, int]
    terms: list[str]


class ExplainObject(TypedDict):
    """All gains of a hit, which add up to its score; lengths are in tokens."""

    second_pass: bool
    length: int
    average_length: float
    gains: list[GainObject]


def explain_object(explanation: Explanation) -> ExplainObject:
    """Write an explanation; six decimals, so that the sum keeps the four of a score."""
    return {
        "second_pass": explanation.second_pass,
        "length": explanation.length,
        "average_length": round(explanation.average, 2),
        "gains": [_gain(gain) for gain in explanation.gains],
    }


def _gain(gain: Gain) -> GainObject:
    return {
        "what": gain.what,
        "signal": gain.signal.value,
        "gave": round(gain.gave, 6),
        "weight": _rounded(gain.weight),
        "idf": _rounded(gain.idf),
        "occurrences": {field.value: count for field, count in gain.occurrences},
        "terms": list(gain.terms),
    }


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 6)
