"""Parsing: a text without a title goes in, the title made from its beginning comes out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from searchsvc.parsing.cleaning import words

if TYPE_CHECKING:
    from collections.abc import Iterator

TITLE_LENGTH = 120

# After these a full stop is no end: «19 г. Барнаула», «им. Пушкина», «руб. в месяц».
_ABBREVIATIONS = words(
    "г гг в вв им ул пр просп пл пер д дом корп стр кв обл р респ п пос с ст рис табл "
    "тыс млн млрд трлн руб коп долл кг км см мм га ч час мин сек т тт тел проф акад доц канд "
    "др пр проч напр см ср англ лат рус нем фр яп кит ген полк подполк кап лейт сер адм зам зав "
    "гос гр св о ред изд изм янв фев февр мар апр июн июл авг сен сент окт ноя нояб дек "
    "ок прим соотв н э mr mrs ms dr st prof jr sr inc ltd co vs etc no"
)
# A stop (with the quotes and brackets it closes), then space and what may begin a sentence.
_STOP = re.compile(
    r"(?P<mark>\.{3}|[.!?…]{1,5})[»”\"'’)\]]{0,3}(?=\s+[^\Wa-zа-яё_]|\s+[«„“\"(—–-])"
)
# The agency's «БЛАГОВЕЩЕНСК, 20 окт – РИА Новости.» says nothing of the story.
_DATELINE = re.compile(r"[А-ЯЁA-Z][А-ЯЁA-Z .\-/()]{1,60},?\s+\d{1,2}\s+\w{3,9}")
_LAST_WORD = re.compile(r"\w{1,40}\Z")
# A cut title should not end so: «о сотрудничестве между».
_DANGLING = words(
    "а без в во для до за и из изо или к ко как между на над не ни но о об обо от по под при "
    "про с со среди у через что чтобы его ее её их the a an of in on at to and or for by"
)
_TRIMMED = " ,:;—–-(«„“\"'"


def title_from_text(text: str) -> str:
    """Return the first sentence, cut at a word before 120 characters: a prefix of the text."""
    head = text[: TITLE_LENGTH + 1]
    indent = len(head) - len(head.lstrip())
    line = head[: indent + len(head[indent:].partition("\n")[0])].rstrip()
    start = indent
    for end in _sentence_ends(line):
        if _says_something(line[start:end].lstrip()):
            return _without_stop(line[:end])
        start = end
    return _without_stop(line) if len(line) <= TITLE_LENGTH else _cut(line)


def _sentence_ends(line: str) -> Iterator[int]:
    for stop in _STOP.finditer(line):
        word = _LAST_WORD.search(line, 0, stop.start())
        if stop["mark"] != "." or word is None or not _is_abbreviation(word[0]):
            yield stop.end()


def _is_abbreviation(word: str) -> bool:
    # «А. С. Пушкин»: a capital alone is an initial.
    return word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isupper())


def _says_something(sentence: str) -> bool:
    return len(sentence.split()) >= 3 and _DATELINE.match(sentence) is None


def _without_stop(sentence: str) -> str:
    if sentence.endswith((".", " ")) and not sentence.endswith(".."):
        return sentence.rstrip(" .") or sentence
    return sentence


def _cut(line: str) -> str:
    cut, space, _ = line[: TITLE_LENGTH + 1].rpartition(" ")
    if not space or not cut.strip():
        return line[:TITLE_LENGTH]
    while " " in cut.strip():
        shorter = cut.rstrip(_TRIMMED)
        before, _, last = shorter.rpartition(" ")
        if last.lower() not in _DANGLING or not before.strip():
            return shorter or cut
        cut = before
    return cut
