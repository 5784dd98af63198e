"""What is asked and what is answered, as values; web and command line only write them out.

What every search has is a named tuple: a frozen dataclass takes three times as long to make.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from searchsvc.correction.corrector import Reason
    from searchsvc.engines.explanation import Explanation
    from searchsvc.engines.protocol import Bucket, Facet, Sort
    from searchsvc.highlighting.snippet import Snippet
    from searchsvc.model import Article


PAGE_SIZE = 10
"""Hits of a page, if the limit is not lower and nothing else is asked for."""


class Question(NamedTuple):
    """One search as asked: the query text, and the filters that stand beside it.

    ``first`` and ``last`` are Moscow days, both included; ``page`` counts from 1; ``cursor`` is
    the ``next`` of an earlier answer and takes the place of ``page``. Without ``correct`` the text
    is taken as it is. With ``explain`` hits say what their scores are made of.
    """

    text: str = ""
    page: int = 1
    size: int = PAGE_SIZE
    cursor: str | None = None
    sort: Sort | None = None
    first: date | None = None
    last: date | None = None
    source: str | None = None
    topic: str | None = None
    author: str | None = None
    facets: tuple[Facet, ...] = ()
    correct: bool = True
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Corrected:
    """What was probably meant, and whether the answer is to that instead of to what was typed."""

    text: str
    reason: Reason
    used: bool = False


class Understood(NamedTuple):
    """How the query was read.

    ``interpreted`` is a normalised query that means the same; ``lemmas`` are the terms looked
    for; ``all_words`` counts the articles with all the words when ``widened`` says that articles
    with only some of them are in the answer too. Where ``corrected`` is used, all but ``text`` is
    about it.
    """

    text: str
    interpreted: str
    lemmas: tuple[str, ...] = ()
    widened: bool = False
    all_words: int = 0
    warnings: tuple[str, ...] = ()
    corrected: Corrected | None = None


class Found(NamedTuple):
    """One hit: the article, its title and its best fragments with marks.

    ``explanation`` adds up to the score, where it was asked for.
    """

    article: Article
    score: float
    title: Snippet
    snippets: tuple[Snippet, ...]
    explanation: Explanation | None = None


class Answer(NamedTuple):
    """One answer; ``total`` is exact, ``took_ms`` milliseconds, ``next`` a cursor or None."""

    query: Understood
    total: int
    took_ms: float
    generation: int
    hits: tuple[Found, ...] = ()
    facets: Mapping[Facet, tuple[Bucket, ...]] = MappingProxyType({})
    undated: int = 0
    next: str | None = None


@dataclass(frozen=True, slots=True)
class ShownArticle:
    """One article with a query's words marked in its title and text."""

    article: Article
    title: Snippet
    text: Snippet
