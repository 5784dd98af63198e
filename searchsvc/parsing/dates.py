"""Parsing: how people and programs write dates goes in, dates in Moscow time come out.

A date is read in two steps: a rule finds the day (or month, or year), what is left may hold a
time, a zone and words that say nothing («Опубликовано:», «года», «Чт»).
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.model import MOSCOW, ArticleDate, Precision

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 160
"""Characters of the longest text that is looked at for a date."""
YEARS = range(1900, 2101)
_STRAY_LETTERS = 16
"""Letters that may stand beside the date of a date line: «Москва», an author's name."""

_MONTH_NAMES = (
    "январь января янв january jan",
    "февраль февраля фев февр february feb",
    "март марта мар march mar",
    "апрель апреля апр april apr",
    "май мая may",
    "июнь июня июн june jun",
    "июль июля июл july jul",
    "август августа авг august aug",
    "сентябрь сентября сент сен september sept sep",
    "октябрь октября окт october oct",
    "ноябрь ноября ноя нояб november nov",
    "декабрь декабря дек december dec",
)
_MONTHS = {name: n for n, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_DAYS_AGO = {"сегодня": 0, "today": 0, "вчера": 1, "yesterday": 1, "позавчера": 2}
# Hours east of Greenwich; RFC 822, section 5.1, and what Russian and European sites add.
_ZONES = {
    "z": 0, "gmt": 0, "ut": 0, "utc": 0, "msk": 3, "мск": 3, "msd": 4, "cet": 1, "cest": 2,
    "eet": 2, "eest": 3, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7,
}  # fmt: skip

_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR_WORD = r"(?:\s?(?:года|году|год|г)\b\.?)?"
_TIME = re.compile(
    r"(?<![\w.,:+])t?(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})"
    r"(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?![0-9])(?:\s?(?P<half>[ap])\.?m\b\.?)?"
)
_BASIC_TIME = re.compile(
    r"\bt(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?:[0-9]{2}(?:[.,][0-9]{1,9})?)?(?P<half>)"
)
_ZONE = re.compile(
    r"\s?(?:(?:gmt|utc|msk)?(?P<sign>[+−-])(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-9]{2}))?"
    r"(?::(?P<seconds>[0-9]{2}))?(?![0-9])|\(?(?P<name>" + "|".join(_ZONES) + r")\b\)?)"
)
# From 2001-09-09 to 2096: seconds have ten digits, milliseconds thirteen.
_UNIX = re.compile(r"(?P<seconds>[123][0-9]{9})(?:[0-9]{3})?(?:\.[0-9]{1,9})?")
# As databases and JSON write it, at a tenth of the cost of the rules.
_STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?")
_LABEL = re.compile(r"^[^\d:]{1,40}:\s")
_SAYS_NOTHING = re.compile(
    r"\b(?:опубликован[оаы]?|обновлен[оаы]?|обновлён|создан[оа]?|размещен[оа]|добавлен[оа]|дата|публикации"
    r"|gmt|utc|msk|мск|время|московское|по|московскому|времени|в|от|на|г|год|года|году|published|updated|posted|date|on|at|the"
    r"|(?:пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|сред[ау]|четверг|пятниц[ау]|суббот[ау]|воскресенье)"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?)\b|[\s,./|:;()\[\]—–·•@-]+"
)


class _Day(NamedTuple):
    day: date
    precision: Precision = Precision.DAY


def parse_date(text: str, *, reference: date | None = None) -> ArticleDate | None:
    """Read a text that is a date; None where it is none, is impossible or says too little.

    ``reference`` is the day that «сегодня», «вчера» and days without a year are told from.
    """
    stamp = _STAMP.fullmatch(text)
    if stamp is not None:
        return _stamped(text)
    seconds = _UNIX.fullmatch(text.strip()) if len(text) < LONGEST else None
    if seconds is not None:
        return ArticleDate.of(datetime.fromtimestamp(int(seconds["seconds"]), MOSCOW))
    found = _read(text, reference)
    return found[0] if found and not found[1] else None


def _stamped(text: str) -> ArticleDate | None:
    try:
        moment = datetime.fromisoformat(text[:16])
    except ValueError:
        return None
    return ArticleDate(moment, Precision.MINUTE) if moment.year in YEARS else None


def find_date(line: str, *, reference: date | None = None) -> ArticleDate | None:
    """Read the date of a line that is little more than a date, known to the day at least."""
    found = _read(line, reference)
    if not found or found[0].precision in (Precision.YEAR, Precision.MONTH):
        return None
    return found[0] if sum(map(str.isalpha, found[1])) <= _STRAY_LETTERS else None


def _read(text: str, reference: date | None) -> tuple[ArticleDate, str] | None:
    """Return the date and what of the text it leaves over."""
    if len(text) > LONGEST:
        return None
    text = " ".join(text.lower().replace("ё", "е").split())
    for pattern, read in _RULES:
        match = pattern.search(text)
        if match is not None:
            day = read(match, reference)
            rest = f"{text[: match.start()]} {text[match.end() :]}"
            return None if day is None else _with_time(day, rest)
    return None


def _with_time(day: _Day, rest: str) -> tuple[ArticleDate, str] | None:
    time = _TIME.search(rest) or _BASIC_TIME.search(rest)
    if time is None or day.precision is not Precision.DAY:
        zone = _ZONE.match(rest)
        rest = rest[zone.end() :] if zone else rest
        return ArticleDate(datetime(*day.day.timetuple()[:3]), day.precision), _without_fillers(
            rest
        )
    zone = _ZONE.match(rest, time.end())
    rest = f"{rest[: time.start()]} {rest[zone.end() if zone else time.end() :]}"
    moment = _moment(day.day, time, zone)
    return None if moment is None else (moment, _without_fillers(rest))


