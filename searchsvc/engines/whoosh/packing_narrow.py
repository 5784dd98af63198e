"""Stored articles, the short way: title and text are bytes already, and only quoted.

In: an article as most are. Out: the bytes that ``stored`` makes of the same article with texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchsvc.engines.whoosh.stored import CP1251, dated, pack_article, quoted, written
from searchsvc.model import NARROW, Article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from searchsvc.model import NarrowArticle

_LANGUAGE = Article.__dataclass_fields__["language"].default


def pack_narrow(article: NarrowArticle) -> bytes:
    """Write down everything but the id, as ``pack_article`` does."""
    try:
        rest = ", ".join(_rest(article)).encode(NARROW)
    except UnicodeEncodeError:
        return pack_article(article.widened())
    title, text = _escaped(article.title), _escaped(article.text)
    more = b", " if rest else b""
    return b'%b{"title": "%b", "text": "%b"%b%b}' % (CP1251, title, text, more, rest)


def _escaped(text: bytes) -> bytes:
    """Quote a text that has no control characters but line feeds."""
    return text.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")


def _rest(article: NarrowArticle) -> Iterator[str]:
    """Write what follows the text, in the order of an article's fields."""
    _, _, _, url, date, source, topics, authors, tags, language, origin = article
    if url:
        yield f'"url": {quoted(url)}'
    if source:
        yield f'"source": {quoted(source)}'
    if topics:
        yield f'"topics": {written(topics)}'
    if authors:
        yield f'"authors": {written(authors)}'
    if tags:
        yield f'"tags": {written(tags)}'
    if language != _LANGUAGE:
        yield f'"language": {quoted(language)}'
    if origin:
        yield f'"origin": {quoted(origin)}'
    if date is not None:
        yield dated(date)
