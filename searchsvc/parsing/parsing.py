"""Parsing, the door: one input of any format goes in, its articles and failures come out.

What parses pages, dumps and feeds is loaded when the first of them comes: records do without, and
it takes 0.2 s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from searchsvc.errors import ParseError
from searchsvc.model import Failure, Format, Parsed
from searchsvc.parsing.language import language_of
from searchsvc.parsing.records import parse_record

if TYPE_CHECKING:
    from searchsvc.model import Article, Input

_REASON_LENGTH = 200


def parse(item: Input) -> Parsed:
    """Parse one input; what cannot be parsed is a failure with its place and reason."""
    try:
        parsed = _parsed(item)
    except ParseError as error:
        return Parsed(failures=(Failure(item.place, str(error)[:_REASON_LENGTH]),))
    except _library_errors() as error:
        reason = f"not readable as {item.format}: {type(error).__name__}: {error}"
        return Parsed(failures=(Failure(item.place, reason[:_REASON_LENGTH]),))
    if item.format is Format.RECORD:
        return parsed
    articles = tuple(_completed(article, item) for article in parsed.articles)
    return Parsed(articles, parsed.promos, parsed.failures)


def _parsed(item: Input) -> Parsed:
    content = item.content
    if item.format is Format.RECORD:
        if not isinstance(content, Mapping):
            raise ParseError("a record must be an object of fields")
        return parse_record(content, item.place)
    if not isinstance(content, str):
        raise ParseError(f"a {item.format} must be a text")
    from searchsvc.parsing.texts import PARSERS  # noqa: PLC0415 - see above

    return PARSERS[item.format](content, item.place)


def _library_errors() -> tuple[type[Exception], ...]:
    """List what lxml, BeautifulSoup and trafilatura raise for documents they cannot bear."""
    from lxml import etree  # type: ignore[import-untyped] # noqa: PLC0415 - as above

    return etree.LxmlError, ValueError, RecursionError, AssertionError, LookupError


def _completed(article: Article, item: Input) -> Article:
    """Add the file it came from, and its language; a record's article has them already."""
    language = language_of(f"{article.title}\n{article.text[:1000]}")
    return replace(article, language=language, origin=item.place.path)
