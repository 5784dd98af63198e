"""Parsing pages: what one part of a page says of its article, and how several such parts agree."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_NAMES = 30
"""Authors, topics or tags kept of one article; more is a list of everything the site has."""
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a page says of its article in one way; empty where it says nothing.

    ``dates`` are texts, the most trusted first. ``text`` has paragraphs separated by newlines.
    """

    title: str = ""
    lead: str = ""
    text: str = ""
    url: str = ""
    source: str = ""
    dates: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def merge(claims: Sequence[Claims]) -> Claims:
    """Take each field from the first that has it; dates from all, in order."""
    chosen = {
        field.name: next((value for it in claims if (value := getattr(it, field.name))), None)
        for field in fields(Claims)
        if field.name != "dates"
    }
    dates = tuple(date for it in claims for date in it.dates)
    return Claims(dates=dates, **{name: value for name, value in chosen.items() if value})


def names(values: Iterable[str]) -> tuple[str, ...]:
    """Drop empty, overlong and repeated names, and those that are addresses."""
    kept: dict[str, str] = {}
    for value in values:
        name = " ".join(value.split()).strip(" ,;")
        if name and len(name) <= LONGEST_NAME and not _ADDRESS.match(name):
            kept.setdefault(name.casefold(), name)
    return tuple(kept.values())[:MOST_NAMES]


_ADDRESS = re.compile(r"https?://|www\.|//|@\w+$")
_LABEL = re.compile(r"(?:автор[ыа]?|текст|подготовил[аи]?|беседовал[аи]?|by)(?:\s*:\s*|\s+)", re.I)
_BETWEEN_PEOPLE = re.compile(r"\s*[,;/|]\s*")
_PERSON = r"[А-ЯЁA-Z][\w'’-]*\.?(?:\s+[А-ЯЁA-Z][\w'’-]*\.?){1,2}"
_TWO_PEOPLE = re.compile(rf"({_PERSON})\s+(?:и|and|&)\s+({_PERSON})")
_LONE_PERSON = re.compile(_PERSON)


def people(values: Iterable[str]) -> tuple[str, ...]:
    """Tell apart the names of bylines.

    >>> people(["Автор: Анна Сойкина и Пётр Ежов, Приреченск"])
    ('Анна Сойкина', 'Пётр Ежов', 'Приреченск')
    """
    found: list[str] = []
    for value in values:
        line = _LABEL.sub("", " ".join(value.split()), count=1) if value[:1] else ""
        for part in _BETWEEN_PEOPLE.split(line[: 4 * LONGEST_NAME]):
            pair = _TWO_PEOPLE.fullmatch(part)
            found.extend(pair.groups() if pair else [part])
    return names(found)


def is_person(name: str) -> bool:
    """Say whether a text looks like one person's name: two or three capitalised words."""
    return len(name) <= LONGEST_NAME and _LONE_PERSON.fullmatch(name) is not None


def listed(text: str) -> tuple[str, ...]:
    """Read «спорт, хоккей, Приреченск» as tags; a sentence or a single long phrase is none."""
    parts = [part.strip() for part in re.split(r"[,;]", text[:2000])]
    parts = [part for part in parts if part]
    if not parts or any(len(part.split()) > 4 for part in parts):
        return ()
    return names(parts)
