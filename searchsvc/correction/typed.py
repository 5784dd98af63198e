"""Typed words: the parts of a query that a correction may touch, with their places.

In: a query as typed. Out: chunks without the query language's own signs. Exact words and phrases
(``!``), masks, fuzzy words, addresses, operators, dates and the values of sources, topics and
authors are as their writer wants them and are left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.query.atoms import NEAR
from searchsvc.query.lexer import FIELDS, WORDS
from searchsvc.query.sizes import ADDRESS
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXACT_PHRASE = re.compile(r'!"[^"]*"?')
_CHUNK = re.compile(r'[^\s"()|«»„“”]+')
_NAME = re.compile(r"([A-Za-zА-Яа-яЁё]{2,9}):")
_MASK = re.compile(r"[*~@]|\?\w")


class Chunk(NamedTuple):
    """A run of typed characters at ``start`` that has a letter in it."""

    start: int
    text: str


def plain_words(query: str) -> list[str] | None:
    """List the words of a query that has nothing but words, quotes, bars and parentheses.

    They are its chunks, found in a third of the time; None of any other query.
    """
    words = _CHUNK.findall(query)
    if all(map(str.isalpha, words)) and "!" not in query:
        return [word for word in words if word not in WORDS]
    return None


def chunks(query: str) -> Iterator[Chunk]:
    """List what may be corrected, from left to right."""
    exact = [match.span() for match in _EXACT_PHRASE.finditer(query)]
    for match in _CHUNK.finditer(query):
        if any(start <= match.start() < end for start, end in exact):
            continue
        start, text = match.start(), match[0]
        if query[start : start + 1] == "-" and len(text) > 1:
            start, text = start + 1, text[1:]
        if field := _NAME.match(text):
            if FIELDS.get(field[1].lower(), Field.TITLE) is not Field.TITLE:
                continue
            if field[1].lower() in FIELDS:
                start, text = start + field.end(), text[field.end() :]
        if _may_be_corrected(text):
            yield Chunk(start, text)


def _may_be_corrected(text: str) -> bool:
    if text in WORDS or NEAR.fullmatch(text) or text.startswith("!"):
        return False
    if text.isalpha():
        return True
    if ADDRESS.match(text) or _MASK.search(text):
        return False
    return any(map(str.isalpha, text))
