"""Articles made ready for the index: packed, scanned, their facts as numbers.

In: articles and the analyzer. Out: compact values that cross from a worker process to the builder;
they do not depend on the articles' final ids.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from searchsvc.analysis.scanner import NONE, Scanner
from searchsvc.engines.protocol import Identity
from searchsvc.engines.whoosh.layout import UNDATED
from searchsvc.engines.whoosh.packing_narrow import pack_narrow
from searchsvc.engines.whoosh.stored import pack_article
from searchsvc.model import NARROW, NarrowArticle, Precision
from searchsvc.schema import POSITION_GAP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.model import Article, ArticleDate

EPOCH = datetime(1970, 1, 1)
FIRST = EPOCH.toordinal()

ITEM, PAIR = 4, 8
"""Bytes of an int32, of a position and a form."""

VOCABULARY = 400_000
"""Forms that a process adds to those it knows before it begins anew: about 100 MB."""


class Words(NamedTuple):
    """The words of one article or of several that come one after another.

    ``terms`` are the numbers of the forms of all tokens, ``compounds`` pairs of position and
    form, as the bytes of int32 arrays. Numbers are those of a ``vocabulary``, which began with so
    many ``seeds`` and had ``known`` forms before; ``forms`` are the new ones, joined by line feeds.
    """

    vocabulary: int
    seeds: int
    known: int
    forms: str
    terms: bytes
    compounds: bytes


class Digest(NamedTuple):
    """What the builder needs of one article.

    It has ``tokens`` positions and ``compounds`` whole compounds; the first ``title_tokens``
    positions are the title; the body's begin at ``body_start``. Days and minutes count from 1970
    in Moscow time. The first of several articles has the ``words`` of them all.
    """

    id: str
    url: str
    title: str
    origin: str
    article: bytes
    words: Words | None
    tokens: int
    compounds: int
    title_tokens: int
    body_start: int
    first_day: int
    last_day: int
    minute: int
    source: str
    topics: tuple[str, ...]
    authors: tuple[str, ...]

    @property
    def identity(self) -> Identity:
        """What tells whether another article is the same."""
        return Identity(self.url, self.title, self.origin)

    def renamed(self, article_id: str) -> Digest:
        """Give the same article another id."""
        return self._replace(id=article_id)


class Digests(list[Digest]):
    """Digests that go to another process as columns: half the time of one by one."""

    def __reduce__(self) -> tuple[Callable[..., Digests], tuple[tuple[object, ...], ...]]:
        return _from_columns, tuple(zip(*self, strict=True))


def _from_columns(*columns: Sequence[Any]) -> Digests:
    return Digests(map(Digest._make, zip(*columns, strict=True)))


class Preparer:
    """Makes articles ready; another process gets one with a vocabulary of its own.

    In a process that was forked off the builder's a vocabulary begins with ``seeds``, the forms
    that are known there already with their numbers, and ``inherit`` is called. A few articles read
    elsewhere would not pay for it.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        inherit: Callable[[], None] | None = None,
        seeds: Mapping[str, int] = NONE,
    ) -> None:
        self._analyzer = analyzer
        self._inherit = inherit
        self._seeds = seeds
        self._begun: Mapping[str, int] = NONE
        """What the vocabulary began with."""
        self._scanner: Scanner | None = None

    def __reduce__(self) -> tuple[type[Preparer], tuple[Analyzer]]:
        return Preparer, (self._analyzer,)

    def __call__(self, article: Article) -> Digest:
        """Make one article ready, to be added in any order."""
        scanner = Scanner()
        words = _Gathered(scanner)
        one = words.digest(article)
        return one._replace(words=words.taken(0, 0, 0))

    def together(self, articles: Sequence[Article | NarrowArticle]) -> Digests:
        """Make articles ready that will all be added, in this order, as the next ones."""
        scanner = self._scanner
        if scanner is None or len(scanner.forms) > len(self._begun) + VOCABULARY:
            scanner = self._scanner = Scanner(self._begun)
        known = len(scanner.forms)
        words = _Gathered(scanner)
        digests = Digests(
            words.narrow(article) if isinstance(article, NarrowArticle) else words.digest(article)
            for article in articles
        )
        if digests:
            taken = words.taken(os.getpid(), known, len(self._begun))
            digests[0] = digests[0]._replace(words=taken)
        return digests

    def forked(self) -> Preparer:
        """Give the one to use in a process that was forked off."""
        if self._inherit is not None:
            self._inherit()
        forked = Preparer(self._analyzer)
        forked._begun = self._seeds
        return forked


class _Gathered:
    """The words of articles while they are read."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._terms: list[bytes] = []
        self._compounds: list[bytes] = []
        self._shifts: list[int] = []
        """By how much the positions of each text's compounds are moved, for each of them."""

    def digest(self, article: Article) -> Digest:
        """Read and pack one article."""
        title_tokens = stored_title = compounds = body_start = 0
        if article.title_made:
            title_tokens = len(self._scanner.places(article.title)[0])
        else:
            title_tokens, compounds = self._scan(article.title, 0)
            stored_title = title_tokens
            body_start = stored_title and stored_title + POSITION_GAP
        tokens, more = self._scan(article.text, body_start)
        topics, authors = article.topics, article.authors
        return Digest(
            article.id,
            article.url,
            article.title,
            article.origin,
            pack_article(article),
            None,
            stored_title + tokens,
            compounds + more,
            title_tokens,
            body_start,
            *date_columns(article.date),
            article.source,
            tuple(dict.fromkeys(topics)) if len(topics) > 1 else topics,
            tuple(dict.fromkeys(authors)) if len(authors) > 1 else authors,
        )

    def narrow(self, article: NarrowArticle) -> Digest:
        """Read and pack one article whose title and text are bytes."""
        titles, compounds = self._scan(article.title, 0)
        body_start = titles and titles + POSITION_GAP
        tokens, more = self._scan(article.text, body_start)
        _, title, _, url, date, source, topics, authors, _, _, origin = article
        return Digest(
            article.id,
            url,
            title.decode(NARROW),
            origin,
            pack_narrow(article),
            None,
            titles + tokens,
            compounds + more,
            titles,
            body_start,
            *date_columns(date),
            source,
            tuple(dict.fromkeys(topics)) if len(topics) > 1 else topics,
            tuple(dict.fromkeys(authors)) if len(authors) > 1 else authors,
        )

    def taken(self, vocabulary: int, known: int, seeds: int) -> Words:
        """Give the words of all articles that were read."""
        forms = "\n".join(self._scanner.forms[known:])
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
