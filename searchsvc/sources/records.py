"""Sources, records: JSON lines and JSON documents are split into objects without being held.

In: numbered lines of text, or a stream. Out: objects with their line or element number.
"""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import ijson

from searchsvc.sources.encodings import as_utf8
from searchsvc.sources.limits import Broken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from searchsvc.sources.lines import TextLine
    from searchsvc.sources.streams import Stream

_DEPTH = 64
"""Objects and arrays inside one another: metadata of real articles has up to eight."""
_DEPTH_AROUND = 8
"""What may stand around the objects of a document besides."""
_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|(\\?+)\Z)|([\[{])|([\]}])', re.DOTALL)

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")

_WRAPPER_HEAD = 256 * 1024
"""Bytes in which the array of articles must begin, where an object is around it."""

# Arrays of objects that belong to one article, unlike ``{"articles": [{…}, {…}]}``.
_PARTS = {
    "author", "authors", "creator", "creators", "tag", "tags", "keyword", "keywords", "topic",
    "topics", "category", "categories", "image", "images", "photo", "photos", "media", "video",
    "videos", "gallery", "attachments", "links", "link", "comments", "related", "similar",
    "read_also", "seealso", "see_also", "sources", "breadcrumbs", "blocks", "paragraphs",
    "contributors", "enclosures",
}  # fmt: skip
_ARTICLE_KEYS = {
    "title", "headline", "text", "body", "content", "articlebody", "content_html", "content_text",
    "description", "summary", "url", "link", "заголовок", "текст",
}  # fmt: skip
_BODY_KEYS = {"text", "body", "content", "articlebody", "full_text", "fulltext", "текст"}


class Record(NamedTuple):
    """An object with its number, or ``trouble`` to report of it."""

    number: int | None
    fields: dict[str, object] | None
    trouble: str = ""


def json_lines(lines: Iterator[TextLine]) -> Iterator[Record]:
    """Parse each line as an object; blank lines are passed over; raises Broken."""
    for line in lines:
        number = line.number or None
        if line.text is None:
            yield Record(number, None, line.flaw)
        elif line.text.strip():
            yield _parsed(line.number, line.text)
            if line.flaw:
                yield Record(number, None, line.flaw)


def json_document(stream: Stream, encoding: str, limit: int) -> Iterator[Record]:
    """Give the objects of a JSON text: of an array, of an array inside an object, or by itself.

    Several objects one after another are taken too. ``limit`` is the longest object in bytes;
    raises Broken where the text goes wrong, with what came before given.
    """
    text, flaws = as_utf8(stream, encoding)
    where = _elements(text.peek(_WRAPPER_HEAD))
    watched = _Watched(text, limit)
    values = ijson.items(watched, where, use_float=True, multiple_values=True)
    number = 0
    try:
        for value in values:
            number += 1
            watched.start_over()
            yield _checked(None if where == "" and number == 1 else number, value)
    except ijson.JSONError as error:
        raise _broken(f"broken JSON: {_first_line(error)}", number + 1) from error
    except Broken as broken:
        broken.record = number + 1
        raise
    for flaw in flaws:
        yield Record(None, None, flaw)


class _Watched:
    """Counts the bytes since the last object, which the parser holds all at once."""

    def __init__(self, stream: Stream, limit: int):
        self._stream = stream
        self._limit = limit
        self._since = 0
        self._nesting = _Nesting()

    def read(self, size: int) -> bytes:
        if self._since > self._limit:
            raise Broken(f"a JSON value is longer than {self._limit} bytes")
        data = self._stream.read(size)
        self._since += len(data)
        if self._nesting.too_deep(data):
            raise Broken(f"is nested deeper than {_DEPTH}")
        return data

    def start_over(self) -> None:
        self._since = 0


class _Nesting:
    """Counts brackets: ijson keeps the whole path of every level, which is quadratic in them."""

    def __init__(self) -> None:
        self._depth = 0
        self._string = b""

    def too_deep(self, data: bytes) -> bool:
        """Follow some more bytes, which may begin and end inside a string."""
        text, self._string = self._string + data, b""
        for token in _BRACKETS.finditer(text):
            if token.lastindex == 1:
                self._string = b'"' + token[1]
            elif token.lastindex == 2:
                self._depth += 1
                if self._depth > _DEPTH + _DEPTH_AROUND:
                    return True
            elif token.lastindex == 3:
                self._depth -= 1
        return False


def _parsed(number: int, text: str) -> Record:
    try:
        value = json.loads(text)
        if "\\u" in text and _SURROGATE_ESCAPE.search(text):
            value = _without_surrogates(value)
    except RecursionError:
        return Record(number, None, f"is nested deeper than {_DEPTH}")
    except ValueError as error:
        return Record(number, None, f"broken JSON: {_first_line(error)}")
    return _checked(number, value)


def _checked(number: int | None, value: object) -> Record:
    if not isinstance(value, dict):
        return Record(number, None, f"is no object but {_named(value)}")
    if _too_deep(value):
        return Record(number, None, f"is nested deeper than {_DEPTH}")
    return Record(number, value)


def _named(value: object) -> str:
    names = {list: "an array", str: "a string", type(None): "null", bool: "a boolean"}
    return names.get(type(value), "a number")


def _too_deep(value: dict[str, object]) -> bool:
    level: list[Any] = [value]
    for _ in range(_DEPTH):
        inside: list[Any] = []
        for item in level:
            children = item.values() if isinstance(item, dict) else item
            inside += [child for child in children if isinstance(child, (dict, list))]
        if not inside:
            return False
        level = inside
    return True


def _without_surrogates(value: Any) -> Any:
    r"""Replace what ``json`` makes of a lone ``\ud83d``: no UTF-8 can be written of it."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(v) for key, v in value.items()}
    return value


def _elements(head: bytes) -> str:
    """Say in ijson's words where the objects stand: ``item``, ``data.articles.item``, or ``""``."""
    if head.lstrip()[:1] == b"[":
        return "item"
    if _Nesting().too_deep(head):
        return ""
    try:
        return _wrapped_array(head)
    except ijson.JSONError:
        return ""


def _wrapped_array(head: bytes) -> str:
    """Find the first array of things like articles that is not itself a part of an article."""
    array = ""
    articles: set[str] = set()
    events = ijson.parse(io.BytesIO(head), use_float=True, multiple_values=True)
    for prefix, event, value in events:
        inside, _, key = str(prefix).rpartition(".")
        if array and event == "map_key" and prefix == f"{array}.item":
            if value == "_source":
                return f"{prefix}._source"
            if value.lower() in _ARTICLE_KEYS:
                return str(prefix)
        elif array and event == "end_array" and prefix == array:
            array = ""
        elif not array and event == "string" and key.lower() in _BODY_KEYS:
            articles.add(inside)
        elif not array and event == "start_array" and key.lower() not in _PARTS:
            array = "" if inside in articles else str(prefix)
    return ""


def _broken(reason: str, record: int) -> Broken:
    broken = Broken(reason)
    broken.record = record
    return broken


def _first_line(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return text.partition("\n")[0][:200] or type(error).__name__
