"""What a query means by words of which none is remembered, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchsvc.query.understanding import Understanding, understood
from searchsvc.query.words import Words

if TYPE_CHECKING:
    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.query.limits import Limits
    from searchsvc.query.synonyms import Synonyms


def understand(
    text: str, analyzer: Analyzer, limits: Limits, synonyms: Synonyms | None = None
) -> Understanding:
    """Understand a text; raises QueryError where a limit is passed."""
    return understood(text, Words(analyzer, limits.expansions), limits, synonyms)
