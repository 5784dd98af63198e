"""Parsing: an RSS or Atom feed goes in, an article for each of its entries comes out."""

from __future__ import annotations

import re
from html.entities import html5
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree  # type: ignore[import-untyped]

from searchsvc.errors import ParseError
from searchsvc.model import Article, Failure, Parsed, Place
from searchsvc.parsing.cleaning import clean_line
from searchsvc.parsing.dates import parse_date
from searchsvc.parsing.fragments import line_of, text_of
from searchsvc.parsing.identity import article_id, host_of
from searchsvc.parsing.titles import title_from_text

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_NAMESPACES = 20
"""Namespaces of a broken feed that its entries may use; feeds of news declare two to eight."""
_ROOTS = ("rss", "feed", "RDF")
_ENTRIES = ("item", "entry")
# Local names in the order of preference; «media:content» and «media:title» are about pictures.
_MEDIA = "http://search.yahoo.com/mrss/"
_BODIES = ("full-text", "encoded", "content")
_LEADS = ("description", "summary")
_DATES = ("pubDate", "published", "issued", "date", "updated", "modified")

_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PROLOG = re.compile(r"\s*<\?xml[^>]{0,500}\?>")
# HTML's names are no entities of XML, and a bare «&» is a mistake that many feeds make.
_ENTITY = re.compile(
    r"&(?:(?P<name>[A-Za-z][A-Za-z0-9]{0,30});|(?!#[0-9]{1,7};|#x[0-9A-Fa-f]{1,6};))"
)
_XML_NAMES = ("amp", "lt", "gt", "quot", "apos")
_ENTRY_START = re.compile(r"<(?:item|entry)(?=[\s>])")
_NAMESPACE = re.compile(r"xmlns(?::[\w.-]{1,60})?\s?=\s?(?:\"[^\"<]{0,300}\"|'[^'<]{0,300}')")
_RSS_AUTHOR = re.compile(r"\S+@\S+\s+\((?P<name>[^()]+)\)")


class _Feed(NamedTuple):
    source: str
    entries: tuple[etree._Element | str, ...]
    """An element, or what is wrong with the entry."""


def parse_feed(xml: str, place: Place) -> Parsed:
    """Make an article of each entry; entries that cannot be read are failures.

    Raises ParseError where there is no feed at all.
    """
    feed = _read(xml)
    articles, failures = [], []
    for number, entry in enumerate(feed.entries, 1):
        where = Place(place.path, place.members, number)
        article = _article(entry, feed.source, where) if not isinstance(entry, str) else None
        if article is not None:
            articles.append(article)
        else:
            reason = entry if isinstance(entry, str) else "neither a title nor a text in the entry"
            failures.append(Failure(where, reason))
    return Parsed(tuple(articles), failures=tuple(failures))


def _read(xml: str) -> _Feed:
    xml = _PROLOG.sub("", _UNREADABLE.sub("", xml), count=1).lstrip("\ufeff \n\r\t")
    xml = _ENTITY.sub(_known_entity, xml)
    try:
        root = _tree(xml)
    except etree.XMLSyntaxError as error:
        return _read_in_pieces(xml, error)
    if _local(root) not in _ROOTS:
        raise ParseError(f"no feed: the XML begins with <{_local(root)}>, not rss, feed or RDF")
    return _Feed(_channel_title(root), tuple(root.iter(*(f"{{*}}{name}" for name in _ENTRIES))))


def _read_in_pieces(xml: str, error: etree.XMLSyntaxError) -> _Feed:
    """Read each entry of a broken feed by itself, so that only the broken ones are lost."""
    starts = [match.start() for match in _ENTRY_START.finditer(xml)]
    if not starts:
        raise ParseError(f"no feed: {error.msg}") from error
    head = xml[: starts[0]]
    names = " ".join([*dict.fromkeys(_NAMESPACE.findall(head[:20_000]))][:MOST_NAMESPACES])
    entries = tuple(
        _piece(xml[start:end], names)
        for start, end in zip(starts, [*starts[1:], len(xml)], strict=True)
    )
    title = re.search(r"<title[^<>]{0,200}>(.{1,300}?)</title>", head, re.S)
    return _Feed(line_of(_without_cdata(title[1])) if title else "", entries)


