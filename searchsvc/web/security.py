"""What keeps pages harmless: response headers, and which addresses may become links."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge, RequestURITooLarge

from searchsvc.web.context import served

if TYPE_CHECKING:
    from flask import Response

QUERY_STRING = 8_000
"""Bytes of a query string: 500 letters outside the BMP take 6,000 when percent-encoded."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""What a response that says nothing else gets; what an index answers is asked for anew each time.
"""

LINK_LENGTH = 2_000


def add_headers(response: Response) -> Response:
    """Put the headers on a response that it has none of its own of."""
    headers = response.headers
    for name, value in HEADERS.items():
        if name not in headers:
            headers.add(name, value)
    return response


def refuse_large_requests() -> None:
    """Refuse a request before any work when its address or body passes its limit."""
    if len(request.query_string) > QUERY_STRING:
        raise RequestURITooLarge
    if request.content_length is None and "Transfer-Encoding" in request.headers:
        raise LengthRequired
    if (request.content_length or 0) > served().settings.read_body:
        raise RequestEntityTooLarge


def outward(url: str) -> str | None:
    """Give an article's address if it may be a link: http or https with a host, else None."""
    if len(url) > LINK_LENGTH:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
