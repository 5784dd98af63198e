"""The limits of a query: what is refused before any work is done on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from searchsvc.config import Settings


@dataclass(frozen=True, slots=True)
class Limits:
    """Characters, words and levels of parentheses of a query; terms that a pattern stands for."""

    length: int = 500
    words: int = 32
    depth: int = 10
    expansions: int = 200

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Take the limits out of the settings."""
        return cls(
            length=settings.query_length,
            words=settings.query_words,
            depth=settings.query_depth,
            expansions=settings.expansions,
        )
