"""Parsing pages: itemprop attributes come in, what they say of the page's article goes out.

https://html.spec.whatwg.org/multipage/microdata.html, with schema.org's vocabulary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchsvc.parsing.claims import Claims, listed, names, people
from searchsvc.parsing.jsonld import ARTICLE_TYPES
from searchsvc.parsing.markup import attribute, elements, line_of

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_HEIGHT = 40
"""How far up an item's scope is looked for."""


def read_microdata(soup: BeautifulSoup) -> Claims:
    """Read the item of the page's article; of several articles, the first that has a headline."""
    properties = _of_first_article(soup)
    first = {name: found[0] for name, found in properties.items()}
    return Claims(
        title=_value(first.get("headline")) or _value(first.get("name")),
        lead=_value(first.get("description")),
        url=_url(first),
        source=_name(first.get("publisher")),
        dates=tuple(
            _value(first[name]) for name in ("datePublished", "dateCreated") if name in first
        ),
        authors=people(map(_name, properties.get("author", ()))),
        topics=names(map(_value, properties.get("articleSection", ()))),
        tags=names(tag for it in properties.get("keywords", ()) for tag in listed(_value(it))),
    )


def scope_of(tag: Tag) -> Tag | None:
    """Return the nearest item around an element, itself aside."""
    for _, parent in zip(range(_HEIGHT), tag.parents, strict=False):
        if parent.has_attr("itemscope"):
            return parent
    return None


def is_article(scope: Tag) -> bool:
    """Say whether an item is an article of any kind."""
    return any(
        it.rpartition("/")[2] in ARTICLE_TYPES for it in attribute(scope, "itemtype").split()
    )


def _of_first_article(soup: BeautifulSoup) -> dict[str, list[Tag]]:
    """Return the properties of the first article's own item by name.

    Where no item says that it is an article, properties without an item count: old templates
    write ``itemprop="headline"`` and leave the scope out.
    """
    chosen: Tag | None = None
    found: dict[str, list[Tag]] = {}
    for tag in elements(soup):
        if not tag.has_attr("itemprop"):
            continue
        scope = scope_of(tag)
        if scope is not None and not is_article(scope):
            continue
        if scope is not None and chosen is None:
            chosen, found = scope, {}
        if scope is chosen:
            for name in attribute(tag, "itemprop").split():
                found.setdefault(name, []).append(tag)
    return found


def _value(tag: Tag | None) -> str:
    if tag is None:
        return ""
    for name in ("content", "datetime"):
        if tag.has_attr(name):
            return attribute(tag, name)
    return line_of(tag)


def _name(tag: Tag | None) -> str:
    inner = (
        next((it for it in elements(tag) if attribute(it, "itemprop") == "name"), None)
        if tag is not None
        else None
    )
    return _value(inner or tag)


def _url(first: dict[str, Tag]) -> str:
    for name in ("url", "mainEntityOfPage"):
        tag = first.get(name)
        if tag is not None:
            values = (attribute(tag, it) for it in ("itemid", "href", "content"))
            address = next((it for it in values if it.startswith("http")), "")
            if address:
                return address
    return ""
