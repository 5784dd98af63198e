"""Parsing pages: HTML comes in, the article that the page is about goes out.

What the page says to machines counts first (JSON-LD, microdata, OpenGraph), then what it shows.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from searchsvc.model import Article, ArticleDate, Failure, Parsed, Precision
from searchsvc.parsing.body import body_text
from searchsvc.parsing.claims import Claims, merge
from searchsvc.parsing.dates import find_date, parse_date
from searchsvc.parsing.identity import article_id
from searchsvc.parsing.jsonld import read_jsonld
from searchsvc.parsing.language import language_of
from searchsvc.parsing.markup import read_tree
from searchsvc.parsing.metadata import host_of, read_metadata, read_window_title
from searchsvc.parsing.microdata import read_microdata
from searchsvc.parsing.titles import title_from_text
from searchsvc.parsing.visible import FAR, NEAR, date_texts, dateline, find_heading, read_visible

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from bs4 import BeautifulSoup, Tag

    from searchsvc.model import Place

NO_TEXT = "no article text"


def parse_page(html: str, place: Place, *, collected: date | None = None) -> Parsed:
    """Read the article of a page; a page without text gives a failure instead.

    ``collected`` is the day that «сегодня» on the page means. Stories below the first one are
    not part of it. Any text is a page: nothing is raised.
    """
    soup = read_tree(html)
    told = merge([read_jsonld(soup), read_microdata(soup), read_metadata(soup)])
    claims = _with_visible(soup, told)
    heading = find_heading(soup, told)
    when = _when(claims, heading if heading is not None else soup.body or soup, collected)
    text = body_text(soup, claims.title, told.text, heading)
    if not text and when is not None and claims.title:
        text = claims.lead
    if not text:
        return Parsed(failures=(Failure(place, NO_TEXT),))
    when = when or _date((dateline(text, collected),), collected)
    return Parsed(articles=(_article(claims, text, when, place),))


def _with_visible(soup: BeautifulSoup, told: Claims) -> Claims:
    """Add what the page shows; the heading is the fuller form of the title it agrees with."""
    shown = read_visible(soup, told)
    if told.title and shown.title:
        return merge([Claims(title=shown.title), told, shown])
    return merge([told, shown, read_window_title(soup, told.source)])


def _when(claims: Claims, start: Tag, collected: date | None) -> ArticleDate | None:
    near = date_texts(start, NEAR, collected)
    told = _date(chain(claims.dates, near), collected)
    return told or _date(date_texts(start, FAR, collected), collected)


def _date(texts: Iterable[str], collected: date | None) -> ArticleDate | None:
    """Return the first date; to the minute if another text knows the minute of that day."""
    first: ArticleDate | None = None
    for text in texts:
        found = parse_date(text, reference=collected) or find_date(text, reference=collected)
        if found is None:
            continue
        if found.precision is Precision.MINUTE and first in (None, _day_of(found)):
            return found
        first = first or found
    return first


def _day_of(moment: ArticleDate) -> ArticleDate:
    return ArticleDate(moment.start.replace(hour=0, minute=0), Precision.DAY)


def _own_lead(lead: str, text: str) -> str:
    """Return the lead, empty where it is the text's beginning cut short: «Лёд сошёл на две…»."""
    beginning = lead.rstrip(" .…")
    return "" if beginning != lead.rstrip(" .") and beginning in text else lead


def _article(claims: Claims, text: str, when: ArticleDate | None, place: Place) -> Article:
    source = claims.source or host_of(claims.url)
    return Article(
        id=article_id("", claims.url, place),
        title=claims.title or title_from_text(text),
        title_made=not claims.title,
        text=text,
        lead=_own_lead(claims.lead, text),
        url=claims.url,
        date=when,
        source=source,
        topics=claims.topics,
        authors=tuple(it for it in claims.authors if it.casefold() != source.casefold()),
        tags=claims.tags,
        language=language_of(text),
        origin=place.path,
    )
