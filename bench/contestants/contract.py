"""What a contestant offers: to build an index from a corpus file, to open it, to answer."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.queries import Query

EPOCH = datetime(1970, 1, 1)
HITS = 10


class Mode(StrEnum):
    """What is indexed: WORDS, articles with an engine's own analysis; TERMS, the same tokens."""

    WORDS = "words"
    TERMS = "terms"


class Stage(StrEnum):
    """How much of an answer is made: ids and total, stored fields too, snippets too."""

    IDS = "ids"
    STORED = "stored"
    SNIPPETS = "snippets"


class Answer(NamedTuple):
    """The exact total (None where an engine has none) and what was found, as the engine has it."""

    total: int | None
    found: Any


class Contestant(Protocol):
    """One engine over one folder; ``stages`` are what it can do, ``hits`` how many it gives."""

    stages: Sequence[Stage]
    hits: int

    def __init__(self, folder: Path) -> None:
        """Take the folder of its index; nothing is opened yet."""

    def build(self, corpus: Path, segments: int) -> float:
        """Index a corpus file durably; returns the seconds that count, end to end.

        ``segments`` is how many the finished index should have, where the engine can be told.
        """

    def open(self) -> int:
        """Open the index for questions; returns its number of segments."""

    def prepare(self, query: Query) -> Any | None:
        """Turn a query into the engine's own; None where it cannot answer such a one."""

    def ask(self, prepared: Any, stage: Stage) -> Answer:
        """Answer: this is what is timed."""

    def numbers(self, answer: Answer) -> Sequence[int]:
        """Give the places in the corpus of the hits of an IDS answer."""


def day_of(text: str) -> int | None:
    """Count the days since 1970 of a corpus date."""
    return (date.fromisoformat(text[:10]) - EPOCH.date()).days if text else None


def minute_of(text: str) -> int | None:
    """Count the minutes since 1970 of a corpus date."""
    return int((datetime.fromisoformat(text) - EPOCH).total_seconds() // 60) if text else None
