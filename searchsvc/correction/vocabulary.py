"""The vocabulary that corrections come from: the surface forms of one generation.

In: the index's forms. Out: the frequency of a form, and the forms within one or two edits of a
word. Nothing of them is kept in memory.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OFTEN = 3
"""Articles that make a word of a large index right whatever it looks like: typos stand alone."""
SMALL = 20_000
"""Forms of an index of about 1,500 articles, in which a right word may stand once."""
LONGEST = 40
"""Letters of the longest form that is corrected or a correction."""

_USABLE = re.compile(rf"[a-zа-я](?:[a-zа-я0-9'-]{{0,{LONGEST - 2}}}[a-zа-я0-9])?")


class Forms(Protocol):
    """The surface forms of an index, folded; safe to use from many threads."""

    def distinct(self) -> int:
        """Count the forms; of an index in parts at least those of its largest."""

    def parts(self) -> Iterator[Sequence[str]]:
        """Go through all forms in no certain order; a few may come more than once."""

    def articles(self, form: str) -> int:
        """Count the articles that have a form."""

    def near(self, form: str, edits: int, least: int = 1) -> Sequence[tuple[str, int, int]]:
        """List the forms within one or two edits of another, with their articles and edits.

        Those more than one edit away only where ``least`` articles have them.
        """


class Form(NamedTuple):
    """A surface form, the number of articles that have it, and how far it is from what was typed.

    ``edits`` are insertions, deletions, substitutions and swaps of neighbours.
    """

    text: str
    articles: int
    edits: int = 0


class Vocabulary:
    """Folded forms that are words, with their frequencies; safe to use from many threads."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self.often = min(OFTEN, 1 + forms.distinct() // SMALL)
        """Articles that make a word right whatever it looks like."""

    def parts(self) -> Iterator[Sequence[str]]:
        """Go through all forms of the index, words or not, in no certain order."""
        return self._forms.parts()

    def articles(self, form: str) -> int:
        """Count the articles that have a folded form; 0 where it is no word."""
        return self._forms.articles(form) if _USABLE.fullmatch(form) else 0

    def near(self, word: str, edits: int, least: int = 1) -> list[Form]:
        """List the words within one or two edits of a folded one.

        Those two edits away only where ``least`` articles have them. The distance is that of
        optimal string alignment, as of ``Собянен~`` in a query.
        """
        if not 0 < len(word) <= LONGEST:
            return []
        found = self._forms.near(word, edits, least)
        return [Form(*row) for row in found if _USABLE.fullmatch(row[0])]
