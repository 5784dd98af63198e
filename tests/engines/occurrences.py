"""Random articles and places in them, as an index tells where clauses stand."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.schema import POSITION_GAP

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from searchsvc.engines.whoosh.portable_locating import Document, Standing

ANALYZER = Analyzer()
QUICK = ANALYZER.quick_offsets

SCRAPS = [
    "Мэр",
    "города",
    "онлайн-сервис",
    "С.-Петербург",
    "5,5",
    "а\u0301 ",
    "и\u0306",
    "example.ru",
]
SCRAPS += [
    "https://example.org/а-б",
    "C++",
    "𝐀",
    "😀",
    "語",
    "\ud800",
    "\r\n",
    "\u00a0",
    "-",
    ".",
    " ",
]
SCRAPS += ["я" * 300, "𠮷", "а-б-в-г", "123-ФЗ", "O'Нил"]


def bytes_of(keys: Iterable[int]) -> bytes:
    """Write keys as the kernel gives them."""
    return array("q", keys).tobytes()


def text(chance: Random, most: int) -> str:
    """Make a text of scraps."""
    between = (" ", " ", " ", ", ", "", "\n")
    words = chance.choices(SCRAPS, k=chance.randint(0, most))
    return "".join(word + chance.choice(between) for word in words)


def page(chance: Random) -> tuple[tuple[Document, ...], tuple[Standing, ...]]:
    """Make documents, and where some clauses stand in them."""
    numbers = sorted(chance.sample(range(50), chance.randint(0, 4)))
    documents = tuple(_document(number, chance) for number in numbers)
    standing = tuple(_standing(clause, documents, chance) for clause in range(chance.randint(0, 4)))
    return documents, standing


def _document(number: int, chance: Random) -> Document:
    body, made = text(chance, 30), chance.random() < 0.3
    title = body[: chance.randint(0, len(body))] if made else text(chance, 6)
    return title, body, number, _tokens(title), made


def _tokens(own: str) -> int:
    return len(ANALYZER.offsets(own)[0])


def _standing(clause: int, documents: Iterable[Document], chance: Random) -> Standing:
    length = chance.choice((1, 1, 1, 2, 3))
    keys = []
    for _, text, number, title_tokens, made in documents:
        body = 0 if made or not title_tokens else title_tokens + POSITION_GAP
        last = body + _tokens(text) - length
        places = {chance.randint(0, last) for _ in range(chance.randint(0, 9))} if last >= 0 else ()
        keys += [number << 32 | place for place in sorted(places)]
    wholes = [key for key in keys if chance.random() < 0.3]
    return clause, bytes_of(keys), length, bytes_of(wholes)
