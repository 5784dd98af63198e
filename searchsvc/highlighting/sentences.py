"""Sentences: from a Russian text to the stretches a reader takes as one thought.

A border is a line break, or a full stop, question mark, exclamation mark or ellipsis before a
capital letter or a digit, unless the stop belongs to an abbreviation or to initials.
``_highlighting`` does the same 8 times as fast; where it was not compiled, and for texts with rare
characters, everything is read here.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.highlighting.snippet import Snippet

if TYPE_CHECKING:
    from types import ModuleType

    from searchsvc.highlighting._highlighting import Reader

try:
    from searchsvc.highlighting import _highlighting

    compiled: ModuleType | None = _highlighting
except ImportError:
    compiled = None

# A character set comes first, so that texts are scanned for it at the speed of C: 5 µs for 1,000
# letters, where alternatives tried at each took 48. A run of stops counts from its first one, and
# repetitions are possessive: linear on «......» and «. . . .».
# The space may be missing: news joined from paragraphs have «…сообщил он.Следующее».
_BORDER = re.compile(
    r"[.!?…\n\u2028\u2029]"
    r"(?:(?<=[\n\u2028\u2029])\s*+"
    r"|(?<![.!?…][.!?…])(?P<stops>[.!?…]*+)(?P<closed>[\"'»”’)\]]*+)"
    r"(?:[^\S\n]++(?=[«\"„“(\[—–\-]*+[^\S\n]*+[«\"„“]?+[A-ZА-ЯЁ\d])|(?=[«„]?+[А-ЯЁ])))"
)
_LAST_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)?$")
_ENUMERATION = re.compile(r"\bт\.\s?[дп]$")
_LONGEST = 14
_SURE = 6
"""A word of so many letters is no abbreviation, and most sentences end with one."""

# A stop after these does not end a sentence, whatever follows: «ул. Ленина», «в 2021 г. Собянин».
_ABBREVIATIONS = frozenset(
    "гг вв им ул пр пр-т просп пер пл наб пр-д бул б-р мкр корп стр кв оф обл р-н пос дер респ "  # noqa: SIM905
    "св проф акад доц тов ген полк подп кап лейт серж адм зам зав пом гл спец корр "
    "см ср напр рис табл ст пп гл изд тел моб доб руб коп долл тыс млн млрд трлн "
    "мин сек кг км мм ок прибл англ франц рус янв фев февр мар апр июн июл авг сен сент "
    "окт ноя нояб дек mr mrs ms dr st vs".split()
)


_CLASSES = (
    r"[.!?…\n\u2028\u2029]+",
    r"\s+",
    r"[\"'»”’)\]]+",
    r"[«\"„“(\[—–\-]+",
    r"[«\"„“]+",
    r"[A-ZА-ЯЁ\d]+",
    r"[^\W_]+",
    "[A-Za-zА-Яа-яЁё]+",
)
"""What characters are to ``_highlighting``: the first set has bit 0."""

_SPAN = 0x2200
"""The classes end here: letters of Europe and the Near East, and the signs of newspapers."""


class Sentence(NamedTuple):
    """A sentence in code points, without the space around it; whether it begins a line."""

    start: int
    end: int
    opens_line: bool


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Sentence]:
    """List the sentences of a text, or of a stretch of it, in order.

    They hold everything but the space between them.
    """
    end = len(text) if end is None else end
    own = reader()
    found = own.sentences(text, start, end) if own is not None else None
    return read_portably(text, start, end) if found is None else found


def read_portably(text: str, start: int, end: int) -> list[Sentence]:
    """List the sentences of a stretch of any text."""
    found: list[Sentence] = []
    begin, opens_line = _after_space(text, start, end), True
    for match in _BORDER.finditer(text, start, end):
        (at, after), (_, stops), (_, closed) = match.regs
        if stops < 0:
            last = at
            while last > begin and text[last - 1].isspace():
                last -= 1
        elif (
            # Most sentences end with a long word, or with «!», «?», «…».
            (
                closed < after
                and (text[at] != "." or (at >= _SURE and text[at - _SURE : at].isalnum()))
            )
            or _ends_sentence(text, at, stops - at, spaced=closed < after)
        ):
            last = closed
        else:
            continue
        if last > begin:
            found.append(Sentence(begin, last, opens_line))
        opens_line = stops < 0
        begin = max(begin, after)
    last = begin + len(text[begin:end].rstrip())
    if last > begin:
        found.append(Sentence(begin, last, opens_line))
    return found


def _after_space(text: str, start: int, end: int) -> int:
    if not text[start : start + 1].isspace():
        return start
    return end - len(text[start:end].lstrip())


def _ends_sentence(text: str, at: int, stops: int, spaced: bool) -> bool:
    """Tell whether so many stops from ``at`` on are a sentence's, by the word before them."""
    if spaced and (stops > 1 or text[at] != "."):
        return True
    begin = max(0, at - _LONGEST)
    word = text[text.rfind(" ", begin, at) + 1 or begin : at]
    if not word.isalpha():
        found = _LAST_WORD.search(text, begin, at)
        if found is None:
            return spaced
        word = found[0]
    if not spaced:
        return len(word) > 1 and word.islower() and word not in _ABBREVIATIONS
    if len(word) == 1 and not word.isdigit():
        return _ENUMERATION.search(text, begin, at) is not None  # «и т. д. Мэр», not «А. С. Пушкин»
    return word.lower() not in _ABBREVIATIONS


@cache
def reader() -> Reader | None:
    """Make the compiled highlighter with its table, in a millisecond."""
    if compiled is None:
        return None
    characters = "".join(map(chr, range(_SPAN)))
    classes = bytearray(_SPAN)
    for bit, pattern in enumerate(_CLASSES):
        for match in re.finditer(pattern, characters):
            for code in range(*match.span()):
                classes[code] |= 1 << bit
    made: Reader = compiled.Reader(
        bytes(classes), Sentence, Snippet, _ends_sentence, _ABBREVIATIONS
    )
    return made
