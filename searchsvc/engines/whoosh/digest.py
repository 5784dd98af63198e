"""Articles made ready for the index: packed, scanned, their facts as numbers.

In: articles and the analyzer. Out: compact values that cross from a worker process to the builder;
they do not depend on the articles' final ids.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, overload

import numpy as np

from searchsvc.analysis.scanner import Scanner
from searchsvc.engines.protocol import Identity
from searchsvc.engines.whoosh.layout import UNDATED
from searchsvc.engines.whoosh.packing_articles import pack_article
from searchsvc.engines.whoosh.packing_narrow import pack_narrow
from searchsvc.engines.whoosh.stored import unpack_article
from searchsvc.model import NarrowArticle, Precision
from searchsvc.schema import POSITION_GAP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.model import Article, ArticleDate

EPOCH = datetime(1970, 1, 1)
FIRST = EPOCH.toordinal()

ITEM, PAIR = 4, 8
"""Bytes of an int32, of a position and a form."""

VOCABULARY = 400_000
"""Forms that a process adds to those it knows before it begins anew: about 54 MB."""


class Words(NamedTuple):
    """The words of one article or of several that come one after another.

    ``terms`` are the numbers of the forms of all tokens, ``compounds`` pairs of position and
    form, as the bytes of int32 arrays. Numbers are those of a ``vocabulary``, which began with so
    many ``seeds`` and had ``known`` forms before; ``forms`` are the new ones, joined by line feeds.
    """

    vocabulary: int
    seeds: int
    known: int
    forms: bytes
    terms: bytes
    compounds: bytes


class Digest(NamedTuple):
    """What the builder needs of one article.

    ``numbers`` are those of ``Number``. The first of several articles has the ``words`` of them
    all.
    """

    id: str
    origin: str
    article: bytes
    words: Words | None
    source: str
    topics: tuple[str, ...]
    authors: tuple[str, ...]
    numbers: tuple[int, ...]

    @property
    def identity(self) -> Identity:
        """What tells whether another article is the same."""
        article = unpack_article(self.article, self.id)
        return Identity(article.url, article.title, self.origin)

    def renamed(self, article_id: str) -> Digest:
        """Give the same article another id."""
        return self._replace(id=article_id)


class Number(IntEnum):
    """Numbers of an article, by their places.

    It takes ``SIZE`` bytes, has ``TOKENS`` positions and ``COMPOUNDS`` whole compounds; the first
    ``TITLE_TOKENS`` positions are the title; the body's begin at ``BODY_START``. Days and minutes
    count from 1970 in Moscow time.
    """

    SIZE = 0
    TOKENS = 1
    COMPOUNDS = 2
    TITLE_TOKENS = 3
    BODY_START = 4
    FIRST_DAY = 5
    LAST_DAY = 6
    MINUTE = 7


class Digests(Sequence[Digest]):
    """Digests column by column: so they are made, handed over and gathered.

    ``articles`` stand end to end; ``numbers`` is int64 (articles, ``Number``).
    """

    __slots__ = (
        *("words", "ids", "origins", "articles", "sources", "topics", "authors", "numbers"),
        "_ends",
    )

    def __init__(
        self,
        words: Words | None,
        ids: list[str],
        origins: list[str],
        articles: bytes,
        sources: list[str],
        topics: list[tuple[str, ...]],
        authors: list[tuple[str, ...]],
        numbers: NDArray[np.int64],
    ) -> None:
        self.words = words
        self.ids = ids
        self.origins = origins
        self.articles = articles
        self.sources = sources
        self.topics = topics
        self.authors = authors
        self.numbers = numbers
        self._ends: NDArray[np.int64] | None = None

    @classmethod
    def of(cls, digests: Iterable[Digest], words: Words | None = None) -> Digests:
        """Put digests into columns."""
        rows = list(digests)
        ids, origins, articles, _, sources, topics, authors, numbers = (
            map(list, zip(*rows, strict=True)) if rows else ([] for _ in Digest._fields)
        )
        table = np.array(numbers, np.int64).reshape(-1, len(Number))
        return cls(words, ids, origins, b"".join(articles), sources, topics, authors, table)

    def __reduce__(self) -> tuple[type[Digests], tuple[object, ...]]:
        return Digests, tuple(getattr(self, name) for name in self.__slots__[:-1])

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: int) -> Digest: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Digest]: ...
    def __getitem__(self, place: int | slice) -> Digest | Sequence[Digest]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        place = range(len(self))[place]
        return Digest(
            self.ids[place],
            self.origins[place],
            self.article(place),
            self.words if place == 0 else None,
            self.sources[place],
            self.topics[place],
            self.authors[place],
            tuple(self.numbers[place].tolist()),
        )

    def article(self, place: int) -> bytes:
        """Give a packed article."""
        if self._ends is None:
            self._ends = np.cumsum(self.numbers[:, Number.SIZE])
        end = int(self._ends[place])
        return self.articles[end - int(self.numbers[place, Number.SIZE]) : end]


class Preparer:
    """Makes articles ready; another process gets one with a vocabulary of its own.

    In a process that was forked off the builder's a vocabulary begins with ``seeds``, the lines of
    the forms that are known there already, and ``inherit`` is called. A few articles read
    elsewhere would not pay for it.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        inherit: Callable[[], None] | None = None,
        seeds: bytes = b"",
    ) -> None:
        self._analyzer = analyzer
        self._inherit = inherit
        self._seeds = seeds
        self._begun = b""
        """What the vocabulary began with."""
        self._scanner: Scanner | None = None
        self._shared: Scanner | None = None

    def __reduce__(self) -> tuple[type[Preparer], tuple[Analyzer]]:
        return Preparer, (self._analyzer,)

    def __call__(self, article: Article) -> Digest:
        """Make one article ready, to be added in any order."""
        words = _Gathered(Scanner())
        one = words.digest(article)
        return one._replace(words=words.taken(0, 0))

    def together(self, articles: Sequence[Article | NarrowArticle]) -> Digests:
        """Make articles ready that will all be added, in this order, as the next ones."""
        scanner = self._scanner
        if scanner is None or len(scanner) - scanner.known > VOCABULARY:
            scanner = self._scanner = Scanner(self._begun)
        known = len(scanner)
        words = _Gathered(scanner)
        digests = [words.digest(article) for article in articles]
        taken = words.taken(os.getpid(), known) if digests else None
        return Digests.of(digests, taken)

    def share(self) -> None:
        """Make what processes that are forked off then begin with: 0.03 s for 244,000 forms."""
        self._shared = Scanner(self._seeds)

    def forked(self) -> Preparer:
        """Give the one to use in a process that was forked off."""
        if self._inherit is not None:
            self._inherit()
        forked = Preparer(self._analyzer)
        forked._begun = self._seeds
        forked._scanner = self._shared
        return forked


