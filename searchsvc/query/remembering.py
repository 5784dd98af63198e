"""Words of queries, remembered: what morphology said of a word is not worked out twice.

In: the questions that queries ask of an analyzer. Out: the same answers; asking the dictionary
anew takes as long as the rest of understanding a query.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from searchsvc.analysis.analyzer import Analyzer

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT = 10_000
"""Words that each answer is kept of, those asked last; about 150 bytes each."""

READ = 4_000
"""Words that it is kept of what they look for, in each of three places; about 1,500 bytes each."""


class RememberingAnalyzer(Analyzer):
    """An analyzer for queries; may be shared by threads."""

    def __init__(self) -> None:
        super().__init__()
        keep = lru_cache(KEPT)
        self._known: Callable[[str], bool] = keep(super().known)
        self._function: Callable[[str], bool] = keep(super().is_function_word)

    def known(self, form: str) -> bool:
        """Tell whether the dictionary has a folded form."""
        return self._known(form)

    def is_function_word(self, form: str) -> bool:
        """Tell whether a folded form is a function word."""
        return self._function(form)
