"""Parsing: a given id, an address or a place go in, an id that is the same every time comes out."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from searchsvc.parsing.cleaning import clean_line, words

if TYPE_CHECKING:
    from searchsvc.model import Place

GIVEN_LENGTH = 256
"""The longest given id that is taken as it is; a longer one is hashed."""

_DEFAULT_PORTS = {("http", 80), ("https", 443)}
_TRACKING = words(
    "fbclid yclid ysclid gclid gclsrc dclid msclkid igshid mc_cid mc_eid _openstat openstat "
    "_ga _gl from_source spm wbraid gbraid ref_src rb_clickid vk_ref"
)
_TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "hsa_")


def article_id(given: str, url: str, place: Place) -> str:
    """Return the given id, else a hash (16 hex digits) of the canonical URL, else of the place."""
    given = clean_line(given)
    if given and len(given) <= GIVEN_LENGTH:
        return given
    if given:
        return hashed(given)
    return hashed(canonical_url(url) or str(place))


def story_id(page: str, number: int) -> str:
    """Return the id of a page's tail story, numbered from 1."""
    return hashed(f"{page}\n{number}")


def canonical_url(url: str) -> str:
    """Write an address so that equal pages have equal addresses; for comparing, not for following.

    Scheme, ``www.``, default port, fragment and tracking parameters do not tell pages apart.
    """
    url = clean_line(url)
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return url
    if parts.scheme not in ("http", "https", "") or not host:
        return url
    host = host.removeprefix("www.")
    if port is not None and (parts.scheme, port) not in _DEFAULT_PORTS:
        host = f"{host}:{port}"
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _tracks(pair))
    return f"https://{host}{parts.path or '/'}" + (f"?{query}" if query else "")


def host_of(url: str) -> str:
    """Return an address's host without ``www.``, empty where there is none."""
    try:
        return (urlsplit(clean_line(url)).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _tracks(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def hashed(text: str) -> str:
    """Hash a text to 16 hex digits (SHA-256)."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
