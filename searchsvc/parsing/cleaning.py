"""Parsing, first step: any text comes in, text fit for display and indexing goes out."""

from __future__ import annotations

import re
import unicodedata

# Line ends of every system: CR LF, CR, NEL, LINE and PARAGRAPH SEPARATOR, form feed.
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# What NFC text may not hold: control and format characters (soft hyphens cut words in two for
# a tokenizer, a BOM glues to the first word), halves of surrogate pairs, noncharacters.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r" ?\n ?(?:\n ?)+")
# What is left to mend in printable text with line ends in it.
_UNTIDY = ("  ", " \n", "\n ", "\n\n\n")


def clean_text(text: str) -> str:
    """Normalise to NFC lines of plain spaces, at most one blank line between, ends stripped."""
    text = text.replace("\xa0", " ").strip()
    if _is_clean(text):
        return text
    text = _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", text))
    return _BLANK_LINES.sub("\n\n", text).replace(" \n", "\n").replace("\n ", "\n").strip()


def _is_clean(text: str) -> bool:
    """Tell at a tenth of the cost what ``clean_text`` would leave as it is."""
    if text.isascii() and text.isprintable():
        return "  " not in text
    flat = text.replace("\n", " ")
    # No control, format or private character is printable, no separator but the plain space.
    if not flat.isprintable() or not unicodedata.is_normalized("NFC", text):
        return False
    return "  " not in flat or not any(run in text for run in _UNTIDY)


def clean_line(text: str) -> str:
    """Normalise like ``clean_text`` and put everything on one line."""
    text = clean_text(text)
    return " ".join(text.split()) if "\n" in text else text


def words(table: str) -> frozenset[str]:
    """Read a table of words written as one text."""
    return frozenset(table.split())
