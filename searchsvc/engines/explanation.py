"""What a hit's score is made of, as values: every engine that can tell says it so."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from searchsvc.schema import Field


class SignalKind(StrEnum):
    """What gives to a score: the first three in the first pass, the others in the second."""

    WORDS = "words"
    FILTER = "filter"
    TOGETHER = "together"
    FORMS = "forms"
    RELATED = "related"
    LEAD = "lead"
    CLOSENESS = "closeness"
    FRESHNESS = "freshness"


Occurrences = tuple[tuple["Field", int], ...]
"""How often something stands in fields of an article, as scoring counts it."""


@dataclass(frozen=True, slots=True)
class Gain:
    """What one clause or typed word gave to a score by one signal.

    ``what`` is the word as it was typed, or the clause in the query language; ``terms`` are those
    of its terms that the article has. Where there is an ``idf``, ``gave`` is ``weight * idf`` times
    what BM25 makes of the occurrences and the article's length.
    """

    what: str
    signal: SignalKind
    gave: float
    weight: float | None = None
    idf: float | None = None
    occurrences: Occurrences = ()
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that gave to one hit's score, word by word; ``length`` and ``average`` are tokens.

    ``second_pass`` tells whether the hit is among those that a second pass ordered.
    """

    gains: tuple[Gain, ...]
    length: int
    average: float
    second_pass: bool = False

    @property
    def score(self) -> float:
        """Add up what was given."""
        return math.fsum(gain.gave for gain in self.gains)
