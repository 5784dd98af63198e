"""Parsing: a field that may hold pieces of HTML goes in, its paragraphs as plain text come out."""

from __future__ import annotations

import html
import re

from searchsvc.parsing.cleaning import clean_line, clean_text

_BLOCK_TAG = re.compile(r"<(?:p|br|div|h[1-6]|ul|ol|li|table|section|article|blockquote)\b", re.I)
# «5 < 6» and «<неразборчиво>» are no tags.
_TAG = re.compile(
    r"</?(?:p|br|div|h[1-6]|ul|ol|li|table|tr|td|section|article|blockquote|a|b|i|u|s|em|strong|span"
    r"|img|font|small|sup|sub|figure|figcaption|iframe|script|style|hr|pre|code|cite|q|tt|big)"
    r"(?:\s[^<>]{0,4000})?/?>",
    re.I,
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.I)


def text_of(value: str) -> str:
    """Return clean text, its paragraphs on lines of their own where it was HTML."""
    if "<" in value and _TAG.search(value):
        if not _BLOCK_TAG.search(value):
            value = clean_text(value).replace("\n", "<br>")
        from searchsvc.parsing.markup import blocks, read_tree  # noqa: PLC0415 - 0.1 s, seldom

        return "\n\n".join(block.text for block in blocks(read_tree(value)))
    if "&" in value and _ENTITY.search(value):
        value = html.unescape(value)
    return clean_text(value)


def line_of(value: str) -> str:
    """Return clean text on one line."""
    return clean_line(text_of(value))
