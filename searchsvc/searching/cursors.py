"""Cursors: a place in the hits of one question as an opaque, URL-safe string."""

from __future__ import annotations

import base64
import binascii
import math
import struct
from typing import TYPE_CHECKING
from zlib import crc32

from searchsvc.engines.protocol import Cursor, Sort
from searchsvc.errors import QueryError

if TYPE_CHECKING:
    from searchsvc.searching.answer import Question

LAYOUT = struct.Struct(">dqHI")

USUAL = (Sort.RELEVANCE, None, None, None, None, None, True)
"""What stands beside the text of most questions."""


def pack_cursor(cursor: Cursor, question: Question) -> str:
    """Write a place as text, good for the same question."""
    packed = LAYOUT.pack(cursor.key, cursor.number, cursor.seen, _mark(question))
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def unpack_cursor(text: str, question: Question) -> Cursor:
    """Read a place back; raises QueryError, also for the place of another question."""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        key, number, seen, mark = LAYOUT.unpack(packed)
    except (ValueError, binascii.Error, struct.error):
        key, number, seen, mark = math.nan, -1, 0, 0
    if math.isnan(key) or number < 0:
        raise _refused("is not one that an answer gave", text)
    if mark != _mark(question):
        raise _refused("belongs to another query, order or filter", text)
    return Cursor(key, number, seen)


def _refused(reason: str, text: str) -> QueryError:
    message = f"cursor {reason}; start again without it"
    return QueryError(message, parameter="cursor", value=text[:100])


def _mark(question: Question) -> int:
    """Sum up what decides which hits come in which order; size and facets do not."""
    beside = (
        question.sort or Sort.RELEVANCE,
        question.first,
        question.last,
        question.source,
        question.topic,
        question.author,
        question.correct,
    )
    text = question.text if beside == USUAL else f"{question.text}\n{beside}"
    return crc32(text.encode("utf-8", "surrogatepass"))
