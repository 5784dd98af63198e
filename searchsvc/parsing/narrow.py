"""Parsing: a line of JSON as most are goes in, its article comes out with title and text as bytes.

Such a line is read in one pass by ``_lines``, without making texts of the title and the body, which
are plain as ``plain`` has it. For any other line, or without what is compiled, the answer is
nothing: ``records`` reads those, and tests hold the two ways together.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from searchsvc.model import NARROW, NarrowArticle, Place
from searchsvc.parsing.cleaning import clean_line
from searchsvc.parsing.identity import article_id, host_of
from searchsvc.parsing.language import DEFAULT, TELLING, UNUSUAL, USUAL, language_of
from searchsvc.parsing.plain import narrow_tables
from searchsvc.parsing.records import (
    Given,
    date_of,
    first_text,
    given_language,
    listed,
    one_line,
    plan_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    _Line = tuple["_Plan", dict[str, Any], tuple[str | None, ...] | None, bool]

try:
    from searchsvc.parsing import _lines

    compiled: ModuleType | None = _lines
except ImportError:
    compiled = None

_TITLE, _BODY, _COMMON = 1, 2, 3
"""What ``_lines`` is told of a field; 0 for all others."""

_SHARED = frozenset({"source", "topics", "authors", "tags", "language"})
"""Fields whose values many lines have in common: they are read once."""

_KEPT = 1024
"""Such values that are remembered, of 200 bytes each at most."""

_NOWHERE = Place("")


class _Common(NamedTuple):
    """What fields say that many lines have in common."""

    source: str
    topics: tuple[str, ...]
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    language: str


class _Plan(NamedTuple):
    """Under which names title and text stand, and every field; what reads values in common."""

    title: str
    text: str
    fields: dict[str, list[str]]
    common: Callable[[tuple[str | None, ...]], _Common]


def narrow_article(line: bytes, origin: str) -> NarrowArticle | None:
    """Read a line of a file; None says that ``parse_record`` and others have to."""
    found = _read(line) if _read is not None else None
    if found is None:
        return None
    plan, fields, values, russian = found
    given = Given(fields, plan.fields)
    url = clean_line(first_text(given, "url"))
    own = clean_line(first_text(given, "id"))
    if first_text(given, "lead") or not (own or url):
        return None
    common = _common_of(given) if values is None else plan.common(values)
    title, text = fields[plan.title], fields[plan.text]
    return NarrowArticle(
        article_id(own, url, _NOWHERE),
        title,
        text,
        url,
        date_of(given),
        common.source or host_of(url),
        common.topics,
        common.authors,
        common.tags,
        common.language or (DEFAULT if russian else _language(title, text)),
        origin,
    )


def _language(title: bytes, text: bytes) -> str:
    return language_of(f"{title.decode(NARROW)}\n{text[:1000].decode(NARROW)}")


def _common_of(given: Given) -> _Common:
    return _Common(
        source=one_line(first_text(given, "source")),
        topics=listed(given, "topics"),
        authors=listed(given, "authors"),
        tags=listed(given, "tags"),
        language=given_language(given),
    )


def _planned(names: tuple[str, ...]) -> tuple[bytes, _Plan] | None:
    """Tell which field has the title and which the text; None where that depends on values."""
    fields = plan_of(names)
    first = [fields[field][0] for field in ("title", "text") if field in fields]
    others = {name for field, of in fields.items() if field not in ("title", "text") for name in of}
    if len(first) < 2 or len({*names}) < len(names) or first[0] == first[1]:
        return None
    if not others.isdisjoint(first):
        return None
    shared = {name for field, of in fields.items() if field in _SHARED for name in of}
    roles = dict.fromkeys(shared, _COMMON) | {first[0]: _TITLE, first[1]: _BODY}
    common = tuple(name for name in names if name in shared)

    def read(values: tuple[str | None, ...]) -> _Common:
        return _common_of(Given(dict(zip(common, values, strict=True)), shared_fields))

    shared_fields = {field: of for field, of in fields.items() if field in _SHARED}
    plan = _Plan(first[0], first[1], fields, lru_cache(maxsize=_KEPT)(read))
    return bytes(roles.get(name, 0) for name in names), plan


def _loaded(data: bytes) -> object:
    """Read a value as ``json`` does; raises ValueError where others would not read it so."""
    if b"\\ud" in data.lower():
        raise ValueError("a half of a pair of surrogates may be there")
    return json.loads(data.decode())


def _reader() -> Callable[[bytes], _Line | None] | None:
    if compiled is None:
        return None
    words = (each.encode(NARROW) for each in (TELLING, " ".join(USUAL), " ".join(UNUSUAL)))
    read: Callable[[bytes], _Line | None]
    read = compiled.Reader(*narrow_tables(), tuple(words), _planned, _loaded).read
    return read


_read = _reader()
