"""What is remembered of queries: what morphology said of their words, and what their texts mean.

In: the questions that queries ask of an analyzer, and texts. Out: the same answers; asking the
dictionary anew takes as long as the rest of understanding a query, and that as long as finding what
it asks for.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, TypeVar

from searchsvc.analysis import morphology
from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.tokenizer import read_piece

if TYPE_CHECKING:
    from collections.abc import Callable

    from searchsvc.analysis.tokenizer import Compound

Answer = TypeVar("Answer")

KEPT = 10_000
"""Words that each answer is kept of, those asked last; about 200 bytes each, at most a
thousand."""

READ = 4_000
"""Words that it is kept of what they look for, in each of three places: what they mean where any
word may stand in about 900 bytes each, at most 3,600, and in the others in 300, at most 600."""

LONGEST = 40
"""Letters of a word that is remembered."""

JOINTS = 3
"""And what stands between its parts, «Ростов-на-Дону»: «а,б,в,г,д» is five words at once."""

TEXTS = 100_000
"""Characters of the texts in each half of what is remembered, some 2,000 queries. What both halves
mean takes 3 MB beside what is kept of words anyway, of 32 chance words a query up to 12, of as
many that are joined by hyphens 46."""

APIECE = 20
"""Characters that a text counts for beside its own, so that short ones are bounded by number."""


def is_short(word: str) -> bool:
    """Tell whether a typed word may be remembered, so that memory is bounded by their number."""
    if len(word) > LONGEST:
        return False
    return word.isalnum() or len(word) - sum(map(str.isalnum, word)) <= JOINTS


def remembered(most: int, find: Callable[[str], Answer]) -> Callable[[str], Answer]:
    """Remember what was found for the last short words; others are looked up each time."""
    keep = lru_cache(most)(find)

    def found(word: str) -> Answer:
        plain = len(word) <= LONGEST and word.isalnum()  # as most are
        return keep(word) if plain or is_short(word) else find(word)

    return found


class Texts(Generic[Answer]):
    """What was found for the last texts; may be shared by threads.

    What is asked for fills a half; when that is full it becomes the other half, whose rest is let
    go of. Nothing is noted when something is found; what is asked for again moves back.
    """

    def __init__(self, find: Callable[[str], Answer], most: int = TEXTS) -> None:
        self._find = find
        self._most = self._room = most
        self._late: dict[str, Answer] = {}
        self._earlier: dict[str, Answer] = {}
        self._lock = threading.Lock()

    def __call__(self, text: str) -> Answer:
        """Give what is found for a text; nothing is remembered where that raises an error."""
        try:
            return self._late[text]
        except KeyError:
            return self._kept(text)

    def _kept(self, text: str) -> Answer:
        earlier = self._earlier
        found = earlier[text] if text in earlier else self._find(text)
        with self._lock:
            self._room -= len(text) + APIECE
            if self._room < 0:
                self._earlier, self._late = self._late, {}
                self._room = self._most - len(text) - APIECE
            self._late[text] = found
        return found


class RememberingAnalyzer(Analyzer):
    """An analyzer for queries; may be shared by threads.

    Texts repeat their words, and what is read of them is known; queries may be of any words, so
    that less is remembered.
    """

    def __init__(self) -> None:
        super().__init__()
        self._known = remembered(KEPT, super().known)
        self._function = remembered(KEPT, super().is_function_word)
        self._meant = remembered(KEPT, morphology.lemmas)
        self._read = remembered(KEPT, read_piece)

    def lemmas(self, form: str) -> tuple[str, ...]:
        """Give every lemma of a folded form that is kept, the likeliest first; never none."""
        return self._meant(form)

    def known(self, form: str) -> bool:
        """Tell whether the dictionary has a folded form."""
        return self._known(form)

    def is_function_word(self, form: str) -> bool:
        """Tell whether a folded form is a function word."""
        return self._function(form)

    def _piece(self, surface: str) -> str | Compound:
        return self._read(surface)
