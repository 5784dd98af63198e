"""The corrector: from a query as typed to the query that was meant, where that is another one.

In: typed text. Out: the text with some words replaced, and why. A word that the index has, or that
the dictionary knows, is right; of the others each is read in the other keyboard layout, from
transliteration and as a typo, in this order.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.analysis.folding import fold
from searchsvc.correction.layouts import Layouts
from searchsvc.correction.spoken import WORDS as SPOKEN
from searchsvc.correction.transliteration import readings
from searchsvc.correction.typed import chunks, plain_words
from searchsvc.correction.typos import Typos
from searchsvc.correction.vocabulary import LONGEST
from searchsvc.query.remembering import Texts, remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.correction.vocabulary import Vocabulary

UNFAMILIAR = 0.36
COMMON = 3.8
"""A word that the index lacks is a typo, and not a name that it lacks, when the typo's cost is at
most its letters' improbability (nats) times UNFAMILIAR less COMMON. Fitted to 1,947 made-up errors
and 1,515 right words of OpenCorpora: keeps 96 % of the errors and four fifths of the names."""
SURE = 0.5
"""The greatest cost of a typo in a word of one or two articles: half of the mistakes of ruspellru,
one in twenty surnames."""
OUTWEIGHS = 100
"""Times more articles that the meant word must then have."""
FREQUENT = 30
"""Articles that make a word right in either layout."""
TRANSLITERATED = 4
"""Letters of a Latin word that transliteration is looked for in; «pro» and «new» are Latin."""
OUTWEIGHS_LATIN = 1_000
"""Times more articles that the Cyrillic reading of a Latin word of the index has."""
LATIN_TYPO = 5
"""Letters of a Latin word that typos are looked for in: most Latin words are names unknown here."""
MOST_EXAMINED = 8
"""Words of one query that typos are looked for in, about 2 milliseconds each."""

KEPT = 10_000
"""Words that it is known of whether they are right and what they are for, those asked last; about
200 bytes each, long ones not at all."""

_WORD = re.compile(r"[^\W\d_]+(?:['’\-‐‑]?[^\W_]+)*")
_LATIN = re.compile(r"[a-z]+(?:['-][a-z]+)*")
_CYRILLIC = re.compile(r"[а-я]+(?:['-][а-я]+)*")


class Reason(StrEnum):
    """What was wrong with the query as typed."""

    LAYOUT = "layout"
    TRANSLITERATION = "transliteration"
    TYPO = "typo"
    QUOTES = "quotes"


class Correction(NamedTuple):
    """A query that was probably meant, and the first reason in the order of ``Reason``."""

    text: str
    reason: Reason


class Change(NamedTuple):
    """A part of the typed text and what stands for it."""

    start: int
    end: int
    text: str
    reason: Reason


class Corrector:
    """Corrects queries by the words of one generation; for many threads."""

    def __init__(self, vocabulary: Vocabulary, analyzer: Analyzer) -> None:
        self._vocabulary = vocabulary
        self._analyzer = analyzer
        self._layouts = Layouts(vocabulary, analyzer.known)
        self._typos = Typos(vocabulary, analyzer.known)
        self._is_right = remembered(KEPT, self._judged_right)
        self._is_typed_right = remembered(KEPT, self._folded_right)
        self._meant: Callable[[str, int], str] = lru_cache(KEPT)(self._found_meant)
        self._corrected = Texts(self._newly_corrected)

    def correct(self, query: str) -> Correction | None:
        """Give the query that was meant, or None where the typed one is right as far as known."""
        return self._corrected(query)

    def _newly_corrected(self, query: str) -> Correction | None:
        words = plain_words(query)
        if words is not None and all(map(self._is_typed_right, words)):
            return None
        found = list(chunks(query))
        if all(self._is_right(fold(word)) for chunk in found for word in _WORD.findall(chunk.text)):
            return None
        retyped = [
            Change(chunk.start + start, chunk.start + end, text, Reason.LAYOUT)
            for chunk, (start, end, text) in self._layouts.retyped(found)
        ]
        text = _changed(query, retyped)
        respelled = list(self._respelled(text, latin=not retyped))
        reasons = {change.reason for change in (*retyped, *respelled)}
        if not reasons:
            return None
        text = _changed(text, respelled)
        return Correction(text, next(reason for reason in Reason if reason in reasons))

    def alternatives(self, word: str, limit: int = 3) -> tuple[str, ...]:
        """List what one word that the index lacks may be meant for, folded, the likeliest first.

        The correction is the first where there is one; a right word that is new has others too.
        """
        form = fold(word)
        if self._vocabulary.articles(form) or len(word) > LONGEST:
            return ()
        correction = self.correct(word)
        first = (fold(correction.text),) if correction else ()
        others = [candidate.text for candidate in self._typos.candidates(form, limit)]
        return tuple(dict.fromkeys((*first, *others)))[:limit]

    def _respelled(self, query: str, *, latin: bool) -> Iterator[Change]:
        """Change words that are not right; Latin ones only where no others had a wrong layout."""
        wrong = (
            part
            for chunk in chunks(query)
            for match in _WORD.finditer(chunk.text)
            for part in self._wrong(chunk.start + match.start(), match[0])
        )
        for start, word in islice(wrong, MOST_EXAMINED):
            if latin or not word.isascii():
                yield from self._change(start, word)

    def _wrong(self, start: int, word: str) -> Iterator[tuple[int, str]]:
        """List the words to be examined: of a compound the parts that are not right."""
        if len(word) > LONGEST or self._is_right(fold(word)):
            return
        parts = list(re.finditer(r"[^\-‐‑]+", word))
        wrong = [part for part in parts if not self._is_right(fold(part[0]))]
        for part in wrong:
            yield start + part.start(), part[0]

    def _folded_right(self, word: str) -> bool:
        """Tell of letters as typed; compatibility letters and the like are no words."""
        return all(map(self._is_right, map(fold, _WORD.findall(word))))

    def _judged_right(self, form: str) -> bool:
        """Tell whether a folded form is a word of the index often enough, or of the dictionary.

        A form of an unknown word whose lemma the index has is right too: «Зрюмовыми».
        """
        if not (_LATIN.fullmatch(form) or _CYRILLIC.fullmatch(form)):
            return True
        articles = self._vocabulary.articles
        if form in SPOKEN:
            return articles(form) >= self._vocabulary.often
        if _LATIN.fullmatch(form):
            return False
        known, often = self._analyzer.known, self._vocabulary.often
        count = articles(form)
        if count >= often or known(form):
            return count >= FREQUENT or not self._layouts.outweighed(form)
        lemmas = (word for word in self._analyzer.lemmas(form) if not known(word))
        return any(articles(lemma) >= self._vocabulary.often for lemma in lemmas)

    def _change(self, start: int, word: str) -> Iterator[Change]:
        form = fold(word)
        typed = self._vocabulary.articles(form)
        end = start + len(word)
        if _LATIN.fullmatch(form) and (meant := self._read_aloud(form, typed)):
            yield Change(start, end, _cased(meant, word), Reason.TRANSLITERATION)
        elif meant := self._meant(form, typed):
            yield Change(start, end, _cased(meant, word), Reason.TYPO)

    def _found_meant(self, form: str, typed: int) -> str:
        """Give the word that one of ``typed`` articles is a typo for; empty where it is none."""
        if typed >= self._vocabulary.often or (_LATIN.fullmatch(form) and len(form) < LATIN_TYPO):
            return ""
        best = next(iter(self._typos.candidates(form, 1)), None)
        if best is None or best.articles < OUTWEIGHS * typed:
            return ""
        unfamiliar = self._layouts.improbability(form)
        most = SURE if typed else UNFAMILIAR * unfamiliar - COMMON
        return best.text if best.cost <= most else ""

    def _read_aloud(self, form: str, typed: int) -> str:
        """Give the most frequent Cyrillic reading of a Latin word; empty where there is none."""
        if len(form) < TRANSLITERATED:
            return ""
        articles = self._vocabulary.articles
        best = max(readings(form), key=articles, default="")
        often = self._vocabulary.often
        enough = often if typed < often else typed * OUTWEIGHS_LATIN
        return best if best and articles(best) >= enough else ""


def familiar(query: str, analyzer: Analyzer) -> bool:
    """Tell whether all words of a query are the dictionary's: no corrector would change them."""
    forms = [fold(word) for chunk in chunks(query) for word in _WORD.findall(chunk.text)]
    return all(form not in SPOKEN and analyzer.known(form) for form in forms)


def _changed(text: str, changes: Sequence[Change]) -> str:
    """Put changes, in their order, into a text."""
    parts, end = [], 0
    for change in changes:
        parts += [text[end : change.start], change.text]
        end = change.end
    return "".join((*parts, text[end:]))


def _cased(meant: str, typed: str) -> str:
    """Write a word with the capitals of the typed one."""
    if len(typed) > 1 and typed.isupper():
        return meant.upper()
    return meant[:1].upper() + meant[1:] if typed[:1].isupper() else meant
