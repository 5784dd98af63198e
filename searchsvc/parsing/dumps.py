"""Parsing: a page saved as text goes in; its article and the stories of its tail come out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.model import Article, Failure, Parsed
from searchsvc.parsing.cleaning import clean_text, words
from searchsvc.parsing.dates import find_date, parse_date
from searchsvc.parsing.dumps_lines import Kind, Line, read_lines, tells
from searchsvc.parsing.dumps_stories import Story, find_stories
from searchsvc.parsing.identity import article_id, story_id
from searchsvc.parsing.titles import title_from_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searchsvc.model import ArticleDate, Place

HEAD_LINES = 15
"""Lines looked at for site name, date and title."""
_TITLE_WORDS = 4
"""Words of a line that is rather a title than a site's name; of given titles 97 % have more."""

# « date 2026-02-03 Мэр Москвы…»: the date stands at the beginning of the text itself.
_INLINE_DATE = re.compile(
    r"\s*(?:(?:date|дата|опубликовано|published)\s?:?\s+)?"
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:]{5,8})?"
    r"|[0-9]{1,2}\.[0-9]{2}\.[0-9]{4}(?:\s[0-9]{1,2}:[0-9]{2})?)"
    r"(?=\s+[^\W\d_]|\s+[«\"„])",
    re.I,
)
# «Информационный телеканал» / «Алтайского края»: a name that goes on in the genitive.
_GENITIVE = re.compile(r"[А-ЯЁа-яё]{3,30}(?:ого|его|ой|ей|ых|их) [А-Яа-яё -]{3,40}")
_SECTIONS = words(
    "главная новости общество политика экономика спорт культура происшествия наука мир россия "
    "регионы лента статьи статья новость меню home news"
)
_BREADCRUMBS = re.compile(r"\s(?:/|>|»|›|→|\|)\s")
_PERSON = re.compile(r"[А-ЯЁ][а-яё]{1,20} [А-ЯЁ][а-яё]{2,30}(?:-[А-ЯЁ][а-яё]{2,30})?")


class Head(NamedTuple):
    """What stands above a dump's first paragraph."""

    source: str
    title: str
    date: ArticleDate | None
    authors: tuple[str, ...]
    leads: tuple[str, ...]
    """Lines below the title that tell something: they are text."""
    promos: int


def parse_dump(text: str, place: Place) -> Parsed:
    """Make an article of a page's own text, and one of each further story below it."""
    text = clean_text(text)
    inline, text = _inline_date(text)
    lines = read_lines(text)
    if not any(map(str.isalnum, text)):
        return Parsed(failures=(Failure(place, "no text in the dump"),))
    start = next((n for n, line in enumerate(lines) if line.kind is Kind.PARAGRAPH), len(lines))
    start = min(start, HEAD_LINES)
    head = _read_head(lines[:start])
    found = find_stories(lines[start:])
    page = _page(head, found.stories[0] if found.stories else None, inline, place)
    if page is None:
        page = _unread(lines, inline, place)
    further = (_further(story, number, page) for number, story in enumerate(found.stories[1:], 1))
    return Parsed((page, *further), found.promos + head.promos)


def _inline_date(text: str) -> tuple[ArticleDate | None, str]:
    """Return the date that the first line begins with, if text follows on it, and the rest."""
    match = _INLINE_DATE.match(text)
    date = parse_date(match["date"]) if match else None
    first_line = text.partition("\n")[0]
    if match is None or date is None or find_date(first_line) is not None:
        return None, text
    return date, text[match.end() :].lstrip()


def _page(
    head: Head, story: Story | None, inline: ArticleDate | None, place: Place
) -> Article | None:
    text = "\n\n".join((*head.leads, *(story.paragraphs if story else ())))
    if not text and not head.title:
        return None
    return Article(
        id=article_id("", "", place),
        title=head.title or title_from_text(text),
        text=text,
        date=head.date or inline,
        source=head.source,
        authors=head.authors,
        title_made=not head.title,
    )


def _unread(lines: Sequence[Line], date: ArticleDate | None, place: Place) -> Article:
    """Make an article of a dump in which nothing was recognised."""
    text = "\n\n".join(line.text for line in lines)
    title = title_from_text(text)
    return Article(id=article_id("", "", place), title=title, text=text, date=date, title_made=True)


def _further(story: Story, number: int, page: Article) -> Article:
    text = "\n\n".join(story.paragraphs)
    return Article(
        id=story_id(page.id, number),
        title=story.title or title_from_text(text),
        text=text,
        date=story.date,
        source=page.source,
        part_of=page.id,
        title_made=not story.title,
    )


def _read_head(lines: Sequence[Line]) -> Head:
    dated = [n for n, line in enumerate(lines) if line.kind is Kind.DATE]
    named = [n for n, line in enumerate(lines) if line.kind not in (Kind.DATE, Kind.PROMO)]
    titled = _title_among(lines, named, dated[-1] if dated else None)
    above = [n for n in named if titled is None or n < titled]
    below = [lines[n].text for n in named if titled is not None and n > titled]
    dates = [date for n in dated if (date := find_date(lines[n].text)) is not None]
    return Head(
        source=_source([lines[n].text for n in above]),
        title=lines[titled].text if titled is not None else "",
        date=dates[-1] if dates else None,
        authors=tuple(text for text in below if _PERSON.fullmatch(text)),
        leads=tuple(text for text in below if text.count(" ") >= 2 and tells(text)),
        promos=sum(line.kind is Kind.PROMO for line in lines),
    )


def _title_among(lines: Sequence[Line], named: Sequence[int], dated: int | None) -> int | None:
    """Return which line is the title: the first after the date, or the last before it.

    Without a date it is the first that tells what happened, so that a lead below it stays one.
    """
    phrases = [n for n in named if not _BREADCRUMBS.search(lines[n].text)]
    likely = [n for n in phrases if len(lines[n].text.split()) >= _TITLE_WORDS]
    likely = likely or _short_titles(lines, phrases, dated)
    if dated is None:
        telling = [n for n in phrases if lines[n].kind is Kind.TITLE and tells(lines[n].text)]
        return next(iter(telling or likely[-1:]), None)
    after = [n for n in likely if n > dated]
    before = [n for n in likely if n < dated]
    return after[0] if after else (before[-1] if before else None)


def _short_titles(lines: Sequence[Line], phrases: Sequence[int], dated: int | None) -> list[int]:
    """Return what may be a title of three words: «Губернатор открыл школу», but no site's name."""
    short = [n for n in phrases if lines[n].kind is Kind.TITLE]
    if dated is None:
        return [n for n in short if n == phrases[-1]]
    return [n for n in short if n > dated or tells(lines[n].text)]


def _source(above: Sequence[str]) -> str:
    """Return the site's name out of the lines above title and date."""
    names = [
        text for text in above if not _BREADCRUMBS.search(text) and text.lower() not in _SECTIONS
    ]
    if len(names) > 1 and _GENITIVE.fullmatch(names[1]):
        return f"{names[0]} {names[1]}"
    return names[0] if names else ""
