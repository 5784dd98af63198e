"""bm25s: eager scores in sparse arrays, any of the words, no positions and no stored fields."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

import bm25s
import numpy as np

from bench.contestants.contract import HITS, Answer, Stage
from bench.corpus import rows
from bench.queries import Query, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Bm25s:
    """Scores computed when indexing, summed when asked."""

    stages = (Stage.IDS,)
    hits = HITS

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def build(self, corpus: Path, segments: int) -> float:  # noqa: ARG002 - one matrix
        """Give every term a number and index them."""
        shutil.rmtree(self._folder, ignore_errors=True)
        started = time.perf_counter()
        numbers: dict[str, int] = {}
        documents = [
            [numbers.setdefault(term, len(numbers)) for term in row.text.split()]
            for row in rows(corpus)
        ]
        model = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
        model.index((documents, numbers), show_progress=False)
        model.save(str(self._folder), show_progress=False)
        return time.perf_counter() - started

    def open(self) -> int:
        """Map the matrix into memory."""
        self._model = bm25s.BM25.load(str(self._folder), mmap=True, show_progress=False)
        return 1

    def prepare(self, query: Query) -> list[str] | None:
        """Take the known terms of an OR."""
        known = [term for term in query.terms if term in self._model.vocab_dict]
        return known if query.shape is Shape.OR and known else None

    def ask(self, prepared: list[str], stage: Stage) -> Answer:  # noqa: ARG002 - ids only
        """Sum scores, count what has one, choose the best."""
        scores = self._model.get_scores(prepared)
        best = np.argpartition(-scores, self.hits)[: self.hits]
        return Answer(int(np.count_nonzero(scores)), best[np.argsort(-scores[best])])

    def numbers(self, answer: Answer) -> Sequence[int]:
        """Documents are numbered as they came."""
        return answer.found.tolist()
