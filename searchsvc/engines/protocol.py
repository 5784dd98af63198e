"""What every engine offers: a reader that answers trees, a builder that takes articles."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum
from struct import Struct
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self, TypeVar

from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from searchsvc.correction.vocabulary import Forms
    from searchsvc.engines.explanation import Explanation
    from searchsvc.model import Article, NarrowArticle
    from searchsvc.query.tree import Node, Signal


class Sort(StrEnum):
    """How hits are ordered; undated articles come last in both date orders."""

    RELEVANCE = "relevance"
    DATE = "date"
    DATE_ASC = "date_asc"


class Zone(StrEnum):
    """Which of an article's texts a match stands in."""

    TITLE = "title"
    TEXT = "text"


class Histogram(StrEnum):
    """Date facets; a bucket counts the articles whose whole span lies in it."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"


Facet = Field | Histogram


class Cursor(NamedTuple):
    """The place after a hit in an order: its sort key and its number in the index.

    Hits of the second pass are in an order of their own: ``seen`` of them came up to this one, and
    key and number are the place where the first pass goes on after them.
    """

    key: float
    number: int
    seen: int = 0


class SearchRequest(NamedTuple):
    """One question to an engine; ``deadline`` is a ``time.monotonic()`` moment in seconds.

    With ``signals`` the best articles by score are ordered anew by a second pass, and so they are
    with ``freshness``, what the newest article of the index gains. With ``explain`` hits say what
    their scores are made of. Hits tell where the first ``located`` leaves of the tree stand. Where
    fewer than ``enough`` articles match they are counted and none is given.
    """

    node: Node
    limit: int = 10
    offset: int = 0
    after: Cursor | None = None
    sort: Sort = Sort.RELEVANCE
    facets: tuple[Facet, ...] = ()
    deadline: float | None = None
    signals: tuple[Signal, ...] = ()
    freshness: float = 0.0
    explain: bool = False
    located: int = sys.maxsize
    enough: int = 0


class Match(NamedTuple):
    """One occurrence of a leaf of the tree in an article's title or text.

    ``position`` is the first token's, ``start`` and ``end`` cut the occurrence out of the zone's
    text (code points). A phrase is one match from its first token to its last; of a proximity
    each item is one. ``clause`` numbers the tree's leaves that are not under a Not, from the left.
    """

    zone: Zone
    position: int
    start: int
    end: int
    clause: int


ZONES = (Zone.TEXT, Zone.TITLE)
"""The zones by number."""

PLACE = Struct("5q")
"""A match as it goes from C to C: its zone's number, position, start, end, clause."""


def matches_of(places: bytes) -> tuple[Match, ...]:
    """List the matches that places are."""
    return tuple([Match(ZONES[zone], *rest) for zone, *rest in PLACE.iter_unpack(places)])


class Hit(NamedTuple):
    """One article of an answer; ten take 2 µs to make, 16 as frozen values.

    ``places`` are its matches by zone, then by place, each a ``PLACE``: as objects they take three
    times as long to make and to read.
    """

    article: Article
    score: float
    cursor: Cursor
    places: bytes = b""
    explanation: Explanation | None = None

    @property
    def matches(self) -> tuple[Match, ...]:
        """List where the tree's leaves stand in the article."""
        return matches_of(self.places)


@dataclass(frozen=True, slots=True)
class Bucket:
    """One value of a facet and how many matching articles carry it."""

    value: str
    count: int


class SearchResult(NamedTuple):
    """An engine's answer; ``total`` is exact, ``more`` tells whether hits follow the last one.

    ``undated`` counts matches without a date where facets were asked for.
    ``truncated`` lists the patterns that fitted more terms than their limit.
    """

    total: int
    hits: tuple[Hit, ...]
    more: bool = False
    facets: Mapping[Facet, tuple[Bucket, ...]] = MappingProxyType({})
    undated: int = 0
    truncated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TermFrequency:
    """A term of the vocabulary and the number of articles that have it."""

    term: str
    articles: int


