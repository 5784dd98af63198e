"""Parsing pages: meta and link elements come in, what they say of the page's article goes out.

OpenGraph (ogp.me), article:…, Dublin Core, and the older names of news templates.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from searchsvc.parsing.claims import Claims, listed, names, people
from searchsvc.parsing.markup import attribute, elements, line_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bs4 import BeautifulSoup

_TITLES = ("og:title", "twitter:title", "dc.title", "title")
_LEADS = ("og:description", "twitter:description", "description", "dc.description")
_DATES = (
    "article:published_time", "og:article:published_time", "article:published", "og:published_time",
    "datepublished", "date_published", "published_time", "publishdate", "publish-date",
    "publish_date", "published_at", "pubdate", "parsely-pub-date", "sailthru.date",
    "dc.date.issued", "dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "date",
)  # fmt: skip
_AUTHORS = ("author", "article:author", "og:article:author", "parsely-author", "dc.creator")
_TOPICS = ("article:section", "og:article:section", "parsely-section")
_TAGS = ("article:tag", "og:article:tag", "video:tag")
_KEYWORDS = ("news_keywords", "keywords")
_SOURCES = ("og:site_name", "application-name", "dc.publisher")
_AFTER_TITLE = re.compile(r"\s+(?:[-–—|/•·]|::|»)\s+")


def read_metadata(soup: BeautifulSoup) -> Claims:
    """Read what the page says of itself for machines."""
    metas = _metas(soup)
    source = _first(metas, _SOURCES)
    return Claims(
        title=without_site(_first(metas, _TITLES), source),
        lead=_first(metas, _LEADS),
        url=_address(soup, _first(metas, ("og:url", "twitter:url"))),
        source=source,
        dates=tuple(value for name in _DATES for value in metas.get(name, ())[:1]),
        authors=people(next((metas[it] for it in _AUTHORS if names(metas.get(it, ()))), ())),
        topics=names(next((metas[name] for name in _TOPICS if name in metas), ())),
        tags=_tags(metas),
    )


def read_window_title(soup: BeautifulSoup, source: str) -> Claims:
    """Read the title element, which mostly carries the site's name too."""
    title = next(elements(soup, "title"), None)
    return Claims(title=without_site(line_of(title), source) if title is not None else "")


def without_site(title: str, source: str) -> str:
    """Take the site's name off: «Лёд сошёл на Сизой — Вестник Приречья»."""
    pieces = _AFTER_TITLE.split(title)
    if len(pieces) > 1 and source:
        if pieces[-1].casefold() == source.casefold():
            return title[: title.rindex(pieces[-1])].rstrip(" -–—|/•·:»")
        if pieces[0].casefold() == source.casefold():
            return title[len(pieces[0]) :].lstrip(" -–—|/•·:»")
    return title


def host_of(url: str) -> str:
    """Return an address's host without www., empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _metas(soup: BeautifulSoup) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for meta in elements(soup, "meta"):
        content = attribute(meta, "content")
        if content and not meta.has_attr("itemprop"):
            for name in {attribute(meta, "property").lower(), attribute(meta, "name").lower()}:
                found.setdefault(name, []).append(content)
    return found


def _first(metas: Mapping[str, list[str]], wanted: tuple[str, ...]) -> str:
    return next((metas[name][0] for name in wanted if name in metas), "")


def _tags(metas: Mapping[str, list[str]]) -> tuple[str, ...]:
    given = names(tag for name in _TAGS for value in metas.get(name, ()) for tag in listed(value))
    return given or next((tags for name in _KEYWORDS if (tags := _plain_tags(metas, name))), ())


def _plain_tags(metas: Mapping[str, list[str]], name: str) -> tuple[str, ...]:
    """Return keywords that are tags: two to fifteen; more describe the whole site."""
    tags = listed(_first(metas, (name,)))
    return tags if 2 <= len(tags) <= 15 else ()


def _address(soup: BeautifulSoup, given: str) -> str:
    links = (it for it in elements(soup, "link") if attribute(it, "rel").lower() == "canonical")
    address = next((attribute(it, "href") for it in links), "")
    try:
        address = urljoin(given, address) if address else given
    except ValueError:
        address = given
    return address if address.startswith(("http://", "https://")) else ""