def _piece(text: str, names: str) -> etree._Element | str:
    name = text[1:].split(">", 1)[0].split(None, 1)[0]
    end = text.rfind(f"</{name}")
    if end < 0:
        return f"the entry is cut short: no </{name}>"
    try:
        return _tree(f"<pieces {names}>{text[:end]}</{name}></pieces>")[0]
    except etree.XMLSyntaxError as error:
        return f"broken XML: {error.msg}"


def _tree(xml: str) -> etree._Element:
    # Entities stay unresolved: those a document defines itself may grow to gigabytes.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8"
    )
    return etree.fromstring(xml.encode("utf-8"), parser)


def _known_entity(match: re.Match[str]) -> str:
    name = match["name"]
    if name is None:
        return "&amp;"
    return match[0] if name in _XML_NAMES else html5.get(f"{name};", match[0])


def _without_cdata(text: str) -> str:
    return text.replace("<![CDATA[", "").replace("]]>", "")


def _channel_title(root: etree._Element) -> str:
    channel = next(root.iter("{*}channel"), root)
    return next((line_of(_content(child)) for child in channel if _local(child) == "title"), "")


def _article(entry: etree._Element, source: str, place: Place) -> Article | None:
    lead, text = text_of(_named(entry, _LEADS)), text_of(_named(entry, _BODIES))
    if not text:
        lead, text = "", lead
    title = line_of(_named(entry, ("title",)))
    if not title and not text:
        return None
    url = _link(entry)
    return Article(
        # A guid is often a bare number, told apart from other feeds' only by the address.
        id=article_id("" if url else _named(entry, ("guid", "id")), url, place),
        title=title or title_from_text(text),
        text=text,
        lead=clean_line(lead),
        url=url,
        date=next(filter(None, map(parse_date, _all(entry, _DATES))), None),
        source=source or host_of(url),
        topics=_lines(_all(entry, ("category", "subject"))),
        authors=_lines(map(_person, _all(entry, ("creator", "author")))),
        tags=_lines(part for it in _all(entry, ("keywords",)) for part in it.split(",")),
        title_made=not title,
    )


def _link(entry: etree._Element) -> str:
    """Return the entry's own address: RSS's link, Atom's alternate one, or a guid that is one."""
    for child in entry:
        if _local(child) == "link" and child.get("rel", "alternate") == "alternate":
            address = clean_line(child.get("href") or _content(child))
            if address:
                return address
    guid = clean_line(_named(entry, ("guid", "id")))
    return guid if guid.startswith(("http://", "https://")) else ""


def _named(entry: etree._Element, names: tuple[str, ...]) -> str:
    return next(_all(entry, names), "")


def _all(entry: etree._Element, names: tuple[str, ...]) -> Iterator[str]:
    """Yield what the entry's own children of these names hold, the first name's first."""
    for name in names:
        for child in entry:
            if _local(child) == name and (name == "keywords" or _namespace(child) != _MEDIA):
                content = _content(child).strip()
                if content:
                    yield content


def _content(element: etree._Element) -> str:
    """Return an element's text, Atom's term, or the markup of XHTML that stands in it."""
    if element.get("type") == "xhtml":
        return "".join(etree.tostring(child, encoding="unicode") for child in element)
    return "".join(element.itertext()).strip() or element.get("term") or ""


def _lines(texts: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for text in texts if (line := line_of(text))))


def _person(text: str) -> str:
    """Return the name of RSS's «editor@site.ru (Иван Петров)» or of Atom's name and e-mail."""
    named = _RSS_AUTHOR.fullmatch(text.strip())
    return named["name"] if named else text.strip().partition("\n")[0]


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _namespace(element: etree._Element) -> str:
    return (etree.QName(element).namespace or "") if isinstance(element.tag, str) else ""
