"""The service: questions in, highlighted answers out, over whatever generation is current.

In: a question. Out: an answer. Thread-safe; a new generation is picked up between two questions,
20 ms later at most.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.correction.corrector import Reason
from searchsvc.correction.unquoting import unquoted
from searchsvc.engines.opening import open_engine
from searchsvc.engines.protocol import Zone
from searchsvc.errors import IndexMissing, QueryError
from searchsvc.highlighting.fragments import highlighted, mark
from searchsvc.query.explaining import explained
from searchsvc.query.limits import Limits
from searchsvc.query.remembering import READ, RememberingAnalyzer, Texts
from searchsvc.query.synonyms import Synonyms
from searchsvc.query.understanding import FIRST, understood
from searchsvc.query.words import Words
from searchsvc.searching.answer import Answer, Corrected, Found, ShownArticle, Understood
from searchsvc.searching.asking import asked, counted, requested
from searchsvc.searching.correcting import Correctors
from searchsvc.searching.cursors import pack_cursor
from searchsvc.searching.suggesting import suggest
from searchsvc.searching.tiers import untiered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searchsvc.analysis.analyzer import ExplainedToken
    from searchsvc.config import Settings
    from searchsvc.engines.protocol import Engine, EngineStats, Hit, Match, SearchResult
    from searchsvc.query.tree import Node
    from searchsvc.query.understanding import Understanding
    from searchsvc.searching.answer import Question
    from searchsvc.searching.suggesting import Suggestion

ENOUGH = 10
"""With fewer articles that have all the words, those with any of them are shown too."""

SUGGEST_SECONDS = 0.1
"""Time to look through titles; the next letter is typed by then."""

LOOKED_UP = 0.02
"""Seconds that the current generation is not looked up again: to ask the file system takes 15 of a
search's 900 µs where both cores are busy, and another thread has its turn meanwhile."""

AT_ONCE = frozenset({Reason.LAYOUT, Reason.TRANSLITERATION, Reason.TYPO})
"""What a query that finds nothing is corrected for at once; quotes are dropped by readers alone."""

CUT = "Слишком много слов подходит к «{}», взяты самые частые"

log = logging.getLogger(__name__)


class _Outcome(NamedTuple):
    """What came of one understanding: the tree asked at last, and how many have all the words.

    ``asked`` clauses of the tree are asked for; those after them only rank.
    """

    understanding: Understanding
    node: Node
    result: SearchResult
    all_words: int
    asked: int

    @property
    def tier(self) -> float:
        """What stands on the scores of the articles with all the words; infinite where nothing."""
        tiers = self.understanding.tiers and self.node is self.understanding.widened
        return FIRST if tiers else math.inf


