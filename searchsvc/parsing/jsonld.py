"""Parsing pages: the JSON-LD scripts of a page come in, what they say of its article goes out.

The vocabulary is schema.org's (NewsArticle, LiveBlogPosting, BreadcrumbList).
"""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING

from searchsvc.parsing.claims import Claims, listed, names, people
from searchsvc.parsing.cleaning import clean_line
from searchsvc.parsing.markup import attribute, blocks, elements, read_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bs4 import BeautifulSoup

LONGEST_SCRIPT = 2_000_000
MOST_OBJECTS = 2_000
ARTICLE_TYPES = frozenset(
    """
    Article NewsArticle ReportageNewsArticle AnalysisNewsArticle AskPublicNewsArticle
    BackgroundNewsArticle OpinionNewsArticle ReviewNewsArticle Report BlogPosting
    LiveBlogPosting SocialMediaPosting TechArticle ScholarlyArticle SatiricalArticle
    """.split()  # noqa: SIM905
)
_PARTS = ("@graph", "mainEntity", "mainEntityOfPage", "hasPart")
# Strings stay; comments and commas before a closing bracket go. Each branch takes what it finds
# to the end of the text, so that nothing is read twice.
_NOT_JSON = re.compile(
    r'("(?:\\.|[^"\\])*+(?:"|\\?\Z))|/\*(?s:.*?)(?:\*/|\Z)|//[^\n]*|,\s*+(?=[}\]])|<!--|-->'
    r"|<!\[CDATA\[|\]\]>|;\s*\Z"
)
_CUT_SHORT = re.compile(r"(?:…|\.\.\.)\s*\Z")


def read_jsonld(soup: BeautifulSoup) -> Claims:
    """Read the first article of a page's JSON-LD, and its breadcrumbs."""
    things = [thing for script in _scripts(soup) for thing in _things(_load(script))]
    article = next((it for it in things if _types(it) & ARTICLE_TYPES and _names_itself(it)), None)
    crumbs = next((it for it in things if "BreadcrumbList" in _types(it)), None)
    if article is None:
        return Claims()
    title = _text(article.get("headline")) or _text(article.get("name"))
    return Claims(
        title="" if _CUT_SHORT.search(title) else title,
        lead=_text(article.get("description")),
        text=_body(article),
        url=_address(article),
        source=_name(article.get("publisher")),
        dates=tuple(
            filter(None, (_text(article.get(it)) for it in ("datePublished", "dateCreated")))
        ),
        authors=people(_names(article.get("author")) or _names(article.get("creator"))),
        topics=names(_names(article.get("articleSection"))) or _crumb_topics(crumbs, title),
        tags=_tags(article.get("keywords")),
    )


def _scripts(soup: BeautifulSoup) -> Iterator[str]:
    for script in elements(soup, "script"):
        if attribute(script, "type").lower().startswith("application/ld+json"):
            yield script.get_text()[:LONGEST_SCRIPT]


def _load(script: str) -> object:
    """Read a script as JSON, mending what sites get wrong; None where that does not help."""
    for text in (script, _NOT_JSON.sub(lambda found: found[1] or "", script), unescape(script)):
        try:
            return json.loads(text.strip(), strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _things(value: object) -> Iterator[Mapping[str, object]]:
    """Yield the objects a page speaks of as its own, not those they list or mention."""
    waiting = [value]
    for _ in range(MOST_OBJECTS):
        if not waiting:
            return
        value = waiting.pop(0)
        if isinstance(value, list):
            waiting[:0] = value[:MOST_OBJECTS]
        elif isinstance(value, dict):
            yield value
            waiting.extend(value[part] for part in _PARTS if part in value)


def _types(thing: Mapping[str, object]) -> set[str]:
    return {
        name.rpartition("/")[2].removeprefix("schema:") for name in _strings(thing.get("@type"))
    }


def _names_itself(thing: Mapping[str, object]) -> bool:
    return any(thing.get(field) for field in ("headline", "name", "articleBody", "datePublished"))


def _strings(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [it for it in values[:MOST_OBJECTS] if isinstance(it, str)]


def _text(value: object) -> str:
    """Return a value as one line of text without markup: ``{"@value": "Лёд &amp; пламя"}``."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("@value") or value.get("@id") or ""
    return clean_line(unescape(value)) if isinstance(value, str) else ""


def _name(value: object) -> str:
    return next(iter(_names(value)), "")


def _names(value: object) -> list[str]:
    """Return the names in a text, an object with a name, or a list of either."""
    found: list[str] = []
    for it in (value if isinstance(value, list) else [value])[:MOST_OBJECTS]:
        named = it.get("name") if isinstance(it, dict) else it
        found.extend(clean_line(unescape(name)) for name in _strings(named))
    return found


def _address(article: Mapping[str, object]) -> str:
    places = (article.get("url"), article.get("mainEntityOfPage"), article.get("@id"))
    found = (_text(it) for it in places)
    return next((it for it in found if it.startswith(("http://", "https://"))), "")


def _tags(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return names(it for it in _names(value) if not it.startswith(("Author:", "Section:")))
    return listed(_text(value))


def _body(article: Mapping[str, object]) -> str:
    updates = article.get("liveBlogUpdate")
    entries = updates if isinstance(updates, list) else [updates]
    parts = [_paragraphs(article.get("articleBody"))]
    for entry in entries[:MOST_OBJECTS]:
        if isinstance(entry, dict):
            parts += [_text(entry.get("headline")), _paragraphs(entry.get("articleBody"))]
    return "\n".join(filter(None, parts))


def _paragraphs(value: object) -> str:
    """Return a body's paragraphs; sites put plain text, markup or escaped markup there."""
    if not isinstance(value, str):
        return ""
    text = unescape(value[:LONGEST_SCRIPT])
    if re.search(r"</?(?:p|br|div|a|b|strong|em|i|span|ul|li)\b", text):
        return "\n".join(block.text for block in blocks(read_tree(text)))
    return "\n".join(filter(None, map(clean_line, text.splitlines())))


def _crumb_topics(crumbs: Mapping[str, object] | None, title: str) -> tuple[str, ...]:
    """Return what stands between the start page and the article: «Главная / Общество / …»."""
    items = crumbs.get("itemListElement") if crumbs is not None else None
    if not isinstance(items, list) or len(items) < 2:
        return ()
    labels = [_name(it) or _name(it.get("item")) for it in items[:20] if isinstance(it, dict)]
    if labels and title and labels[-1].casefold()[:40] == title.casefold()[:40]:
        labels.pop()
    return names(labels[1:])
