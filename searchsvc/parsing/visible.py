"""Parsing pages: what a reader sees around the article comes in, what it says of it goes out.

For pages, or parts of them, that say nothing to machines.
"""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from bs4 import Tag
from bs4.element import NavigableString, PreformattedString

from searchsvc.parsing.claims import Claims, is_person, names, people
from searchsvc.parsing.cleaning import clean_line
from searchsvc.parsing.dates import find_date, parse_date
from searchsvc.parsing.markup import (
    attribute,
    elements,
    line_of,
    naming_words,
    short_line_of,
)
from searchsvc.parsing.metadata import read_window_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from bs4 import BeautifulSoup

LONGEST_LINE = 160
_SURE_TITLE = 12
"""Characters from which a heading that begins like the known title is that title."""
_HEADING_NAMES = frozenset(["headline", "title", "zagolovok", "heading"])
_DATE_NAMES = frozenset(
    ["date", "datetime", "time", "published", "pubdate", "data", "posted", "timestamp"]
)
_AUTHOR_NAMES = frozenset(["author", "authors", "byline", "avtor", "autor"])
_TOPIC_NAMES = frozenset(["rubric", "rubrika", "rubrics", "category", "categories"])
_CRUMB_NAMES = frozenset(["breadcrumb", "breadcrumbs", "crumbs", "crumb", "pathway"])
_LEAD_NAMES = frozenset(
    ["lead", "lede", "lid", "subtitle", "subheader", "standfirst", "announce", "dek"]
)
_TAG_NAMES = frozenset(["tags", "taglist", "tegi"])
_OTHERS = frozenset(
    ["comment", "comments", "forum", "cloud", "sidebar", "related", "footer", "next"]
)
_NO_TOPICS = frozenset(
    ("главная", "новости", "все новости", "лента новостей", "статьи", "архив", "home", "news")
)
_NOT_FIRST = re.compile(r"\s*(?:обновлен|обновлён|изменен|изменён|updated|modified)", re.I)
_NOT_FIRST_LABEL = re.compile(r"(?:обновл|измен|updated|modified)\w*[\s:]*\Z", re.I)
_BYLINE = re.compile(r"\b(?:автор[ыа]?|текст|подготовил[аи]?|беседовал[аи]?)\s*:", re.I)
_START = re.compile(r"(?:https?://[^/?#]+)?/?\Z")


class Near(NamedTuple):
    """How many nodes after and before the heading are looked at."""

    after: int
    before: int


NEAR = Near(after=60, before=25)
FAR = Near(after=3000, before=150)


def read_visible(soup: BeautifulSoup, known: Claims) -> Claims:
    """Read heading, byline, rubric, tags and standfirst; what is known helps to find them."""
    heading = find_heading(soup, known)
    title = line_of(heading) if heading is not None else ""
    near = [tag for tag in _around(heading or soup, NEAR) if isinstance(tag, Tag)]
    return Claims(
        title=title,
        lead=next(iter(_lines(near, _LEAD_NAMES, 600)), ""),
        authors=_authors(soup, near),
        topics=_topics(soup, near, title or known.title),
        tags=_tags(soup),
    )


def find_heading(soup: BeautifulSoup, known: Claims) -> Tag | None:
    """Return the article's heading: the h1 that agrees with a known title, else the first one.

    An h1 that holds the site's name or leads to its start page is a logo.
    """
    window = read_window_title(soup, known.source).title
    found = [tag for tag in elements(soup, "h1") if line_of(tag) and not _is_logo(tag, known)]
    lesser = list(elements(soup, "h2", "h3"))
    for title in filter(None, (known.title, window)):
        agreeing = (tag for tag in found if same_title(line_of(tag), title))
        named = (tag for tag in lesser if line_of(tag) == title)
        heading = next(chain(agreeing, named), None)
        if heading is not None:
            return heading
    if known.title:
        return None
    titled = (tag for tag in lesser if naming_words(tag) & _HEADING_NAMES)
    return next(chain(found, titled), None)


def _is_logo(tag: Tag, known: Claims) -> bool:
    links = (attribute(link, "href") for link in islice(elements(tag, "a"), 2))
    return line_of(tag).casefold() == known.source.casefold() or any(
        href and _START.match(href) for href in links
    )


def same_title(one: str, other: str) -> bool:
    """Say whether one of two titles is the beginning of the other."""
    short, long = sorted((it.casefold().rstrip(" .…") for it in (one, other)), key=len)
    return short == long or (len(short) >= _SURE_TITLE and long.startswith(short))


def date_texts(start: Tag, reach: Near, reference: date | None) -> Iterator[str]:
    """Yield the texts of the dates that stand around a heading, the likeliest first."""
    nodes = list(_around(start, reach))
    yield from _time_elements(nodes)
    yield from _lines(nodes, _DATE_NAMES, LONGEST_LINE)
    yield from (line for line in _strings(nodes) if find_date(line, reference=reference))