class _Gathered:
    """The words of articles while they are read."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._terms: list[bytes] = []
        self._compounds: list[bytes] = []
        self._shifts: list[int] = []
        """By how much the positions of each text's compounds are moved, for each of them."""

    def digest(self, article: Article | NarrowArticle) -> Digest:
        """Read and pack one article."""
        if isinstance(article, NarrowArticle):
            return self._digest(article, pack_narrow(article), *self._scan(article.title, 0))
        packed = pack_article(article)
        if not article.title_made:
            return self._digest(article, packed, *self._scan(article.title, 0))
        made = len(self._scanner.places(article.title)[0])
        return self._digest(article, packed, 0, 0, made)

    def _digest(
        self,
        article: Article | NarrowArticle,
        packed: bytes,
        titles: int,
        compounds: int,
        made: int = 0,
    ) -> Digest:
        """Read the text; the title has so many tokens and compounds, or is ``made`` of tokens."""
        body_start = titles and titles + POSITION_GAP
        tokens, more = self._scan(article.text, body_start)
        topics, authors = article.topics, article.authors
        facts = (len(packed), titles + tokens, compounds + more, titles or made, body_start)
        return Digest(
            article.id,
            article.origin,
            packed,
            None,
            article.source,
            tuple(dict.fromkeys(topics)) if len(topics) > 1 else topics,
            tuple(dict.fromkeys(authors)) if len(authors) > 1 else authors,
            facts + date_columns(article.date),
        )

    def taken(self, vocabulary: int, known: int) -> Words:
        """Give the words of all articles that were read."""
        seeds = self._scanner.known
        forms = self._scanner.lines(known - seeds)
        compounds = np.frombuffer(b"".join(self._compounds), np.int32).reshape(-1, 2).copy()
        compounds[:, 0] += np.array(self._shifts, np.int32)
        return Words(vocabulary, seeds, known, forms, b"".join(self._terms), compounds.tobytes())

    def _scan(self, text: str | bytes, start: int) -> tuple[int, int]:
        """Read a text whose positions begin at ``start``; gives its tokens and compounds."""
        terms, compounds = self._scanner.terms(text)
        self._terms.append(terms)
        if compounds:
            self._compounds.append(compounds)
            self._shifts += [start] * (len(compounds) // PAIR)
        return len(terms) // ITEM, len(compounds) // PAIR


def date_columns(date: ArticleDate | None) -> tuple[int, int, int]:
    """Give the first day, the last day and the first minute of a date's span since 1970."""
    if date is None:
        return UNDATED, UNDATED, UNDATED
    start = date.start
    first = start.toordinal() - FIRST
    last = first
    if date.precision is not Precision.MINUTE and date.precision is not Precision.DAY:
        last = date.last_day.toordinal() - FIRST
    return first, last, first * 1440 + start.hour * 60 + start.minute
