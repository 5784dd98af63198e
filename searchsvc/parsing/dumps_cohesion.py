"""Parsing dumps: a piece of text comes in, what it speaks of goes out, to be compared.

Stories repeat their own words (Hearst's TextTiling, 1997): the fewer of them a paragraph has, the
likelier it begins another story.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from searchsvc.parsing.cleaning import words

if TYPE_CHECKING:
    from collections.abc import Set

_WORD = re.compile(r"[A-Za-zА-Яа-яЁё]{3,40}|\d{2,12}")
STEM = 5
"""Letters of a Russian word that its forms share more often than not."""
_COMMON = words(
    "это этого этой этом эти этих который которая которые которых котор также только может могут "
    "было были была будет будут быть более менее после перед через около свои своих свой своей "
    "года году годы лет год время для при под над без про как что его она они оно ему ней них ним "
    "все всех всего всем если чтобы когда где там тогда уже еще ещё или однако поэтому потому так "
    "такие такой таких один одна одного два две три первый сообщил сообщает сообщили сообщила "
    "сказал сказала заявил заявила отметил отметила рассказал рассказала словам отметим напомним "
    "ранее ноября января февраля марта апреля мая июня июля августа сентября октября декабря "
    "россии российской российский российских россия рублей тысяч человек людей процентов является "
    "нет есть тем том той того тот эта этот кто чем себя очень можно нужно должен должны между"
)
_COMMON_STEMS = frozenset(word[:STEM] for word in _COMMON)


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph or title: the stems of its content words, and those written with a capital."""

    text: str = ""
    stems: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def without(self, stems: Set[str]) -> Piece:
        """Return the piece without stems that say nothing here."""
        return Piece(self.text, self.stems - stems, self.names - stems) if stems else self


@dataclass(frozen=True, slots=True)
class StorySoFar:
    """The stems and names of a story's paragraphs up to here; both sets grow with it."""

    stems: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    paragraphs: list[Piece] = field(default_factory=list)

    def add(self, piece: Piece) -> None:
        """Take a paragraph in."""
        self.stems.update(piece.stems)
        self.names.update(piece.names)
        self.paragraphs.append(piece)


NOTHING = Piece()


def piece_of(text: str) -> Piece:
    """Collect the stems of a text's content words."""
    stems, names = set(), set()
    for match in _WORD.finditer(text):
        word = match[0]
        stem = word[:STEM].lower().replace("ё", "е")
        if stem in _COMMON_STEMS:
            continue
        stems.add(stem)
        # The first word of a text has its capital anyway, with or without a quote before it.
        if word[0].isupper() and match.start() > 1:
            names.add(stem)
    return Piece(text, frozenset(stems), frozenset(names))
