"""One answer in the other formats: hits as JSON lines, CSV rows or Atom entries."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree import ElementTree as ET

from searchsvc.model import MOSCOW
from searchsvc.web.marking import marked
from searchsvc.web.rendering import hit_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from searchsvc.model import Article
    from searchsvc.searching.answer import Answer, Found

COLUMNS = (
    *("id", "url", "title", "date", "source"),
    *("topics", "authors", "part_of", "score", "snippet"),
)

ATOM = "http://www.w3.org/2005/Atom"
UNDATED = "1970-01-01T00:00:00+00:00"
"""Atom demands ``updated`` of each entry; an article without a date sorts as the oldest."""

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
BYTE_ORDER_MARK = "\ufeff"


def json_lines(answer: Answer) -> str:
    """Write each hit as one line of JSON."""
    lines = (json.dumps(hit_object(found), ensure_ascii=False) for found in answer.hits)
    return "".join(f"{line}\n" for line in lines)


def spreadsheet(answer: Answer) -> str:
    """Write the hits as CSV that a spreadsheet opens: RFC 4180, marked as UTF-8, no formulas."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for found in answer.hits:
        hit = hit_object(found)
        values = [hit["id"], hit["url"], hit["title"], hit["date"], hit["source"]]
        values += ["; ".join(hit["topics"]), "; ".join(hit["authors"]), hit["part_of"]]
        snippet = " … ".join(snippet["text"] for snippet in hit["snippets"])
        rows.writerow([*map(_cell, values), hit["score"], _cell(snippet)])
    return BYTE_ORDER_MARK + out.getvalue()


def _cell(value: str | None) -> str:
    """Keep a spreadsheet from computing a cell (owasp.org, CSV Injection): ``=1+1`` → ``'=1+1``."""
    text = (value or "").replace("\x00", "")
    return f"'{text}" if _FORMULA.match(text) else text


def atom(answer: Answer, here: str, page: str, address: Callable[[str], str]) -> bytes:
    """Write the hits as an Atom feed (RFC 4287).

    ``here`` and ``page`` are the addresses of the feed and of its page; ``address`` gives the
    page of an article by id.
    """
    feed = ET.Element("feed", xmlns=ATOM)
    title = f"Поиск: {answer.query.text}" if answer.query.text else "Новые статьи"
    _add(feed, "title", title)
    _add(feed, "id", here)
    moments = [_moment(found.article) for found in answer.hits]
    _add(feed, "updated", max(moments, default=UNDATED))
    _add(_add(feed, "author"), "name", "searchsvc")
    _add(feed, "link", rel="self", type="application/atom+xml", href=here)
    _add(feed, "link", rel="alternate", type="text/html", href=page)
    for found, moment in zip(answer.hits, moments, strict=True):
        _entry(feed, found, moment, address(found.article.id))
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _entry(feed: ET.Element, found: Found, moment: str, address: str) -> None:
    article = found.article
    entry = _add(feed, "entry")
    _add(entry, "title", article.title)
    _add(entry, "id", f"urn:searchsvc:article:{quote(article.id, safe='')}")
    _add(entry, "updated", moment)
    if article.date is not None:
        _add(entry, "published", moment)
    _add(entry, "link", rel="alternate", type="text/html", href=address)
    for author in article.authors or ((article.source,) if article.source else ()):
        _add(_add(entry, "author"), "name", author)
    for topic in article.topics:
        _add(entry, "category", term=topic)
    summary = " … ".join(marked(snippet) for snippet in found.snippets)
    _add(entry, "summary", summary, type="html")


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    clean = {key: _NOT_XML.sub("\ufffd", value) for key, value in attributes.items()}
    element = ET.SubElement(parent, name, clean)
    element.text = _NOT_XML.sub("\ufffd", text)
    return element


def _moment(article: Article) -> str:
    """Give the first second of an article's date in UTC, as RFC 3339 wants it.

    Moscow's offset had seconds in it before 1919, which RFC 3339 cannot say.
    """
    if article.date is None or article.date.start.year < 1900:
        return UNDATED
    moment = article.date.start.replace(tzinfo=MOSCOW).astimezone(UTC)
    return moment.isoformat(timespec="seconds")
