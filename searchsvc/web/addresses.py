"""Addresses with an article's id in them: any id is one, whatever characters it has."""

from __future__ import annotations

from urllib.parse import quote

from werkzeug.routing import BaseConverter


class ArticleId(BaseConverter):
    """An id as a part of a path; slashes in it are escaped, also ``http://a/b`` is an id."""

    regex = r"[\s\S]+"
    part_isolating = False

    def to_url(self, value: str) -> str:
        """Percent-encode an id."""
        return quote(value, safe="")
