"""Articles made ready for the index: packed, scanned, their facts as numbers.

In: articles and the analyzer. Out: compact values that cross from a worker process to the builder;
they do not depend on the articles' final ids.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.analysis.scanner import Scanner
from searchsvc.engines.protocol import Identity
from searchsvc.engines.whoosh.layout import UNDATED
from searchsvc.engines.whoosh.stored import pack_article
from searchsvc.schema import POSITION_GAP

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.model import Article, ArticleDate

EPOCH = datetime(1970, 1, 1)

VOCABULARY = 400_000
"""Forms after which a process begins a new vocabulary: about 100 MB."""


class Words(NamedTuple):
    """The words of one article or of several that come one after another.

    ``terms`` are the numbers of the forms of all tokens, ``compounds`` pairs of position and
    form, as the bytes of int32 arrays. Numbers are those of a ``vocabulary``, which had ``known``
    forms before; ``forms`` are the new ones, joined by line feeds.
    """

    vocabulary: int
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
    identity: Identity
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
    origin: str

    def renamed(self, article_id: str) -> Digest:
        """Give the same article another id."""
        return self._replace(id=article_id)


class Preparer:
    """Makes articles ready; another process gets one with a vocabulary of its own.

    ``inherit`` is called in a process that was forked off the builder's.
    """

    def __init__(self, analyzer: Analyzer, inherit: Callable[[], None] | None = None) -> None:
        self._analyzer = analyzer
        self._inherit = inherit
        self._scanner: Scanner | None = None

    def __reduce__(self) -> tuple[type[Preparer], tuple[Analyzer]]:
        return Preparer, (self._analyzer,)

    def __call__(self, article: Article) -> Digest:
        """Make one article ready, to be added in any order."""
        scanner = Scanner()
        words = _Gathered(scanner)
        one = words.digest(article)
        return one._replace(words=words.taken(0, 0))

    def together(self, articles: Sequence[Article]) -> list[Digest]:
        """Make articles ready that will all be added, in this order, as the next ones."""
        scanner = self._scanner
        if scanner is None or len(scanner.forms) > VOCABULARY:
            scanner = self._scanner = Scanner()
        known = len(scanner.forms)
        words = _Gathered(scanner)
        digests = [words.digest(article) for article in articles]
        if digests:
            digests[0] = digests[0]._replace(words=words.taken(os.getpid(), known))
        return digests

    def forked(self) -> Preparer:
        """Give the one to use in a process that was forked off."""
        if self._inherit is not None:
            self._inherit()
        return Preparer(self._analyzer)


class _Gathered:
    """The words of articles while they are read."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._terms: list[bytes] = []
        self._compounds: list[bytes] = []

    def digest(self, article: Article) -> Digest:
        """Read and pack one article."""
        title = self._scanner.scan("" if article.title_made else article.title)
        body = self._scanner.scan(article.text)
        title_tokens = stored_title = title.forms.size
        if article.title_made:
            title_tokens = self._scanner.places(article.title)[0].size
        body_start = stored_title and stored_title + POSITION_GAP
        compounds = body.compounds
        if body_start:
            compounds = compounds + np.array((body_start, 0), np.int32)
        self._terms += (title.forms.tobytes(), body.forms.tobytes())
        self._compounds += (title.compounds.tobytes(), compounds.tobytes())
        first_day, last_day, minute = date_columns(article.date)
        return Digest(
            id=article.id,
            identity=Identity(article.url, article.title, article.origin),
            article=pack_article(article),
            words=None,
            tokens=stored_title + body.forms.size,
            compounds=len(title.compounds) + len(compounds),
            title_tokens=title_tokens,
            body_start=body_start,
            first_day=first_day,
            last_day=last_day,
            minute=minute,
            source=article.source,
            topics=tuple(dict.fromkeys(article.topics)),
            authors=tuple(dict.fromkeys(article.authors)),
            origin=article.origin,
        )

    def taken(self, vocabulary: int, known: int) -> Words:
        """Give the words of all articles that were read."""
        forms = "\n".join(self._scanner.forms[known:])
        return Words(vocabulary, known, forms, b"".join(self._terms), b"".join(self._compounds))


def date_columns(date: ArticleDate | None) -> tuple[int, int, int]:
    """Give the first day, the last day and the first minute of a date's span since 1970."""
    if date is None:
        return UNDATED, UNDATED, UNDATED
    first = (date.first_day - EPOCH.date()).days
    last = (date.last_day - EPOCH.date()).days
    return first, last, int((date.start - EPOCH).total_seconds() // 60)
