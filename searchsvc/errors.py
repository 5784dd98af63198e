"""What can go wrong, sorted by who can mend it.

The web answers each class with one HTTP status, the command line with one exit status.
"""

from __future__ import annotations


class SearchsvcError(Exception):
    """Anything this project raises on purpose."""


class QueryError(SearchsvcError):
    """The asker can mend it: a limit was passed or a parameter has a wrong value (HTTP 400).

    ``parameter`` names what is wrong, ``limit`` what would be accepted, ``value`` what came.
    """

    def __init__(self, message: str, *, parameter: str, limit: object = None, value: object = None):
        super().__init__(message)
        self.parameter = parameter
        self.limit = limit
        self.value = value


class NotFound(SearchsvcError):
    """There is nothing under that name (HTTP 404)."""


class IndexMissing(SearchsvcError):
    """The operator can mend it: no index, or one built otherwise (HTTP 503)."""


class IndexDamaged(IndexMissing):
    """A rebuild mends it: a file of the index is missing, cut short or altered (HTTP 503)."""


class EngineUnavailable(SearchsvcError):
    """Waiting may mend it: the engine cannot answer now (HTTP 503 with Retry-After)."""


class BuildRefused(SearchsvcError):
    """A build was not put in place of the current index (exit status 1)."""


class ConfigError(SearchsvcError):
    """The operator can mend it: a setting has a wrong value (exit status 2)."""


class ParseError(SearchsvcError):
    """One input could not be read; counted in the indexing report with its place and reason."""