@dataclass(frozen=True, slots=True)
class EngineStats:
    """What an index holds, its size in bytes, and whose loops evaluate it."""

    articles: int
    undated: int
    segments: int
    bytes: int
    generation: int
    kernel: str = ""


class Engine(Protocol):
    """A reader of one generation of an index; safe to use from many threads at once."""

    @property
    def generation(self) -> int:
        """Number of the generation it reads."""

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a tree; raises EngineUnavailable when the deadline passes."""

    def article(self, article_id: str) -> Article:
        """Give a stored article; raises NotFound."""

    def matches(
        self, node: Node, article_id: str, deadline: float | None = None
    ) -> tuple[Match, ...]:
        """List where a tree's leaves stand in one article; raises NotFound, EngineUnavailable."""

    def vocabulary(self, prefix: str, limit: int) -> tuple[TermFrequency, ...]:
        """List surface forms by prefix, the most frequent first."""

    @property
    def forms(self) -> Forms:
        """All surface forms of titles and texts, compounds too: corrections are made of them."""

    def stats(self) -> EngineStats:
        """Count what the index holds."""

    def close(self) -> None:
        """Let go of files."""


class Identity(NamedTuple):
    """What tells whether two articles with one id are the same, and which file each is from."""

    url: str
    title: str
    origin: str = ""


class Prepared(Protocol):
    """An article made ready for an engine; its id is settled afterwards."""

    @property
    def id(self) -> str:
        """Id as parsed."""

    @property
    def identity(self) -> Identity:
        """URL (or empty) and title as parsed."""

    @property
    def origin(self) -> str:
        """Input file it was read from."""

    def renamed(self, article_id: str) -> Self:
        """Give the same article another id."""


ReadyT = TypeVar("ReadyT", bound=Prepared)


ReadyT_co = TypeVar("ReadyT_co", bound=Prepared, covariant=True)


class Preparer(Protocol[ReadyT_co]):
    """What makes articles ready for an engine; it may be sent to another process."""

    def __call__(self, article: Article) -> ReadyT_co:
        """Make one article ready, to be added in any order."""

    def together(self, articles: Sequence[Article | NarrowArticle]) -> Sequence[ReadyT_co]:
        """Make articles ready that will all be added, in this order, as the next ones."""

    def share(self) -> None:
        """Make what processes that are forked off then begin with."""

    def forked(self) -> Preparer[ReadyT_co]:
        """Give the one to use in a process that was forked off."""


class Builder(Protocol[ReadyT]):
    """A writer of the next generation; nothing is visible before ``commit``."""

    def preparer(self) -> Preparer[ReadyT]:
        """Give what makes articles ready; worker processes may run it."""

    def add(self, prepared: ReadyT) -> None:
        """Add an article in place of any with its id."""

    def add_new(self, prepared: Sequence[ReadyT]) -> bool:
        """Add articles made ready together; nothing is added where an id of them is known."""

    def errands(self, parts: int, *, last: bool = False) -> Sequence[Callable[[], Any]]:
        """Give work that other processes may do meanwhile; what each gives goes to ``done``.

        The ``last`` of it comes in so many parts.
        """

    def done(self, result: Any) -> None:
        """Take what an errand gave."""

    def delete(self, ids: Iterable[str]) -> int:
        """Delete by id; returns how many were there."""

    def identity_of(self, article_id: str) -> Identity | None:
        """Tell what article has an id, None where there is none."""

    def ids_from(self, origin: str) -> frozenset[str]:
        """Give the ids of the articles read from a file."""

    def stamps(self) -> dict[str, str]:
        """Give what was noted of each input file when the current generation was built."""

    def stamp(self, stamps: Mapping[str, str]) -> None:
        """Note what input files the next generation is built of."""

    def count(self) -> int:
        """Count the articles the generation will hold."""

    def former_count(self) -> int:
        """Count the articles of the current generation, 0 where there is none."""

    def commit(self) -> int:
        """Make it durable and current; returns its number, raises BuildRefused."""

    def stay(self) -> int:
        """Leave no trace but the current generation; returns its number, raises IndexMissing."""

    def abort(self) -> None:
        """Leave no trace."""
