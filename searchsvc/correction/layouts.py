"""Layouts: which words of a query were typed with the keyboard in the other layout.

In: chunks of a query. Out: places in them and what the same keys say in the other layout. A word is
retyped by itself when the index or the dictionary has what comes out and not what was typed, or
when what comes out looks far more like a word; once most words of a query are, the short and the
strange ones follow.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.analysis.folding import fold
from searchsvc.correction.keyboard import KEYS, to_latin, to_russian
from searchsvc.correction.plausibility import CYRILLIC, LATIN, Letters
from searchsvc.correction.vocabulary import LONGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from searchsvc.correction.typed import Chunk
    from searchsvc.correction.vocabulary import Vocabulary

LIKELIER = 1.2
"""Nats a letter by which an unknown word must look better retyped: ntkbyr, «телинк», by 2.6."""
OUTWEIGHS = 50
"""Times more articles with a Latin word than with the Cyrillic one that its keys say: иис, BBC."""
COMPANY = 0.5
"""Part of the letters in one alphabet that must be retyped before doubtful words are too."""
WORSE = -1.5
"""The gain with which a word that the index lacks still follows the others: «dasqltn», вфыйдет."""

_LATIN_KEYS = re.compile(r"[!-~]+")
_ANY_LATIN = re.compile(r"[A-Za-z]")
_CYRILLIC = re.compile(r"[а-яё]+(?:-[а-яё]+)*")
_LATIN_WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*")
_EDGES = ".,;:'!?…[]{}<>`"


class Retyped(NamedTuple):
    """A part of a chunk, from ``start`` to ``end``, and what its keys say in the other layout."""

    start: int
    end: int
    text: str


class Reading(NamedTuple):
    """One way to take a chunk: its part, and in nats a letter how much better it is retyped.

    ``sure`` is for a word by itself, ``doubtful`` for one among others that were retyped;
    ``familiar`` says that the index or the dictionary has what comes out.
    """

    part: Retyped
    gain: float
    familiar: bool
    sure: bool
    doubtful: bool


class Layouts:
    """Tells layouts apart by the words of one generation; ``known`` is the dictionary's word."""

    def __init__(self, vocabulary: Vocabulary, known: Callable[[str], bool]) -> None:
        self._vocabulary = vocabulary
        self._known = known
        self._cyrillic = Letters(CYRILLIC, vocabulary)
        self._latin = Letters(LATIN, vocabulary)

    def retyped(self, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Retyped]]:
        """List the chunks that were typed in the other layout, with what they say in theirs."""
        readings = [(chunk, self._reading(chunk.text)) for chunk in chunks]
        for latin in (True, False):
            own = [
                (chunk, reading)
                for chunk, reading in readings
                if reading and bool(_ANY_LATIN.search(chunk.text)) is latin
            ]
            letters = sum(len(chunk.text) for chunk, _ in own)
            sure = sum(len(chunk.text) for chunk, reading in own if reading.sure)
            together = sure > COMPANY * letters
            for chunk, reading in own:
                if reading.sure or (together and reading.doubtful):
                    yield chunk, reading.part

    def outweighed(self, form: str) -> bool:
        """Tell whether a Cyrillic word is far rarer than the Latin one that its keys say."""
        other = fold(to_latin(form))
        if not _LATIN_WORD.fullmatch(other):
            return False
        return self._weight(other) > OUTWEIGHS * self._weight(form)

    def improbability(self, form: str) -> float:
        """Give the nats that a folded word's letters take as the index's words go."""
        return -self._looks(form, latin=form.isascii()) * (len(form) + 1)

    def _reading(self, text: str) -> Reading | None:
        readings = [self._taken(part) for part in _parts(text)]
        found = [reading for reading in readings if reading]
        return max(found, key=_trust, default=None)

    def _taken(self, part: tuple[int, str]) -> Reading | None:
        start, typed = part
        latin = _ANY_LATIN.search(typed) is not None
        other = to_russian(typed) if latin else to_latin(typed)
        form, meant = fold(typed), fold(other)
        if not (_CYRILLIC if latin else _LATIN_WORD).fullmatch(re.sub(r"\d", "", meant)):
            return None
        retyped = Retyped(start, start + len(typed), other)
        looks = self._looks(meant, latin=not latin) - self._looks(form, latin=latin)
        here, there = self._weight(form), self._weight(meant)
        gain = looks + math.log((there + 1) / (here + 1)) / len(typed)
        sure = (not latin and there > OUTWEIGHS * here) or (
            here < self._vocabulary.often
            and (there > here if there else looks > LIKELIER and len(typed) > 3)
        )
        doubtful = gain > (0 if here >= self._vocabulary.often else WORSE)
        return Reading(retyped, gain, there > 0, sure, doubtful)

    def _weight(self, form: str) -> int:
        """Count the articles of a word; one that only the dictionary has counts for three."""
        return max(
            self._vocabulary.articles(form), self._vocabulary.often if self._known(form) else 0
        )

    def _looks(self, form: str, *, latin: bool) -> float:
        return (self._latin if latin else self._cyrillic).plausibility(form)


def _trust(reading: Reading) -> tuple[bool, bool, int, float]:
    """Prefer what is a word, and then the longer one: ``ub,tkm.`` is «гибелью», not «гибель.»."""
    return reading.sure, reading.familiar, len(reading.part.text), reading.gain


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """Give a chunk whole and without the marks at its edges: ``[kt,`` and ``vjcrdf,``."""
    if len(text) > LONGEST:
        return
    if _ANY_LATIN.search(text):
        if not _LATIN_KEYS.fullmatch(text) or not KEYS.issuperset(re.sub(r"[\d\-]", "", text)):
            text = text.rstrip("!?/")
        yield 0, text
    bare = text.strip(_EDGES)
    if (bare and bare != text) or not _ANY_LATIN.search(text):
        yield text.index(bare), bare
