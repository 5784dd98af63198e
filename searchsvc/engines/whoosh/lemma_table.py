"""The lemmas of every form met so far, kept beside the index for the next build.

In: forms. Out: for each the numbers of its lemmas. New forms are lemmatised in bulk, here or in
other processes. A file (``lemma_file``) that is damaged or of another version is left aside, which
costs time and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import chain, compress, count, islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh import lemma_file
from searchsvc.engines.whoosh.inversion import Targets, one_each
from searchsvc.engines.whoosh.numbering import numbering

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from searchsvc.analysis.analyzer import Analyzer

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


class Lemmas(NamedTuple):
    """Lemmas of some forms: form i has the next ``counts[i]`` of the lines of ``lines``.

    As two buffers they go from one process to another in a tenth of the time of tuples of texts.
    """

    counts: NDArray[np.int32]
    lines: str


Learnt = tuple[int, Lemmas]
"""The number of an errand and what it gave."""


@dataclass(slots=True)
class _Batch:
    """Forms whose rows follow each other, and what was learnt of them, numbers of lemmas."""

    forms: list[str]
    counts: NDArray[np.int32] | None = None
    numbers: NDArray[np.int32] | None = None


class LemmaTable:
    """Forms and their lemmas, of this build and former ones."""

    def __init__(self, path: Path, analyzer: Analyzer, kept: int | None = None) -> None:
        self._path = path
        self._kept = KEPT if kept is None else kept
        self._analyzer = analyzer
        self._rows: dict[str, int] = numbering()
        self._lemmas: list[str] = []
        self._known_lemmas: dict[str, int] | None = None
        """The numbers of lemmas, made when new forms come: a rebuild seldom has any."""
        self._counts = np.zeros(0, np.int32)
        self._numbers = np.zeros(0, np.int32)
        self._unsent: list[str] = []
        self._new: list[_Batch] = []
        self._saved = 0
        self._errands: dict[int, _Batch] = {}
        self._sent = count()
        self._load()

    def known(self) -> dict[str, int]:
        """Give the forms that the table has, or will have, and their rows, in that order."""
        return dict(self._rows)

    def ask(self, forms: Sequence[str]) -> None:
        """Give rows to the forms that have none yet: their lemmas are to be learnt."""
        before = len(self._rows)
        new = self._rows_of(forms) >= before
        self._unsent += dict.fromkeys(compress(forms, new.tolist()))

    def errands(self, parts: int, *, last: bool = False) -> list[Callable[[], Learnt]]:
        """Give work for other processes: a bulk of forms to lemmatise, or the rest in parts."""
        if len(self._unsent) < (1 if last else BULK):
            return []
        forms, self._unsent = self._unsent, []
        size = -(-len(forms) // parts) if last else len(forms)
        shares = (forms[begin : begin + size] for begin in range(0, len(forms), size))
        return [self._errand(share) for share in shares]

    def learn(self, learnt: Learnt) -> None:
        """Take what an errand gave; raises KeyError for one that is not under way."""
        number, lemmas = learnt
        batch = self._errands.pop(number)
        if batch.counts is None:
            self._fill(batch, lemmas)

    def rows(self, forms: Sequence[str]) -> NDArray[np.int64]:
        """Give the rows of forms in the table; what it does not have is lemmatised here.

        The first call orders a table that was made anew, so that rows are as in one that was read.
        """
        before = len(self._rows)
        rows = self._rows_of(forms)
        self._unsent += islice(self._rows, before, None) if len(self._rows) > before else ()
        if self._settled():
            return rows
        self._order()
        return self._rows_of(forms)

    def _rows_of(self, forms: Sequence[str]) -> NDArray[np.int64]:
        return np.fromiter(map(self._rows.__getitem__, forms), np.int64, len(forms))

    def ordered(self, forms: Sequence[str], rows: NDArray[np.int64]) -> tuple[list[str], Targets]:
        """Give forms in the order of the table, which is nearly sorted where a build wrote it."""
        order = np.argsort(rows, kind="stable")
        places = np.empty(order.size, np.int32)
        places[order] = np.arange(order.size, dtype=np.int32)
        begins, _ = one_each(order.size)
        return [forms[number] for number in order.tolist()], Targets(begins, places)

    def targets(self, rows: NDArray[np.int64]) -> tuple[list[str], Targets]:
        """Give the lemmas of forms: the distinct ones, and for each form its numbers in them."""
        counts = self._counts[rows]
        begins = np.concatenate((np.zeros(1, np.int32), np.cumsum(counts, dtype=np.int32)))
        starts = (np.cumsum(self._counts, dtype=np.int64) - self._counts)[rows]
        places = np.arange(int(begins[-1])) + np.repeat(starts - begins[:-1], counts)
        numbers = self._numbers[places]
        used = np.zeros(len(self._lemmas), np.bool_)
        used[numbers] = True
        ranks = np.cumsum(used, dtype=np.int32) - np.int32(1)
        return list(compress(self._lemmas, used.tolist())), Targets(begins, ranks[numbers])

    def save(self) -> None:
        """Write the file anew when there is something new, in one step."""
        self._settled()
        if len(self._rows) == self._saved:
            return
        lemma_file.write(self._path, self._analyzer.fingerprint, self._newest())
        self._saved = len(self._rows)

    def _newest(self) -> lemma_file.Stored:
        """Lay out the newest forms, sorted, and all lemmas, sorted too."""
        forms = sorted(islice(self._rows, max(0, len(self._rows) - self._kept), None))
        lemmas, (begins, numbers) = self.targets(self.rows(forms))
        order, ranks = _sorted(lemmas)
        return lemma_file.Stored(forms, order, np.diff(begins), ranks[numbers])

    def _errand(self, forms: list[str]) -> Callable[[], Learnt]:
        number = next(self._sent)
        self._errands[number] = self._batch(forms)
        return partial(_run, self._analyzer, number, "\n".join(forms))

    def _batch(self, forms: list[str]) -> _Batch:
        batch = _Batch(forms)
        self._new.append(batch)
        return batch

    def _fill(self, batch: _Batch, lemmas: Lemmas) -> None:
        """Give numbers to the lemmas of a batch."""
        if self._known_lemmas is None:
            self._known_lemmas = numbering(dict(zip(self._lemmas, count(), strict=False)))
        known, lines = self._known_lemmas, lemmas.lines.split("\n")
        batch.counts = lemmas.counts
        batch.numbers = np.fromiter(map(known.__getitem__, lines), np.int32, len(lines))

    def _settled(self) -> bool:
        """Lay out what was learnt behind what was there; what was not is lemmatised here.

        Tells whether rows stay: not those of a table that was made anew.
        """
        if self._unsent:
            self._batch(self._unsent)
            self._unsent = []
        if not self._new:
            return True
        for batch in self._new:
            if batch.counts is None:
                self._fill(batch, lemmas_of(self._analyzer, batch.forms))
        had = self._counts.size
        self._counts = np.concatenate([self._counts, *(batch.counts for batch in self._new)])
        self._numbers = np.concatenate([self._numbers, *(batch.numbers for batch in self._new)])
        self._lemmas = list(self._known_lemmas or ())
        self._new = []
        return had > 0

    def _order(self) -> None:
        """Sort forms and lemmas: what is written of them is sorted, twice if not here."""
        forms = sorted(self._rows)
        lemmas, (begins, numbers) = self.targets(self._rows_of(forms))
        self._rows = numbering(dict(zip(forms, count(), strict=False)))
        self._lemmas, ranks = _sorted(lemmas)
        self._known_lemmas = None
        self._counts, self._numbers = np.diff(begins), ranks[numbers]

    def _load(self) -> None:
        stored = lemma_file.read(self._path, self._analyzer.fingerprint)
        if stored is None:
            return
        self._rows = numbering(dict(zip(stored.forms, count(), strict=False)))
        self._lemmas = list(stored.lemmas)
        self._counts, self._numbers = stored.counts, stored.numbers
        self._saved = len(self._rows)


def table_of(index: Path, analyzer: Analyzer, *, update: bool) -> LemmaTable:
    """Open the table of an index folder; an update beside a large one has its own."""
    path = index / NAME
    if update and path.exists() and path.stat().st_size > LARGE:
        return LemmaTable(index / RECENT, analyzer, KEPT_RECENT)
    return LemmaTable(path, analyzer)


def lemmas_of(analyzer: Analyzer, forms: Sequence[str]) -> Lemmas:
    """Lemmatise forms, each of which is asked about once."""
    lemmas = analyzer.lemmas_of_each(forms)
    counts = np.fromiter(map(len, lemmas), np.int32, len(lemmas))
    return Lemmas(counts, "\n".join(chain.from_iterable(lemmas)))


def _sorted(strings: Sequence[str]) -> tuple[list[str], NDArray[np.int32]]:
    """Sort strings, and give the place of each among them."""
    order = sorted(range(len(strings)), key=strings.__getitem__)
    ranks = np.empty(len(order), np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    return [strings[number] for number in order], ranks


def _run(analyzer: Analyzer, number: int, forms: str) -> Learnt:
    """Do an errand, in another process."""
    return number, lemmas_of(analyzer, forms.split("\n"))
