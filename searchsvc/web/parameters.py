"""Request arguments → Question: strict, bounded, each error naming parameter, limit and value."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeVar

from searchsvc.engines.protocol import Facet, Histogram, Sort
from searchsvc.errors import QueryError
from searchsvc.model import ArticleDate, Precision
from searchsvc.schema import FACET_FIELDS
from searchsvc.searching.answer import PAGE_SIZE, Question

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from searchsvc.config import Settings

Choice = TypeVar("Choice", bound=StrEnum)

FACETS: dict[str, Facet] = {facet.value: facet for facet in (*FACET_FIELDS, *Histogram)}
PAGE_FACETS: tuple[Facet, ...] = (*FACET_FIELDS[:2], Histogram.MONTH)

VALUE_LENGTH = 300
"""Characters of a filter's value or a cursor; the longest topic of real corpora has 96."""

SHOWN = ("q", "page", "cursor", "sort", "from", "to", "source", "topic", "author", "correct")
KNOWN = (*SHOWN, "size", "facets", "group", "format", "explain")

_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_NUMBER = re.compile(r"[0-9]{1,9}")
_UNSAFE = re.compile(r"[^\w.~ -]+", re.ASCII)


class Args(Protocol):
    """Arguments by name, as Werkzeug gives them; one may be given several times."""

    def __contains__(self, name: object, /) -> bool:
        """Tell whether an argument is given."""

    def __iter__(self) -> Iterator[str]:
        """List the names, each once."""

    def items(self) -> Iterable[tuple[str, str]]:
        """List names and first values."""

    def getlist(self, name: str, /) -> list[str]:
        """List the values of one name."""


class Format(StrEnum):
    """How the answer of the API is written."""

    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    ATOM = "atom"


class Switch(StrEnum):
    """Whether near-duplicates are folded into one hit, or what finds nothing is corrected."""

    ON = "on"
    OFF = "off"


class Flag(StrEnum):
    """Whether hits say what their scores are made of."""

    YES = "1"
    ON = "on"
    NO = "0"
    OFF = "off"


EXPLAINING = (Format.JSON, Format.JSONL)
"""Formats that have a place for explanations."""


def question_of_api(args: Args, settings: Settings) -> Question:
    """Read the arguments of ``/api/v1/search``; raises QueryError."""
    if list(args) == ["q"]:  # as in most searches
        return Question(text=text_of(args), size=min(PAGE_SIZE, settings.page_size))
    refuse_unknown(args, KNOWN)
    if _choice(args, "group", Switch) is Switch.ON:
        message = "group=on is not available on this index: leave group out or pass group=off"
        raise QueryError(message, parameter="group", limit=["off"], value="on")
    most = settings.page_size
    size = _number(args, "size", min(PAGE_SIZE, most), most)
    page = _page(args, size, settings)
    return _question(args, size, page, _facets(args), explaining=True)


def question_of_page(args: Args, settings: Settings) -> Question:
    """Read the arguments of the page; without words the newest come first; raises QueryError."""
    size = min(PAGE_SIZE, settings.page_size)
    page = _page(args, size, settings)
    question = _question(args, size, page, PAGE_FACETS)
    if not question.text.strip() and question.sort is not Sort.DATE_ASC:
        return question._replace(sort=Sort.DATE)
    return question


def format_of(args: Args) -> Format:
    """Read ``format``; raises QueryError."""
    return _choice(args, "format", Format) or Format.JSON


def refuse_unknown(args: Args, known: tuple[str, ...]) -> None:
    """Raise QueryError for a parameter that means nothing here, so that a typo is seen."""
    for name in args:
        if name not in known:
            message = f"unknown parameter {name[:40]!r}: use {', '.join(known)}"
            raise QueryError(message, parameter=name[:40], limit=list(known))


def next_query(args: Args, cursor: str) -> str:
    """Write the query string of the hits after those of a search with these arguments."""
    kept = {name: value for name, value in args.items() if name != "page"}
    pairs = (kept | {"cursor": cursor}).items()
    return "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in pairs])


def _quoted(text: str) -> str:
    """Escape text as ``quote_plus`` does, which takes three times as long for Russian."""
    return _UNSAFE.sub(_escaped, text).replace(" ", "+")


def _escaped(run: re.Match[str]) -> str:
    return "%" + run[0].encode().hex("%").upper()