def _moment(day: date, time: re.Match[str], zone: re.Match[str] | None) -> ArticleDate | None:
    hour = int(time["hour"])
    if time["half"]:
        hour = hour % 12 + (12 if time["half"] == "p" else 0) if 1 <= hour <= 12 else 99
    try:
        moment = datetime(day.year, day.month, day.day, hour, int(time["minute"]))
        if zone is not None:
            moment = moment.replace(tzinfo=timezone(_offset(zone))).astimezone(MOSCOW)
    except ValueError:
        return None
    return ArticleDate.of(moment) if moment.year in YEARS else None


def _offset(zone: re.Match[str]) -> timedelta:
    """Return a zone's offset from Greenwich, under 100 hours; timezone() refuses a day or more."""
    if zone["name"]:
        return timedelta(hours=_ZONES[zone["name"]])
    east = timedelta(
        hours=int(zone["hours"]),
        minutes=int(zone["minutes"] or 0),
        seconds=int(zone["seconds"] or 0),
    )
    return east if zone["sign"] == "+" else -east


def _without_fillers(rest: str) -> str:
    return _SAYS_NOTHING.sub("", _LABEL.sub("", rest.strip() + " "))


def _day(year: int, month: int, day: int) -> _Day | None:
    try:
        return _Day(date(year, month, day)) if year in YEARS else None
    except ValueError:
        return None


def _full_year(year: str) -> int:
    if len(year) == 4:
        return int(year)
    return int(year) + (2000 if int(year) < 70 else 1900)  # POSIX: 69 is 2069, 70 is 1970


def _by_numbers(match: re.Match[str], _: date | None) -> _Day | None:
    return _day(_full_year(match["year"]), int(match["month"]), int(match["day"]))


def _by_name(match: re.Match[str], reference: date | None) -> _Day | None:
    """Read «19 февраля 2021»; without a year it is the latest such day up to the reference."""
    month, day = _MONTHS[match["name"]], int(match["day"])
    if match["year"]:
        return _day(_full_year(match["year"]), month, day)
    if reference is None:
        return None
    # Eight years at most lie between two 29ths of February.
    years = range(reference.year, reference.year - 9, -1)
    found = (_day(year, month, day) for year in years)
    return next((it for it in found if it is not None and it.day <= reference), None)


def _by_month(match: re.Match[str], _: date | None) -> _Day | None:
    month = _MONTHS[match["name"]] if match.re is _MONTH_BY_NAME else int(match["month"])
    first = _day(int(match["year"]), month, 1)
    return first and first._replace(precision=Precision.MONTH)


def _by_year(match: re.Match[str], _: date | None) -> _Day | None:
    first = _day(int(match["year"]), 1, 1)
    return first and first._replace(precision=Precision.YEAR)


def _by_word(match: re.Match[str], reference: date | None) -> _Day | None:
    if reference is None or reference.year not in YEARS:
        return None
    return _Day(reference - timedelta(days=_DAYS_AGO[match["word"]]))


_MONTH_BY_NAME = re.compile(rf"\b(?P<name>{_NAME})\b\.?,?\s(?P<year>[0-9]{{4}})\b{_YEAR_WORD}")

_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date | None], _Day | None]], ...] = (
    tuple(
        (re.compile(pattern), read)
        for pattern, read in (
            # 2026-02-03, 2019-11-01T05:48, 2021.02.19, 2021/02/19
            (
                r"(?<![\w.-])(?P<year>[0-9]{4})(?P<dash>[-./])(?P<month>[0-9]{1,2})(?P=dash)"
                r"(?P<day>[0-9]{1,2})(?![0-9-])",
                _by_numbers,
            ),
            # 19.02.2021, 19/02/2021, 19-02-2021, 19.02.21
            (
                r"(?<![\w.-])(?P<day>[0-9]{1,2})(?P<dash>[-./])(?P<month>[0-9]{1,2})(?P=dash)"
                rf"(?P<year>[0-9]{{4}}|[0-9]{{2}})(?![0-9-]){_YEAR_WORD}",
                _by_numbers,
            ),
            # 19 февраля 2021 года, 20 окт., Mon, 03 Feb 2026, 03-Feb-2026
            (
                rf"(?<![\w.-])(?P<day>[0-9]{{1,2}})(?:-?(?:го|е|st|nd|rd|th)\b)?[\s-]?(?:of\s)?(?P<name>{_NAME})\b"
                rf"\.?,?(?:[\s-]?(?P<year>[0-9]{{4}}|[0-9]{{2}}(?=\s[0-9]{{2}}:))(?![0-9:]){_YEAR_WORD})?",
                _by_name,
            ),
            # November 1, 2019
            (
                rf"\b(?P<name>{_NAME})\b\.?\s(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year>[0-9]{{4}})\b",
                _by_name,
            ),
            (_MONTH_BY_NAME, _by_month),
            # 20210219, 20210219T105000Z
            (
                r"(?<![\w.-])(?P<year>(?:19|20)[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?=t|\W|\Z)",
                _by_numbers,
            ),
            (rf"\b(?P<word>{'|'.join(_DAYS_AGO)})\b", _by_word),
            (r"\A(?P<year>[0-9]{4})-(?P<month>[0-9]{2})\Z", _by_month),
            (rf"\A(?P<year>[0-9]{{4}}){_YEAR_WORD}\Z", _by_year),
        )
    )
)