class Service:
    """Answers questions over the current generation of one index folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._limits = Limits.of(settings)
        self._analyzer = RememberingAnalyzer()
        self._analyzer.lemmas("слово")  # loads the dictionary before the first question, not in it
        self._words = Words(self._analyzer, self._limits.expansions, READ)
        self._correctors = Correctors(self._analyzer)
        self._synonyms = Synonyms.named(settings.synonyms, self._analyzer)
        self._understood = Texts(self._newly_understood)
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._seen: tuple[int, int] | None = None
        self._known = 0.0
        self._current_path = str(settings.index / "CURRENT")

    def explain(self, text: str) -> list[ExplainedToken]:
        """List a text's tokens with the terms they are found under, each with its kind."""
        return explained(text, self._analyzer, self._synonyms)

    def search(self, question: Question) -> Answer:
        """Answer a question; raises QueryError, IndexMissing, EngineUnavailable."""
        started = time.perf_counter()
        self._check(question)
        understanding = self._understood(question.text)
        engine = self._current()
        deadline = time.monotonic() + self._settings.query_seconds
        outcome = self._outcome(question, understanding, engine, deadline)
        outcome, corrected = self._corrected(question, outcome, engine, deadline)
        result, clauses, tier = outcome.result, outcome.asked, outcome.tier
        return Answer(
            query=_understood(question, outcome, corrected),
            total=result.total,
            took_ms=(time.perf_counter() - started) * 1000,
            generation=engine.generation,
            hits=_found(result.hits, clauses, tier),
            facets=result.facets,
            undated=result.undated,
            next=pack_cursor(result.hits[-1].cursor, question) if result.more else None,
        )

    def _newly_understood(self, text: str) -> Understanding:
        return understood(text, self._words, self._limits, self._synonyms)

    def _outcome(
        self, question: Question, understanding: Understanding, engine: Engine, deadline: float
    ) -> _Outcome:
        """Ask for all the words, or for any of them where few articles have them all.

        Three of four queries that may be widened are, so that all the words are counted first.
        """
        node, wider, all_words = understanding.node, understanding.widened, ENOUGH
        if wider is not None:
            all_words = engine.search(counted(question, node, deadline=deadline)).total
            if all_words < ENOUGH:
                node = wider
        freshness = self._settings.freshness
        request = requested(question, node, understanding, deadline=deadline, freshness=freshness)
        result = engine.search(request)
        if node is not wider:
            all_words = result.total
        return _Outcome(understanding, node, result, all_words, request.located)

    def _corrected(
        self, question: Question, typed: _Outcome, engine: Engine, deadline: float
    ) -> tuple[_Outcome, Corrected | None]:
        """Offer what was probably meant where it finds more; use it where nothing is found."""
        correction = self._correctors.correct(question.text, engine)
        if correction is None and not typed.result.total:
            correction = unquoted(question.text)
        if correction is None:
            return typed, None
        try:
            meant = self._understood(correction.text)
        except QueryError:  # «щ» for each w: longer than a query may be
            return typed, None
        used = not typed.result.total and question.correct and correction.reason in AT_ONCE
        corrected = Corrected(*correction, used=used)
        if corrected.used:
            outcome = self._outcome(question, meant, engine, deadline)
            return (outcome, corrected) if outcome.result.total else (typed, None)
        found = engine.search(counted(question, meant.node, deadline=deadline)).total
        return typed, corrected if found > typed.all_words else None

    def article(self, article_id: str, text: str = "") -> ShownArticle:
        """Show an article with a query's words marked.

        Raises QueryError, NotFound, IndexMissing, EngineUnavailable.
        """
        node = self._understood(text).node
        engine = self._current()
        article = engine.article(article_id)
        deadline = time.monotonic() + self._settings.query_seconds
        titles, texts = _meant(engine.matches(node, article_id, deadline), asked(node))
        return ShownArticle(article, mark(article.title, titles), mark(article.text, texts))

    def suggest(self, text: str) -> tuple[Suggestion, ...]:
        """Complete what is being typed; raises QueryError, IndexMissing, EngineUnavailable."""
        most = self._limits.length
        if len(text) > most:
            message = f"The query's length is {len(text)} characters, at most {most} are allowed"
            raise QueryError(message, parameter="q", limit=most, value=len(text))
        deadline = time.monotonic() + SUGGEST_SECONDS
        return suggest(text, self._current(), self._analyzer, deadline)

    def ready(self) -> EngineStats:
        """Tell what is served; raises IndexMissing, EngineUnavailable."""
        return self._current().stats()

    def close(self) -> None:
        """Let go of the index."""
        with self._lock:
            if self._engine is not None:
                self._engine.close()
            self._engine = self._seen = None

    def _check(self, question: Question) -> None:
        most = self._settings.page_size
        if not 1 <= question.size <= most:
            message = f"size must be 1 to {most}"
            raise QueryError(message, parameter="size", limit=most, value=question.size)
        window = self._settings.window
        if question.page < 1 or question.page * question.size > window:
            message = f"page times size must be 1 to {window}; go on with the cursor in `next`"
            raise QueryError(message, parameter="page", limit=window, value=question.page)

    def _current(self) -> Engine:
        """Give the engine of the current generation, opened anew after a switch."""
        now, engine = time.monotonic(), self._engine
        if engine is not None and now < self._known:
            return engine
        try:
            status = os.stat(self._current_path)  # noqa: PTH116 - four times faster, every time
            seen = (status.st_mtime_ns, status.st_ino)
        except OSError:
            seen = None
        if engine is None or seen != self._seen:
            with self._lock:
                engine = self._opened(seen)
        self._known = now + LOOKED_UP
        return engine

    def _opened(self, seen: tuple[int, int] | None) -> Engine:
        if self._engine is None or seen != self._seen:
            try:
                self._engine = open_engine(self._settings.index)
                self._correctors.prepare(self._engine)
            except IndexMissing as error:
                if self._engine is None:
                    raise
                log.error("the new generation cannot be served, the former one is: %s", error)
            self._seen = seen
        return self._engine


def _understood(question: Question, outcome: _Outcome, corrected: Corrected | None) -> Understood:
    understanding, result, all_words = outcome.understanding, outcome.result, outcome.all_words
    warnings = understanding.warnings
    if result.truncated:
        warnings += tuple([CUT.format(pattern) for pattern in result.truncated])
    return Understood(
        text=question.text,
        interpreted=understanding.interpreted,
        lemmas=understanding.lemmas,
        widened=result.total > all_words,
        all_words=all_words,
        warnings=warnings,
        corrected=corrected,
    )


def _found(hits: Sequence[Hit], asked: int, tier: float) -> tuple[Found, ...]:
    """Show hits; words that only rank are not marked."""
    rows = [((article := hit.article).title, article.text, hit.places) for hit in hits]
    if tier < math.inf:
        hits = [untiered(hit, tier) for hit in hits]
    make = tuple.__new__  # half the time of the class
    return tuple(
        [
            make(Found, (hit.article, hit.score, title, snippets, hit.explanation))
            for hit, (title, snippets) in zip(hits, highlighted(rows, asked), strict=True)
        ]
    )


def _meant(matches: Sequence[Match], asked: int) -> tuple[list[Match], list[Match]]:
    """Part matches in title and text, and leave out words that only rank.

    The «в» of «погода в Москве» stands in every sentence.
    """
    titles: list[Match] = []
    texts: list[Match] = []
    for match in matches:
        if match.clause < asked:
            (titles if match.zone is Zone.TITLE else texts).append(match)
    return titles, texts