def text_of(args: Args) -> str:
    """Read ``q`` as it was typed; raises QueryError when it is given twice."""
    return _single(args, "q") or ""


def _question(
    args: Args, size: int, page: int, facets: tuple[Facet, ...], *, explaining: bool = False
) -> Question:
    first, last = _days(args)
    return Question(
        text=text_of(args),
        cursor=_bounded(args, "cursor"),
        sort=_choice(args, "sort", Sort),
        first=first,
        last=last,
        source=_bounded(args, "source"),
        topic=_bounded(args, "topic"),
        author=_bounded(args, "author"),
        size=size,
        page=page,
        facets=facets,
        correct=_choice(args, "correct", Switch) is not Switch.OFF,
        explain=explaining and _explain(args),
    )


def _single(args: Args, name: str) -> str | None:
    """Give a parameter's value; an empty one (an untouched form field) counts as not given."""
    if name not in args:
        return None
    values = args.getlist(name)
    if len(values) > 1:
        raise QueryError(f"{name} is given {len(values)} times", parameter=name, limit=1)
    return values[0] if values and values[0] else None


def _bounded(args: Args, name: str) -> str | None:
    value = _single(args, name)
    if value is not None and len(value) > VALUE_LENGTH:
        message = f"{name} has {len(value)} characters, at most {VALUE_LENGTH} are allowed"
        raise QueryError(message, parameter=name, limit=VALUE_LENGTH, value=len(value))
    return value


def _number(args: Args, name: str, default: int, most: int) -> int:
    value = _single(args, name)
    if value is None:
        return default
    if not _NUMBER.fullmatch(value) or not 1 <= int(value) <= most:
        message = f"{name} must be a whole number from 1 to {most}"
        raise QueryError(message, parameter=name, limit=most, value=value[:40])
    return int(value)


def _page(args: Args, size: int, settings: Settings) -> int:
    most = max(1, settings.window // size)
    try:
        return _number(args, "page", 1, most)
    except QueryError as error:
        message = f"{error} (the first {settings.window} hits); go on with cursor=next"
        raise QueryError(message, parameter="page", limit=most, value=error.value) from None


def _choice(args: Args, name: str, choices: type[Choice]) -> Choice | None:
    value = _single(args, name)
    if value is None:
        return None
    if value not in (choice.value for choice in choices):
        raise _not_one_of(name, value, [choice.value for choice in choices])
    return choices(value)


def _facets(args: Args) -> tuple[Facet, ...]:
    value = _bounded(args, "facets")
    names = dict.fromkeys(value.split(",")) if value else {}
    for name in names:
        if name not in FACETS:
            raise _not_one_of("facets", name, list(FACETS))
    return tuple(FACETS[name] for name in names)


def _explain(args: Args) -> bool:
    asked = _choice(args, "explain", Flag) in (Flag.YES, Flag.ON)
    if asked and (wanted := format_of(args)) not in EXPLAINING:
        message = f"format={wanted} has no place for explain: use format=json or format=jsonl"
        raise QueryError(message, parameter="explain", limit=["0", "off"], value="1")
    return asked


def _not_one_of(name: str, value: str, choices: list[str]) -> QueryError:
    message = f"{name}: {value[:40]!r} is not one of {', '.join(choices)}"
    return QueryError(message, parameter=name, limit=choices, value=value[:40])


def _days(args: Args) -> tuple[date | None, date | None]:
    since, until = _span(args, "from"), _span(args, "to")
    first = since.first_day if since else None
    last = until.last_day if until else None
    if first and last and first > last:
        message = f"from must not be after to: {first} is after {last}"
        raise QueryError(message, parameter="from", limit=str(last), value=str(first))
    return first, last


def _span(args: Args, name: str) -> ArticleDate | None:
    value = _single(args, name)
    if value is None:
        return None
    found = _DAY.fullmatch(value)
    try:
        if found is None:
            raise ValueError(value)
        year, month, day = found.groups()
        start = datetime(int(year), int(month or 1), int(day or 1))
    except ValueError:
        message = f"{name} must be a date like 2021, 2021-02 or 2021-02-19"
        raise QueryError(message, parameter=name, limit="YYYY-MM-DD", value=value[:40]) from None
    precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
    return ArticleDate(start, precision)
