"""The names of a segment's arrays: posting lists by field and stream, columns, stored articles."""

from __future__ import annotations

from searchsvc.schema import FACET_FIELDS, Field, Stream

EXTENSION = ".arrays"

POSTING_FIELDS: tuple[tuple[Field, Stream], ...] = tuple(
    (field, stream) for field in (Field.TEXT, *FACET_FIELDS) for stream in Stream
)
"""Title words stand in TEXT, before the body; a clause on the title filters by position."""

SIZES = 1 << 31
"""A segment has fewer documents than this."""

CODES = 1 << 16
"""Codes of postings: two bytes, ``tf << 8 | length``."""

UNDATED = -(2**31)
"""The date columns of an article without a date."""


def posting_name(field: Field, stream: Stream) -> str:
    """Name a posting field: ``text``, ``text_forms``, ``author`` and so on (as in the schema).

    >>> posting_name(Field.TITLE, Stream.FORMS)
    'text_forms'
    """
    place = Field.TEXT if field is Field.TITLE else field
    return place.value if stream is Stream.LEMMAS else f"{place.value}_forms"
