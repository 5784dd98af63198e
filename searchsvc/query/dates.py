"""Dates as they are typed into a query: from ``2021-02`` to the days it covers.

In: the value after ``дата:``, ``после:`` or ``до:``. Out: a range of days, both included.
"""

from __future__ import annotations

import calendar
import re
from datetime import date
from enum import Enum

from searchsvc.query.syntax import Dates

_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
_RUSSIAN = re.compile(r"(?:([0-9]{1,2})\.)?([0-9]{1,2})\.([0-9]{4})")
_TO = re.compile(r"\.{2,3}|…")
_TRAILING = re.compile(r"[\W_]+\Z")


class Side(Enum):
    """Which ends of a range a field of the query sets."""

    WITHIN = "дата"
    AFTER = "после"
    BEFORE = "до"


def read_dates(value: str, side: Side) -> tuple[Dates, bool] | None:
    """Read the value of a date field; the flag says that a reversed range was turned round.

    ``2021``, ``2021-02``, ``2021-02-19``, ``19.02.2021``, ``02.2021``; within also ``a..b``,
    ``a..``, ``..b``. None when it is no date or an impossible one. Punctuation after it is
    passed over.
    """
    return _read(value, side) or _read(_TRAILING.sub("", value), side)


def _read(value: str, side: Side) -> tuple[Dates, bool] | None:
    ends = _TO.split(value, maxsplit=1) if side is Side.WITHIN else [value]
    if len(ends) == 2:
        return _read_range(*ends)
    span = _span(value)
    if span is None:
        return None
    first, last = span
    if side is Side.AFTER:
        return Dates(first=first), False
    if side is Side.BEFORE:
        return Dates(last=last), False
    return Dates(first, last), False


def _read_range(start: str, end: str) -> tuple[Dates, bool] | None:
    first, last = _span(start), _span(end)
    if (start and first is None) or (end and last is None):
        return None
    if first and last:
        swapped = last < first
        days = (*first, *last)
        return Dates(min(days), max(days)), swapped
    if first:
        return Dates(first=first[0]), False
    return (Dates(last=last[1]), False) if last else None


def _span(text: str) -> tuple[date, date] | None:
    if match := _ISO.fullmatch(text):
        year, month, day = match.groups()
    elif match := _RUSSIAN.fullmatch(text):
        day, month, year = match.groups()
    else:
        return None
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if day:
        return first, first
    if month:
        return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])
    return first, first.replace(month=12, day=31)


def write_dates(dates: Dates) -> str:
    """Write a range as a clause that reads back the same: ``дата:2021-02``, ``до:2022-06-30``."""
    first, last = dates.first, dates.last
    if first is None or last is None:
        return f"{Side.BEFORE.value}:{last}" if last else f"{Side.AFTER.value}:{first}"
    whole = first.isoformat()
    for length in (4, 7, 10):
        if _span(whole[:length]) == (first, last):
            return f"{Side.WITHIN.value}:{whole[:length]}"
    return f"{Side.WITHIN.value}:{first}..{last}"
