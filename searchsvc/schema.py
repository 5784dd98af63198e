"""The fields and streams of an index, and the version of this arrangement.

Title and body of an article share one position space: the title's tokens come first, the body's
after a gap that no phrase or proximity can bridge. A made title is the beginning of the body, so
its tokens are there once.
"""

from __future__ import annotations

from enum import StrEnum

SCHEMA_VERSION = 4

POSITION_GAP = 128
"""Positions left free between title and body; larger than any distance a query may ask for."""


class Field(StrEnum):
    """What a query's clause can look into; TEXT is title and body together."""

    TEXT = "text"
    TITLE = "title"
    SOURCE = "source"
    TOPIC = "topic"
    AUTHOR = "author"


class Stream(StrEnum):
    """The terms of a text: every lemma of each token, or each token's folded surface form."""

    LEMMAS = "lemmas"
    FORMS = "forms"


FACET_FIELDS = (Field.SOURCE, Field.TOPIC, Field.AUTHOR)
