"""Cursors: a place in an order of hits as an opaque, URL-safe string."""

from __future__ import annotations

import base64
import binascii
import math
import struct

from searchsvc.engines.protocol import Cursor
from searchsvc.errors import QueryError

LAYOUT = struct.Struct(">dqH")


def pack_cursor(cursor: Cursor) -> str:
    """Write a place as text."""
    return (
        base64.urlsafe_b64encode(LAYOUT.pack(cursor.key, cursor.number, cursor.seen))
        .rstrip(b"=")
        .decode()
    )


def unpack_cursor(text: str) -> Cursor:
    """Read a place back; raises QueryError."""
    try:
        key, number, seen = LAYOUT.unpack(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, struct.error):
        key, number, seen = math.nan, -1, 0
    if math.isnan(key) or number < 0:
        message = "cursor is not one that an answer gave; start again without it"
        raise QueryError(message, parameter="cursor", value=text[:100])
    return Cursor(key, number, seen)