def _around(start: Tag, reach: Near) -> Iterator[Tag | NavigableString]:
    """Yield nodes by distance in reading order: those inside and after, then those before."""
    nodes = chain(
        islice(start.next_elements, reach.after), islice(start.previous_elements, reach.before)
    )
    yield from (node for node in nodes if isinstance(node, Tag | NavigableString))


def _time_elements(nodes: Iterable[Tag | NavigableString]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Tag) and node.name == "time":
            before = node.previous_sibling
            label = line_of(before)[-40:] if before is not None else ""
            text = line_of(node)
            if not _NOT_FIRST.match(text) and not _NOT_FIRST_LABEL.search(label):
                yield from filter(None, (attribute(node, "datetime"), text))


def _lines(
    nodes: Iterable[Tag | NavigableString], wanted: frozenset[str], longest: int
) -> Iterator[str]:
    """Yield the texts of elements whose class or id has one of the wanted words."""
    for node in nodes:
        if isinstance(node, Tag) and (words := naming_words(node)) & wanted:
            text = "" if words & _OTHERS else short_line_of(node, longest)
            if len(text) > 2 and not _NOT_FIRST.match(text):
                yield text


def _strings(nodes: Iterable[Tag | NavigableString]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            text = clean_line(node[: LONGEST_LINE + 1])
            if 5 < len(text) <= LONGEST_LINE and not _NOT_FIRST.match(text):
                yield text


def _authors(soup: BeautifulSoup, near: list[Tag]) -> tuple[str, ...]:
    """Return rel=author, else an author element near the heading, else «Автор: …» anywhere."""
    links = [it for it in elements(soup, "a", "span") if "author" in _rel(it)]
    beside = [it for it in links if it.parent is links[0].parent]
    marked = people(map(line_of, beside))
    if marked:
        return marked
    spoken = (_after_label(it.parent) for it in soup.strings if it.parent and _BYLINE.search(it))
    named = chain(_lines(near, _AUTHOR_NAMES, LONGEST_LINE), spoken)
    named = chain(named, _lines(elements(soup), _AUTHOR_NAMES, LONGEST_LINE))
    found = (tuple(filter(is_person, people([text]))) for text in chain(named, _signed(near)))
    return next(filter(None, found), ())


def _after_label(tag: Tag) -> str:
    """Return what follows «автор:» in an element's text."""
    line = line_of(tag)[-4 * LONGEST_LINE :]
    label = _BYLINE.search(line)
    return line[label.end() : label.end() + LONGEST_LINE].strip() if label else ""


def _signed(near: list[Tag]) -> Iterator[str]:
    """Yield the parts of date lines: «16 октября 2018 г. 15:30 · Онисим Калачёв»."""
    for tag in near:
        line = short_line_of(tag, LONGEST_LINE) if tag.name in ("p", "div", "span") else ""
        if find_date(line) is not None:
            yield from re.split(r"\s*[·|•]\s*", line)


def _rel(tag: Tag) -> list[str]:
    return attribute(tag, "rel").lower().split()


def _topics(soup: BeautifulSoup, near: list[Tag], title: str) -> tuple[str, ...]:
    """Return the breadcrumbs between the start page and the article, else the rubric."""
    for tag in elements(soup, "nav", "div", "ul", "ol", "p"):
        if naming_words(tag) & _CRUMB_NAMES:
            labels = [line_of(link) for link in islice(elements(tag, "a"), 10)]
            labels = [it for it in labels if not same_title(it, title)]
            return _real_topics(labels[1:])
    return _real_topics(list(islice(_lines(near, _TOPIC_NAMES, 60), 1)))


def _real_topics(labels: list[str]) -> tuple[str, ...]:
    return names(label for label in labels if label.casefold() not in _NO_TOPICS)


def _tags(soup: BeautifulSoup) -> tuple[str, ...]:
    tags = [line_of(link) for link in elements(soup, "a") if "tag" in _rel(link)]
    if not tags:
        lists = (
            tag
            for tag in elements(soup, "div", "ul", "p", "section")
            if (words := naming_words(tag)) & _TAG_NAMES and not words & _OTHERS
        )
        tags = [line_of(link) for box in islice(lists, 1) for link in elements(box, "a")]
    return names(it.lstrip("# ") for it in tags) if len(tags) <= 15 else ()


def dateline(text: str, reference: date | None) -> str:
    """Return the date of a body that begins so: «ПРИРЕЧЕНСК, 5 марта 2024 — …»."""
    head = re.match(r"[^—–\n]{5,60}?(?=\.?\s[—–-]\s)", text)
    if head is None:
        return ""
    pieces = (piece.strip() for piece in re.split(r",|\.\s|/", head[0]))
    return next((it for it in pieces if parse_date(it, reference=reference)), "")
