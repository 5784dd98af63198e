"""Sentences: from a Russian text to the stretches a reader takes as one thought.

A border is a line break, or a full stop, question mark, exclamation mark or ellipsis before a
capital letter or a digit, unless the stop belongs to an abbreviation or to initials.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Found at the beginning of a run of stops only, and possessive: linear on «......» and «. . . .».
# The space may be missing: news joined from paragraphs have «…сообщил он.Следующее».
_BORDER = re.compile(
    r"[\n\u2028\u2029]\s*+"
    r"|(?<![.!?…])([.!?…]++)[\"'»”’)\]]*+"
    r"(?:[^\S\n]++(?=[«\"„“(\[—–\-]*+[^\S\n]*+[«\"„“]?+[A-ZА-ЯЁ\d])|(?=[«„]?+[А-ЯЁ]))"
)
_LAST_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)?$")
_ENUMERATION = re.compile(r"\bт\.\s?[дп]$")
_LONGEST = 14

# A stop after these does not end a sentence, whatever follows: «ул. Ленина», «в 2021 г. Собянин».
_ABBREVIATIONS = frozenset(
    "гг вв им ул пр пр-т просп пер пл наб пр-д бул б-р мкр корп стр кв оф обл р-н пос дер респ "  # noqa: SIM905
    "св проф акад доц тов ген полк подп кап лейт серж адм зам зав пом гл спец корр "
    "см ср напр рис табл ст пп гл изд тел моб доб руб коп долл тыс млн млрд трлн "
    "мин сек кг км мм ок прибл англ франц рус янв фев февр мар апр июн июл авг сен сент "
    "окт ноя нояб дек mr mrs ms dr st vs".split()
)


class Sentence(NamedTuple):
    """A sentence in code points, without the space around it; whether it begins a line."""

    start: int
    end: int
    opens_line: bool


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Sentence]:
    """List the sentences of a text, or of a stretch of it, in order.

    They hold everything but the space between them.
    """
    found: list[Sentence] = []
    end = len(text) if end is None else end
    begin, opens_line = start, True
    for match in _BORDER.finditer(text, start, end):
        stops = match[1]
        if stops and not _ends_sentence(text, match.start(), stops, match[0][-1].isspace()):
            continue
        _append(found, text, begin, match.end(), opens_line)
        opens_line = not stops
        begin = match.end()
    _append(found, text, begin, end, opens_line)
    return found


def _append(found: list[Sentence], text: str, begin: int, end: int, opens_line: bool) -> None:
    piece = text[begin:end]
    bare = piece.strip()
    if bare:
        start = begin + len(piece) - len(piece.lstrip())
        found.append(Sentence(start, start + len(bare), opens_line))


def _ends_sentence(text: str, at: int, stops: str, spaced: bool) -> bool:
    before = text[max(0, at - _LONGEST) : at]
    word = _LAST_WORD.search(before)
    if word is None:
        return spaced
    if not spaced:
        return len(word[0]) > 1 and word[0].islower() and word[0] not in _ABBREVIATIONS
    if stops != ".":
        return True
    if len(word[0]) == 1 and not word[0].isdigit():
        return _ENUMERATION.search(before) is not None  # «и т. д. Мэр», but «А. С. Пушкин»
    return word[0].lower() not in _ABBREVIATIONS
