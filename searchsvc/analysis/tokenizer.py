"""The tokenizer: from text to the pieces that are words, with their places in the text.

What is one piece:

- a word of letters and digits with its stress marks, soft hyphens and inner apostrophes;
- words joined by hyphens, which are also split: ``онлайн-сервис``, ``223-ФЗ``, ``COVID-19``;
- a decimal ``5,5`` or ``5.5``, and digits with two dots or more: ``19.02.2021``, ``192.168.0.1``;
- an e-mail address and a URL as a whole; ``C++``, ``C#``.

A time ``10:50``, thousands ``1 000``, an enumeration ``1,2,3`` and a bare host ``example.ru``
are several pieces. Everything else parts words.

Every repetition is possessive or bounded, so a text is read in time linear in its length.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from searchsvc.analysis.folding import APOSTROPHES, HYPHENS, INVISIBLE, fold

MAX_FORM = 200
"""A longer form is cut to this many code points, the token keeps its place in the text. The longest
form of 60,933 news articles is a URL of 64."""

_A = r"[^\W_]"
MARKS = r"\u0300-\u036f"
"""Stress and other marks over letters: members of a regex character set."""

_URL_END = r"\s<>\"«»„“”"
_WORD = rf"(?:{_A}++[{MARKS}]*+(?:[{INVISIBLE}{APOSTROPHES}](?={_A}))?+)++"
_DOTTED = r"\d++(?:\.\d++){2,}+"
_DECIMAL = r"(?<!\d[.,])\d++[.,]\d++(?![.,]\d)"
_PART = f"(?:{_DOTTED}|{_DECIMAL}|{_WORD})"
_COMPOUND = rf"{_PART}(?:[{HYPHENS}]{_PART})*+"
# Most words end before a space or a comma: nothing that could make them longer follows.
_LONE_WORD = rf"[^\W\d_]++(?![\w@+#{HYPHENS}{APOSTROPHES}{INVISIBLE}{MARKS}]|\.[\w.@+\-]|:/)"
_URL = (
    rf"(?:(?i:https?|ftp)://|(?i:www)\.)(?={_A})[^{_URL_END}]{{0,2000}}"
    rf"[^{_URL_END}.,;:!?…)\]}}'’]"
)
_LABEL = rf"{_A}++(?:-++{_A}++)*+"
_EMAIL = rf"{_A}[\w.+\-]{{0,63}}+@{_LABEL}(?:\.{_LABEL})++"
# Programmers' «С++» is typed with a Cyrillic С as often as not.
_SIGNED = rf"(?:[A-Za-zСс][A-Za-z]*+\+\+|[A-Za-zСс]\#)(?!{_A})"

PIECE = re.compile(rf"{_LONE_WORD}|{_URL}|{_EMAIL}|{_SIGNED}|{_COMPOUND}")
"""Matches the pieces of a text from left to right."""

_WHOLE = re.compile(rf"{_URL}|{_EMAIL}")
_PARTS = re.compile(_PART)
_DECIMAL_ONLY = re.compile(r"\d+\.\d+")


class Part(NamedTuple):
    """One part of a compound: its place counted from the compound's start, its folded form."""

    start: int
    end: int
    form: str


class Compound(NamedTuple):
    """Words joined by hyphens: the folded whole and the two or more parts."""

    form: str
    parts: tuple[Part, ...]


def read_piece(surface: str) -> str | Compound:
    """Give the folded form of one piece that PIECE matched, or the whole and its parts."""
    if _WHOLE.fullmatch(surface):
        return fold(surface)[:MAX_FORM]
    if surface[-1] in "+#":
        return fold(surface).replace("с", "c")[:MAX_FORM]
    parts = tuple(_part(match) for match in _PARTS.finditer(surface))
    if len(parts) == 1:
        return parts[0].form
    # A compound may be a megabyte of hostile «а-а-а-…»: only what the form can hold is joined.
    return Compound("-".join(part.form for part in parts[:MAX_FORM])[:MAX_FORM], parts)


def _part(match: re.Match[str]) -> Part:
    form = fold(match[0])[:MAX_FORM]
    if _DECIMAL_ONLY.fullmatch(form):
        form = form.replace(".", ",")
    return Part(match.start(), match.end(), form)
