"""The values that travel through both ways of the house: articles, their dates and places."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

MOSCOW = ZoneInfo("Europe/Moscow")


class Precision(StrEnum):
    """How exactly an article's date is known."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    MINUTE = "minute"


@dataclass(frozen=True, slots=True)
class ArticleDate:
    """A date in Moscow time with its precision; ``start`` is naive and is the span's first minute.

    >>> ArticleDate(datetime(2021, 2, 1), Precision.MONTH).last_day
    datetime.date(2021, 2, 28)
    """

    start: datetime
    precision: Precision

    @classmethod
    def of(cls, moment: datetime) -> ArticleDate:
        """Make a date to the minute of a moment; without a zone it is Moscow time already."""
        if moment.tzinfo is not None:
            moment = moment.astimezone(MOSCOW).replace(tzinfo=None)
        return cls(moment.replace(second=0, microsecond=0), Precision.MINUTE)

    @property
    def first_day(self) -> date:
        """The first Moscow day of the span."""
        return self.start.date()

    @property
    def last_day(self) -> date:
        """The last Moscow day of the span."""
        first = self.start.date()
        if self.precision is Precision.YEAR:
            return date(first.year, 12, 31)
        if self.precision is Precision.MONTH:
            return first.replace(day=calendar.monthrange(first.year, first.month)[1])
        return first

    def isoformat(self) -> str:
        """Write as much as is known: ``2021``, ``2021-02``, ``2021-02-19T10:50+03:00``."""
        if self.precision is Precision.MINUTE:
            return self.start.isoformat(timespec="minutes") + _written(MOSCOW.utcoffset(self.start))
        length = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10}[self.precision]
        return self.start.date().isoformat()[:length]


@cache
def _written(offset: timedelta) -> str:
    """Write an offset as ISO 8601 does: ``+03:00``. Moscow has had a dozen."""
    return datetime(1970, 1, 1, tzinfo=timezone(offset)).isoformat()[19:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as it is indexed, stored and shown.

    ``title_made`` says that the title was cut from the beginning of ``text``: its words stand
    in the text already and are indexed once. ``part_of`` is the id of the page that a story of
    its tail came from. ``origin`` is the input file (not the member of an archive) it was read
    from, so that an update can tell whose articles are gone.
    """

    id: str
    title: str
    text: str
    lead: str = ""
    url: str = ""
    date: ArticleDate | None = None
    source: str = ""
    topics: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = "ru"
    part_of: str = ""
    title_made: bool = False
    origin: str = ""


NARROW = "cp1251"
"""The encoding in which nearly all Russian news has a byte for each letter."""


class NarrowArticle(NamedTuple):
    """An article as most are, its title and text as bytes of ``NARROW``; the rest as ``Article``.

    It has both, no lead, and was read as it is: texts are not made of what only machines read.
    """

    id: str
    title: bytes
    text: bytes
    url: str
    date: ArticleDate | None
    source: str
    topics: tuple[str, ...]
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    language: str
    origin: str

    def widened(self) -> Article:
        """Give the same article with texts."""
        fields = self._asdict()
        texts = {name: fields.pop(name).decode(NARROW) for name in ("title", "text")}
        return Article(**texts, **fields)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an input stands: a file, members of archives inside it, a record (from 1) of it."""

    path: str
    members: tuple[str, ...] = ()
    record: int | None = None

    def __str__(self) -> str:
        name = "!".join((self.path, *self.members))
        return name if self.record is None else f"{name}:{self.record}"


class Format(StrEnum):
    """What kind of thing an input is, after containers, compression and encodings are taken off."""

    PAGE = "page"
    DUMP = "dump"
    RECORD = "record"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to parse: ``content`` is text, or for a record its fields by name."""

    place: Place
    format: Format
    content: str | Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Failure:
    """One input that could not be used, and why."""

    place: Place
    reason: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one input gave: its articles, how many promo lines went to none, and what failed."""

    articles: tuple[Article, ...] = ()
    promos: int = 0
    failures: tuple[Failure, ...] = ()
