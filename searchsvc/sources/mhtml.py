"""Sources, MHTML: the page inside a saved web archive, its pictures left out.

In: the bytes of a message (RFC 2557). Out: its root HTML and the encoding declared for it.
"""

from __future__ import annotations

import email
from typing import TYPE_CHECKING

from searchsvc.sources.limits import Broken

if TYPE_CHECKING:
    from email.message import Message

_PAGES = {"text/html", "application/xhtml+xml"}


def root_page(data: bytes) -> tuple[bytes, str | None]:
    """Take the root page out of a message, its transfer encoding undone; raises Broken."""
    try:
        message = email.message_from_bytes(data)
        page = _root(message)
        content = page.get_payload(decode=True) if page is not None else None
    except (RecursionError, LookupError, ValueError, TypeError) as error:
        raise Broken(f"damaged MHTML: {error}") from error
    if page is None or not isinstance(content, bytes):
        raise Broken("is MHTML without a page in it")
    return content, page.get_content_charset()


def _root(message: Message) -> Message | None:
    pages = [part for part in message.walk() if part.get_content_type() in _PAGES]
    start = message.get_param("start")
    named = [part for part in pages if start and part.get("Content-ID", "").strip() == start]
    return next(iter(named or pages), None)
