"""Stored articles, the short way: title and text are bytes already, and only quoted.

In: an article as most are. Out: the bytes that ``stored`` makes of the same article with texts.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from searchsvc.engines.whoosh.packing_articles import dated, pack_article, quoted, written
from searchsvc.engines.whoosh.stored import CP1251
from searchsvc.model import NARROW, Article

if TYPE_CHECKING:
    from searchsvc.model import NarrowArticle

_LANGUAGE = Article.__dataclass_fields__["language"].default


KEPT, SHORT = 1024, 400
"""What follows a text is remembered as far as many articles share it, in so many letters."""


def pack_narrow(article: NarrowArticle) -> bytes:
    """Write down everything but the id, as ``pack_article`` does."""
    _, title, text, url, date, source, topics, authors, tags, language, origin = article
    first = f', "url": {quoted(url)}' if url else ""
    last = f", {dated(date)}" if date is not None else ""
    rest = _kept_rest if len(source) + _letters(topics, authors, tags) <= SHORT else _rest
    more = rest(source, topics, authors, tags, language, origin)
    try:
        follows = f"{first}{more}{last}".encode(NARROW)
    except UnicodeEncodeError:
        return pack_article(article.widened())
    return b'%b{"title": "%b", "text": "%b"%b}' % (CP1251, _escaped(title), _escaped(text), follows)


def _letters(*several: tuple[str, ...]) -> int:
    return sum(sum(map(len, values)) for values in several if values)


def _escaped(text: bytes) -> bytes:
    """Quote a text that has no control characters but line feeds."""
    return text.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")


def _rest(
    source: str,
    topics: tuple[str, ...],
    authors: tuple[str, ...],
    tags: tuple[str, ...],
    language: str,
    origin: str,
) -> str:
    """Write what follows the URL, in the order of an article's fields."""
    values = {
        "source": source and quoted(source),
        "topics": topics and written(topics),
        "authors": authors and written(authors),
        "tags": tags and written(tags),
        "language": "" if language == _LANGUAGE else quoted(language),
        "origin": origin and quoted(origin),
    }
    return "".join(f', "{name}": {value}' for name, value in values.items() if value)


_kept_rest = lru_cache(maxsize=KEPT)(_rest)
