"""The lemmas of every form met so far, kept beside the index for the next build.

In: forms. Out: for each the numbers of its lemmas. New forms are lemmatised in bulk, here or in
other processes. A file (``lemma_file``) that is damaged or of another version is left aside, which
costs time and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import lemma_file
from searchsvc.engines.whoosh.inversion import Targets
from searchsvc.engines.whoosh.numbering import Numbered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.analysis.lemmatising import Lemmatised

NAME = "lemmas"
KEPT = 1_000_000
"""Forms in the file at most, the newest ones: 8 MB there, 200 MB in memory."""

LARGE = 1_000_000
"""Bytes of a table, of some 120,000 forms, beside which updates have their own: the lemmas of 1,000
articles are found in less time than it takes to read and write it (3 s a million forms)."""

RECENT = "lemmas.recent"
KEPT_RECENT = 100_000

BULK = 4_000
"""Forms that another process lemmatises at once: about 20 ms."""


Learnt = tuple[int, "Lemmatised"]
"""The number of an errand and what it gave."""


@dataclass(slots=True)
class _Batch:
    """A range of rows, and what was learnt of them: numbers of lemmas."""

    first: int
    last: int
    counts: NDArray[np.int32] | None = None
    numbers: NDArray[np.int32] | None = None


class LemmaTable:
    """Forms and their lemmas, of this build and former ones.

    ``forms`` and ``lemmas`` have their numbers here: a form's is its row. Whoever gives numbers to
    new forms makes rows, whose lemmas are to be learnt.
    """

    def __init__(self, path: Path, analyzer: Analyzer, kept: int | None = None) -> None:
        self._path = path
        self._kept = KEPT if kept is None else kept
        self._analyzer = analyzer
        self.forms, self.lemmas = Numbered(), Numbered()
        self._counts = np.zeros(0, np.int32)
        self._numbers = np.zeros(0, np.int32)
        self._new: list[_Batch] = []
        self._saved = 0
        self._errands: dict[int, _Batch] = {}
        self._sent = count()
        self._load()
        self._asked = len(self.forms)
        """Rows whose lemmas are known, or will be."""

    def known(self) -> bytes:
        """Give the forms that the table has, or will have, as lines in the order of their rows."""
        return self.forms.lines(0, len(self.forms))

    def errands(self, parts: int, *, last: bool = False) -> list[Callable[[], Learnt]]:
        """Give work for other processes: a bulk of forms to lemmatise, or the rest in parts."""
        first, end = self._asked, len(self.forms)
        if end - first < (1 if last else BULK):
            return []
        size = -(-(end - first) // parts) if last else end - first
        return [self._errand(begin, min(begin + size, end)) for begin in range(first, end, size)]

    def learn(self, learnt: Learnt) -> None:
        """Take what an errand gave; raises KeyError for one that is not under way."""
        number, lemmas = learnt
        batch = self._errands.pop(number)
        if batch.counts is None:
            self._fill(batch, lemmas)

    def targets(self, rows: NDArray[np.int32]) -> tuple[NDArray[np.int32], Targets]:
        """Give the lemmas of forms: their distinct numbers, and for each form its places in them.

        What was not learnt is lemmatised here.
        """
        self._settle()
        counts = self._counts[rows]
        begins = np.concatenate((np.zeros(1, np.int32), np.cumsum(counts, dtype=np.int32)))
        starts = (np.cumsum(self._counts, dtype=np.int64) - self._counts)[rows]
        places = np.arange(int(begins[-1])) + np.repeat(starts - begins[:-1], counts)
        numbers = self._numbers[places]
        used = np.zeros(len(self.lemmas), np.bool_)
        used[numbers] = True
        ranks = np.cumsum(used, dtype=np.int32) - np.int32(1)
        return np.flatnonzero(used).astype(np.int32), Targets(begins, ranks[numbers])

    def save(self) -> None:
        """Write the file anew when there is something new, in one step."""
        if len(self.forms) == self._saved:
            return
        lemma_file.write(self._path, self._analyzer.fingerprint, self._newest())
        self._saved = len(self.forms)

    def _newest(self) -> lemma_file.Stored:
        """Lay out the newest forms, sorted, and their lemmas, sorted too."""
        newest = np.arange(max(0, len(self.forms) - self._kept), len(self.forms), dtype=np.int32)
        forms = _in_order(newest, self.forms.sorted(newest).ranks)
        lemmas, (begins, places) = self.targets(forms)
        ranks = self.lemmas.sorted(lemmas).ranks
        return lemma_file.Stored(
            self.forms.chosen(forms),
            self.lemmas.chosen(_in_order(lemmas, ranks)),
            np.diff(begins),
            ranks[places],
        )

    def _errand(self, first: int, last: int) -> Callable[[], Learnt]:
        number = next(self._sent)
        self._errands[number] = self._batch(first, last)
        return partial(_run, self._analyzer, number, self.forms.lines(first, last))

    def _batch(self, first: int, last: int) -> _Batch:
        batch = _Batch(first, last)
        self._new.append(batch)
        self._asked = last
        return batch

    def _fill(self, batch: _Batch, lemmas: Lemmatised) -> None:
        """Give numbers to the lemmas of a batch."""
        batch.counts, batch.numbers = lemmas.counts, self.lemmas.numbers(lemmas.lines)

    def _settle(self) -> None:
        """Lay out what was learnt behind what was there; what was not is lemmatised here."""
        if self._asked < len(self.forms):
            self._batch(self._asked, len(self.forms))
        if not self._new:
            return
        for batch in self._new:
            if batch.counts is None:
                lines = self.forms.lines(batch.first, batch.last)
                self._fill(batch, self._analyzer.lemmas_of_lines(lines))
        self._counts = np.concatenate([self._counts, *(batch.counts for batch in self._new)])
        self._numbers = np.concatenate([self._numbers, *(batch.numbers for batch in self._new)])
        self._new = []

    def _load(self) -> None:
        kept = lemma_file.read(self._path, self._analyzer.fingerprint)
        if kept is None:
            return
        self.forms, self.lemmas, self._counts, self._numbers = kept
        self._saved = len(self.forms)


def table_of(index: Path, analyzer: Analyzer, *, update: bool) -> LemmaTable:
    """Open the table of an index folder; an update beside a large one has its own."""
    path = index / NAME
    if update and path.exists() and path.stat().st_size > LARGE:
        return LemmaTable(index / RECENT, analyzer, KEPT_RECENT)
    return LemmaTable(path, analyzer)


def _in_order(numbers: NDArray[np.int32], ranks: NDArray[np.int32]) -> NDArray[np.int32]:
    """Put numbers where their ranks are."""
    ordered = np.empty_like(numbers)
    ordered[ranks] = numbers
    return ordered


def _run(analyzer: Analyzer, number: int, lines: bytes) -> Learnt:
    """Do an errand, in another process."""
    return number, analyzer.lemmas_of_lines(lines)
