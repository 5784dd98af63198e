"""Folding: from text as written to text as compared; what differs only in dress becomes equal.

Case, ё and е, stress marks, soft hyphens, kinds of hyphen and apostrophe, and Latin letters that
slipped into a Cyrillic word (or the other way round) make no difference afterwards.
"""

from __future__ import annotations

import re
import unicodedata

INVISIBLE = "\u00ad\u034f\u200b-\u200f\u2060\ufeff"
"""Soft hyphen, grapheme joiner, zero-width characters: members of a regex character set."""

HYPHENS = "\\-\u2010\u2011"
APOSTROPHES = "'\u2019\u02bc\u2018"

_PLAIN = re.compile(r"[0-9А-Яа-яЁё \-]*")
_INVISIBLE = re.compile(f"[{INVISIBLE}]+")
_LETTERS = re.compile(r"[A-Za-z\u0400-\u04ff\u0300-\u036f]+")
_CYRILLIC_MARKED = re.compile(r"([\u0400-\u04ff])([\u0300-\u036f]+)")
_SIGNS = str.maketrans(
    dict.fromkeys("\u2010\u2011", "-") | dict.fromkeys("\u2019\u02bc\u2018", "'")
)

# Letters that look the same in print; lower case «в» and «b» do not, capital «В» and «B» do.
_LATIN = "ABCEHKMOPTXYaceopxy"
_CYRILLIC = "АВСЕНКМОРТХУасеорху"
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)

# й, ў and ї are letters of their own; on any other Cyrillic letter a mark is stress or dots: ё → е.
_OWN_MARK = {"и": "\u0306", "у": "\u0306", "і": "\u0308"}


def fold(text: str) -> str:
    """Fold text of any length; folding again changes nothing.

    >>> fold("Зелёный Моcква́ О’Нил")
    "зеленый москва о'нил"
    """
    if text.isascii():
        return text.lower()
    if _PLAIN.fullmatch(text):
        return text.lower().replace("ё", "е")
    visible = _INVISIBLE.sub("", text).translate(_SIGNS)
    apart = _LETTERS.sub(_one_script, unicodedata.normalize("NFD", visible))
    lower = unicodedata.normalize("NFD", apart.lower())
    return unicodedata.normalize("NFC", _CYRILLIC_MARKED.sub(_own_mark, lower))


def _one_script(match: re.Match[str]) -> str:
    """Write a word in the script that its unambiguous letters show: ``Моcква``, ``CОVID``.

    A word that shows both (``SMSки``) stays as it is; one that shows neither becomes Cyrillic.
    """
    word = match[0]
    latin = sum(letter <= "z" for letter in word)
    cyrillic = sum(letter >= "\u0400" for letter in word)
    if not latin or not cyrillic:
        return word
    as_cyrillic = word.translate(_TO_CYRILLIC)
    if not any(letter <= "z" for letter in as_cyrillic):
        return as_cyrillic
    as_latin = word.translate(_TO_LATIN)
    return word if any(letter >= "\u0400" for letter in as_latin) else as_latin


def _own_mark(match: re.Match[str]) -> str:
    letter, marks = match.groups()
    own = _OWN_MARK.get(letter)
    return letter + own if own is not None and own in marks else letter
