"""The links of the results page: an answer and what was asked come in, addresses go out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from searchsvc.engines.protocol import Facet, Histogram
from searchsvc.model import ArticleDate, Precision
from searchsvc.schema import Field
from searchsvc.web.parameters import SHOWN
from searchsvc.web.wording import date_line, grouped, month_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from werkzeug.datastructures import MultiDict

    from searchsvc.engines.protocol import Bucket
    from searchsvc.searching.answer import Answer, Question

PLACE = ("page", "cursor")
"""What says where in the results one is; a change of anything else goes back to the start."""

OPEN_LINKS = 7
MOST_LINKS = 50
NEIGHBOURS = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments of the page that are set, as they came."""

    values: dict[str, str]

    @classmethod
    def of(cls, args: MultiDict[str, str]) -> Asked:
        """Take the known arguments of a request."""
        return cls({name: args[name] for name in SHOWN if args.get(name)})

    def get(self, name: str) -> str:
        """Give an argument or an empty text."""
        return self.values.get(name, "")

    def without(self, name: str) -> Asked:
        """Leave one argument out."""
        return Asked({key: value for key, value in self.values.items() if key != name})

    def but(self, **changes: str | None) -> str:
        """Give the address with some arguments changed and at its first page; None removes one."""
        kept = {name: value for name, value in self.values.items() if name not in PLACE}
        kept.update((name, value) for name, value in changes.items() if value is not None)
        kept = {name: value for name, value in kept.items() if changes.get(name, "") is not None}
        return f"?{urlencode(kept)}" if kept else "./"


class Link(NamedTuple):
    """A link with its text; a page's own number and a gap («…») have no address."""

    label: str
    address: str | None = None
    articles: str = ""


class Group(NamedTuple):
    """A facet as a list of links, the first ones shown at once."""

    heading: str
    links: tuple[Link, ...]
    more: tuple[Link, ...]
    undated: str = ""


class Chip(NamedTuple):
    """A filter that is on, and the address without it."""

    heading: str
    label: str
    address: str


HEADINGS: dict[Facet, str] = {
    Field.SOURCE: "Источник",
    Field.TOPIC: "Рубрика",
    Histogram.MONTH: "Месяц",
}


def chips(asked: Asked, question: Question) -> Iterator[Chip]:
    """List the filters that are on."""
    for name, heading in (("source", "Источник"), ("topic", "Рубрика"), ("author", "Автор")):
        if asked.get(name):
            yield Chip(heading, asked.get(name), asked.but(**{name: None}))
    if question.first or question.last:
        yield Chip("Период", period(question), asked.but(**{"from": None, "to": None}))


def period(question: Question) -> str:
    """Name the days asked for: ``с 1 февраля 2021 по 15 марта 2021``, ``февраль 2021``."""
    first, last = question.first, question.last
    if first and last:
        for precision in (Precision.YEAR, Precision.MONTH, Precision.DAY):
            span = ArticleDate(datetime.combine(first, time()), precision)
            if (span.first_day, span.last_day) == (first, last) and _begins(first, precision):
                return date_line(span)
    days = (("с", first), ("по", last))
    return " ".join(f"{word} {_day_line(day)}" for word, day in days if day)


def groups(asked: Asked, answer: Answer) -> Iterator[Group]:
    """List the facets that can still narrow the answer down."""
    for facet, heading in HEADINGS.items():
        buckets = answer.facets.get(facet, ())
        dated = facet is Histogram.MONTH
        is_on = bool(asked.get("from") or asked.get("to")) if dated else bool(asked.get(facet))
        if buckets and not is_on:
            ordered = sorted(buckets, key=lambda b: b.value, reverse=True) if dated else buckets
            links = tuple(_narrowing(asked, facet, bucket) for bucket in ordered[:MOST_LINKS])
            undated = grouped(answer.undated) if dated and answer.undated else ""
            yield Group(heading, links[:OPEN_LINKS], links[OPEN_LINKS:], undated)


def pages(asked: Asked, question: Question, answer: Answer, window: int) -> tuple[Link, ...]:
    """List the pages around the current one; none when one page holds all."""
    if question.cursor is not None:
        return ()
    last = min(-(-answer.total // question.size), max(1, window // question.size))
    if last < 2:
        return ()
    near = range(question.page - NEIGHBOURS, question.page + NEIGHBOURS + 1)
    numbers = sorted({1, last, *(number for number in near if 1 <= number <= last)})
    links: list[Link] = []
    for before, number in zip([0, *numbers], numbers, strict=False):
        if number - before > 1:
            links.append(Link("…"))
        is_here = number == question.page
        links.append(Link(str(number), None if is_here else page_address(asked, number)))
    return tuple(links)


def page_address(asked: Asked, number: int) -> str:
    """Give the address of a page of the results."""
    return asked.but(page=str(number) if number > 1 else None)


def onward(asked: Asked, question: Question, answer: Answer, window: int) -> str | None:
    """Give the address of the next hits: the next page, past the window by cursor, or None."""
    is_end = question.cursor is None and question.page * question.size >= answer.total
    if answer.next is None or is_end:
        return None
    if question.cursor is None and (question.page + 1) * question.size <= window:
        return page_address(asked, question.page + 1)
    return asked.but(cursor=answer.next)


def _narrowing(asked: Asked, facet: Facet, bucket: Bucket) -> Link:
    count = grouped(bucket.count)
    if facet is Histogram.MONTH:
        month = {"from": bucket.value, "to": bucket.value}
        return Link(month_line(bucket.value), asked.but(**month), count)
    return Link(bucket.value, asked.but(**{facet.value: bucket.value}), count)


def _begins(day: date, precision: Precision) -> bool:
    if precision is Precision.YEAR:
        return (day.month, day.day) == (1, 1)
    return precision is Precision.DAY or day.day == 1


def _day_line(day: date) -> str:
    return date_line(ArticleDate(datetime.combine(day, time()), Precision.DAY))
