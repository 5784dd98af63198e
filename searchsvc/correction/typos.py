"""Typos: from a word that nothing is known of to the words of the index it may be meant for.

In: a folded word. Out: words of the vocabulary, the likeliest first. A word's cost is that of the
typing errors (`channel`) less what its frequency speaks for it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.correction.channel import cost
from searchsvc.correction.spoken import respelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from searchsvc.correction.vocabulary import Form, Vocabulary

FREQUENCY = 0.48
"""How much a natural logarithm of articles outweighs a nat of errors; fitted with the channel."""
STRANGE = 0.7
"""Added for a word that the dictionary lacks."""
RARE = 2.1
"""Added for a word that too few articles have: it may be a typo itself."""
SECOND_EDIT = 2.6
"""Added for two edits; one in eight mistakes of ruspellru has two, and most words two others."""
WEIGHED = 40
"""Candidates whose errors are weighed, about 20 microseconds each."""
SHORTEST = 3
"""Letters of a word that typos are looked for in; two letters are near everything."""
LEAST_LETTERS_FAR = 4
"""Letters of a word that may be two edits away from what was meant."""

_RUN = re.compile(r"(.)\1{2,}")
_DOUBLE = re.compile(r"(.)\1+")


class Candidate(NamedTuple):
    """A word that may be meant, the articles that have it, and its cost (smaller is likelier)."""

    text: str
    articles: int
    cost: float


@dataclass(frozen=True, slots=True)
class Typos:
    """Finds what a misspelt word may be meant for; ``known`` is the dictionary's word."""

    vocabulary: Vocabulary
    known: Callable[[str], bool]

    def candidates(self, word: str, limit: int = 3) -> list[Candidate]:
        """List the likeliest words for a folded one, without the word itself."""
        if len(word) < SHORTEST:
            return []
        found: dict[str, Candidate] = {}
        for candidate in (*self._told(word), *self._erred(word)):
            other = found.get(candidate.text)
            if candidate.text != word and (other is None or candidate.cost < other.cost):
                found[candidate.text] = candidate
        return sorted(found.values(), key=lambda c: (c.cost, c.text))[:limit]

    def _told(self, word: str) -> Iterator[Candidate]:
        """Take drawn out and colloquial spellings at their word: «оооочень», «щас»."""
        single = _DOUBLE.sub(r"\1", word) if _RUN.search(word) else word
        for meant, price in {**respelled(single), single: 0.0}.items():
            if articles := self.vocabulary.articles(meant):
                yield Candidate(meant, articles, price - FREQUENCY * math.log(articles))

    def _erred(self, word: str) -> Iterator[Candidate]:
        typed = _RUN.sub(r"\1\1", word)
        edits = 2 if len(typed) >= LEAST_LETTERS_FAR else 1
        close = self.vocabulary.near(typed, edits, self.vocabulary.often)
        near = [form for form in close if form.edits]
        near.sort(key=lambda form: (5 * form.edits - math.log(form.articles), form.text))
        for form in near[:WEIGHED]:
            yield self._weighed(typed, form)

    def _weighed(self, typed: str, form: Form) -> Candidate:
        price = cost(typed, form.text) - FREQUENCY * math.log(form.articles + 0.5)
        if form.edits > 1:
            price += SECOND_EDIT
        if form.articles < self.vocabulary.often:
            price += RARE
        if not self.known(form.text):
            price += STRANGE
        return Candidate(form.text, form.articles, price)
