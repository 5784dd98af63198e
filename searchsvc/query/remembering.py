"""Words of queries, remembered: what morphology said of a word is not worked out twice.

In: the questions that queries ask of an analyzer. Out: the same answers; asking the dictionary
anew takes as long as the rest of understanding a query.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from searchsvc.analysis.analyzer import Analyzer, Token

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT = 10_000
"""Words that each answer is kept of, those asked last; about 300 bytes each."""


class RememberingAnalyzer(Analyzer):
    """An analyzer for queries; may be shared by threads."""

    def __init__(self) -> None:
        super().__init__()
        keep = lru_cache(KEPT)
        self._known: Callable[[str], bool] = keep(super().known)
        self._function: Callable[[str], bool] = keep(super().is_function_word)
        self._acronym: Callable[[Token], bool] = keep(super().is_acronym)
        self._names: Callable[[Token], tuple[str, ...]] = keep(super().name_forms)
        self._sought: Callable[[Token], tuple[str, ...]] = keep(super().sought)

    def known(self, form: str) -> bool:
        """Tell whether the dictionary has a folded form."""
        return self._known(form)

    def is_function_word(self, form: str) -> bool:
        """Tell whether a folded form is a function word."""
        return self._function(form)

    def is_acronym(self, token: Token) -> bool:
        """Tell whether capitals make an acronym of another word's form."""
        return self._acronym(_anywhere(token))

    def name_forms(self, token: Token) -> tuple[str, ...]:
        """List the forms that a capitalised word has as a name only."""
        return self._names(_anywhere(token))

    def sought(self, token: Token) -> tuple[str, ...]:
        """Give the lemmas that a query looks for."""
        return self._sought(_anywhere(token))


def _anywhere(token: Token) -> Token:
    """Leave out where a word stands: it is the same word wherever it is typed."""
    return Token(token.text, 0, 0, 0, token.span, token.form)
