"""Correctors by generation: made in the background when one is opened, waited for when needed.

In: an engine. Out: a corrector of its words; that of the former generation is let go.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as TooLate
from typing import TYPE_CHECKING

from searchsvc.correction.corrector import Corrector, familiar
from searchsvc.correction.vocabulary import Vocabulary
from searchsvc.errors import SearchsvcError

if TYPE_CHECKING:
    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.correction.corrector import Correction
    from searchsvc.engines.protocol import Engine

PATIENCE = 1.0
"""Seconds that a question waits for a corrector under way; without one it is answered as typed."""

log = logging.getLogger(__name__)


class Correctors:
    """Keeps the corrector of one generation; safe to use from many threads."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._lock = threading.Lock()
        self._generation: int | None = None
        self._made: Future[Corrector] = Future()
        self._ready: tuple[int, Corrector | None] = (0, None)

    def prepare(self, engine: Engine) -> Future[Corrector]:
        """Begin to make the corrector of an engine's generation, unless that was begun."""
        with self._lock:
            if self._generation != engine.generation:
                self._generation, self._made = engine.generation, Future()
                self._ready = (0, None)
                work = threading.Thread(target=self._make, args=(engine, self._made), daemon=True)
                work.start()
            return self._made

    def correct(self, query: str, engine: Engine) -> Correction | None:
        """Give what was probably meant; None where nothing was or no corrector is ready in time."""
        generation, corrector = self._ready
        if corrector is not None and generation == engine.generation:
            return corrector.correct(query)
        made = self.prepare(engine)
        if not made.done() and familiar(query, self._analyzer):
            return None
        try:
            corrector = made.result(PATIENCE)
        except (TooLate, CancelledError):
            return None
        with self._lock:
            if self._generation == engine.generation:  # a question may outlive its generation
                self._ready = engine.generation, corrector
        return corrector.correct(query)

    def _make(self, engine: Engine, made: Future[Corrector]) -> None:
        try:
            made.set_result(Corrector(Vocabulary(engine.forms), self._analyzer))
        except SearchsvcError as error:
            log.error("queries are not corrected: %s", error)
        finally:
            made.cancel()
