"""Parsing: a line of JSON as most are goes in, its article comes out with title and text as bytes.

Such a line is read in one pass by ``_lines``, without making texts of the title and the body, which
are plain as ``plain`` has it. For any other line, or without what is compiled, the answer is
nothing: ``records`` reads those, and tests hold the two ways together.
"""

from __future__ import annotations

import json
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

try:
    from searchsvc.parsing import _lines

    compiled: ModuleType | None = _lines
except ImportError:
    compiled = None

_TITLE, _BODY = 1, 2
"""What ``_lines`` is told of a field; 0 for all others."""

_NOWHERE = Place("")


class _Plan(NamedTuple):
    """Under which names title and text stand, and under which every field may."""

    title: str
    text: str
    fields: dict[str, list[str]]


def narrow_article(line: bytes, origin: str) -> NarrowArticle | None:
    """Read a line of a file; None says that ``parse_record`` and others have to."""
    found = _read(line) if _read is not None else None
    if found is None:
        return None
    plan, fields, russian = found
    given = Given(fields, plan.fields)
    url = clean_line(first_text(given, "url"))
    own = clean_line(first_text(given, "id"))
    if first_text(given, "lead") or not (own or url):
        return None
    title, text = fields[plan.title], fields[plan.text]
    return NarrowArticle(
        id=article_id(own, url, _NOWHERE),
        title=title,
        text=text,
        url=url,
        date=date_of(given),
        source=one_line(first_text(given, "source")) or host_of(url),
        topics=listed(given, "topics"),
        authors=listed(given, "authors"),
        tags=listed(given, "tags"),
        language=given_language(given) or (DEFAULT if russian else _language(title, text)),
        origin=origin,
    )


def _language(title: bytes, text: bytes) -> str:
    return language_of(f"{title.decode(NARROW)}\n{text[:1000].decode(NARROW)}")


def _planned(names: tuple[str, ...]) -> tuple[bytes, _Plan] | None:
    """Tell which field has the title and which the text; None where that depends on values."""
    fields = plan_of(names)
    first = [fields[field][0] for field in ("title", "text") if field in fields]
    others = {name for field, of in fields.items() if field not in ("title", "text") for name in of}
    if len(first) < 2 or len({*names}) < len(names) or first[0] == first[1]:
        return None
    if not others.isdisjoint(first):
        return None
    roles = bytes({first[0]: _TITLE, first[1]: _BODY}.get(name, 0) for name in names)
    return roles, _Plan(first[0], first[1], fields)


def _loaded(data: bytes) -> object:
    """Read a value as ``json`` does; raises ValueError where others would not read it so."""
    if b"\\ud" in data.lower():
        raise ValueError("a half of a pair of surrogates may be there")
    return json.loads(data.decode())


def _reader() -> Callable[[bytes], tuple[_Plan, dict[str, Any], bool] | None] | None:
    if compiled is None:
        return None
    words = (each.encode(NARROW) for each in (TELLING, " ".join(USUAL), " ".join(UNUSUAL)))
    read: Callable[[bytes], tuple[_Plan, dict[str, Any], bool] | None]
    read = compiled.Reader(*narrow_tables(), tuple(words), _planned, _loaded).read
    return read


_read = _reader()
