"""One typed word: from its characters to a term, a wildcard pattern or a fuzzy word.

In: a chunk without spaces and quotes that begins with a letter or digit. Out: an atom whose text
reads back as the same atom, and what was ignored. Sentence marks at the end are dropped
(``победил?``, ``Ура!``), marks that belong to a word stay (``C++``, ``5,5%``).
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from searchsvc.analysis.folding import APOSTROPHES, HYPHENS
from searchsvc.query.problems import Problem
from searchsvc.query.sizes import ADDRESS, LETTER
from searchsvc.query.syntax import Atom, Fuzzy, Pattern, Term

if TYPE_CHECKING:
    from collections.abc import Callable

OPERATORS = frozenset({"AND", "OR", "ИЛИ", "NOT", "НЕ", "И"})
"""Words that mean something else in upper case; a term is never spelled like one."""
NEAR = re.compile(r"(?:NEAR|РЯДОМ)/([0-9]{1,9})")

_INNER = rf"{LETTER}{APOSTROPHES}{HYPHENS}"
_ONE_WORD = re.compile(rf"[{_INNER}]*[{LETTER}]")
_WILDCARDS = re.compile(rf"[{_INNER}?*]+")
_SUFFIX = re.compile(r"~([0-9]{0,3})$")
_STARS = re.compile(r"\*+")
_ADDRESS_END = ".,;:!?…)]}'’"
_KEPT = "+#%°$€₽"

MIN_PREFIX = 3
"""Letters before a star: ``здр*``; fewer would stand for a good part of the vocabulary."""
MIN_LETTERS = (3, 5)
"""Letters that a word needs for one and two edits: ``бор~`` is also «бар», «бор~2» anything."""


def read_atom(text: str, warn: Callable[[str], None]) -> Atom:
    """Tell what a typed word is; ``text`` begins with a letter or digit.

    ``warn`` is told of ignored stars and tildes.
    """
    if ADDRESS.match(text):
        return Term(text.rstrip(_ADDRESS_END))
    ended = text[: _end(text, f"{_KEPT}*~")]
    return _fuzzy(ended, warn) or _pattern(ended, warn) or _term(ended, warn)


def _fuzzy(text: str, warn: Callable[[str], None]) -> Atom | None:
    match = _SUFFIX.search(text)
    if match is None or not _ONE_WORD.fullmatch(text, 0, match.start()):
        return None
    word = text[: match.start()]
    asked = int(match[1] or 1)
    letters = _letters(word)
    edits = min(asked, sum(letters >= least for least in MIN_LETTERS))
    if asked and not edits:
        warn(Problem.FUZZY.about(text))
    elif asked > edits:
        warn((Problem.FUZZY_ONE if edits == 1 else Problem.FUZZY_MANY).about(word))
    return Fuzzy(word, edits) if edits else _term(word, warn)


def _pattern(text: str, warn: Callable[[str], None]) -> Pattern | None:
    if not _WILDCARDS.fullmatch(text) or ("*" not in text and "?" not in text):
        return None
    if "*" in text and _letters(text[: text.index("*")]) < MIN_PREFIX:
        without = text[: _end(text, _KEPT)]
        if "*" not in without and "?" in without:
            warn(Problem.STAR.about(text))
            return Pattern(without)
        return None
    return Pattern(_STARS.sub("*", text))


def _term(text: str, warn: Callable[[str], None]) -> Atom:
    word = text[: _end(text, _KEPT)]
    if "*" in text:
        warn(Problem.STAR.about(text))
    if "~" in text[len(word) :]:
        warn(Problem.FUZZY.about(text))
    if word != text and (again := _fuzzy(word, warn) or _pattern(word, warn)):
        return again
    return Term(word.lower() if word in OPERATORS or NEAR.fullmatch(word) else word)


def _end(text: str, kept: str) -> int:
    """Find where the word ends when everything after it but ``kept`` is dropped."""
    end = len(text)
    while end > 1 and not (text[end - 1].isalnum() or text[end - 1] in kept):
        if unicodedata.combining(text[end - 1]):
            break
        end -= 1
    return end


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
