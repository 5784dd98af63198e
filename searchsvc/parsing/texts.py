"""Parsing texts: what takes a page, a dump or a feed, by format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchsvc.model import Format
from searchsvc.parsing.dumps import parse_dump
from searchsvc.parsing.feeds import parse_feed
from searchsvc.parsing.pages import parse_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from searchsvc.model import Parsed, Place

PARSERS: dict[Format, Callable[[str, Place], Parsed]] = {
    Format.PAGE: parse_page,
    Format.DUMP: parse_dump,
    Format.FEED: parse_feed,
}
