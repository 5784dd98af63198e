"""The lemmas of every form met so far, kept beside the index for the next build.

In: forms. Out: for each the numbers of its lemmas. New forms are lemmatised in bulk, here or in
other processes. A file (``lemma_file``) that is damaged or of another version is left aside, which
costs time and nothing else.
"""

from __future__ import annotations

from functools import partial
from itertools import chain, compress, count, filterfalse, islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh import lemma_file
from searchsvc.engines.whoosh.inversion import Targets, one_each

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


class LemmaTable:
    """Forms and their lemmas, of this build and former ones."""

    def __init__(self, path: Path, analyzer: Analyzer, kept: int | None = None) -> None:
        self._path = path
        self._kept = KEPT if kept is None else kept
        self._analyzer = analyzer
        self._rows: dict[str, int] = {}
        self._lemmas: list[str] = []
        self._known_lemmas: dict[str, int] | None = None
        """The numbers of lemmas, made when new forms come: a rebuild seldom has any."""
        self._counts = np.zeros(0, np.int32)
        self._numbers = np.zeros(0, np.int32)
        self._new: list[tuple[NDArray[np.int32], NDArray[np.int32]]] = []
        self._saved = 0
        self._asked: set[str] = set()
        self._errands: dict[int, list[str]] = {}
        self._sent = count()
        self._load()

    def known(self) -> dict[str, int]:
        """Give the forms that the table has and their rows, in that order."""
        return dict(self._rows)

    def wanting(self, forms: Sequence[str]) -> list[str]:
        """List the forms whose lemmas are not known and were not asked for yet."""
        unknown = filterfalse(self._rows.__contains__, forms)
        return list(filterfalse(self._asked.__contains__, unknown))

    def errands(self, forms: Sequence[str], parts: int) -> list[Callable[[], Learnt]]:
        """Give work for other processes that lemmatises forms, in so many parts."""
        distinct = list(dict.fromkeys(forms))
        shares = (distinct[part::parts] for part in range(parts))
        return [self._errand(share) for share in shares if share]

    def learn(self, learnt: Learnt) -> None:
        """Take what an errand gave; raises KeyError for one that is not under way."""
        number, lemmas = learnt
        forms = self._errands.pop(number)
        self._asked.difference_update(forms)
        self._add(forms, lemmas)

    def rows(self, forms: Sequence[str]) -> NDArray[np.int64]:
        """Give the rows of forms in the table; what it does not have is lemmatised here."""
        found = list(map(self._rows.get, forms))
        if None in found:
            missing = list(dict.fromkeys(filterfalse(self._rows.__contains__, forms)))
            self._add(missing, lemmas_of(self._analyzer, missing))
            found = list(map(self._rows.get, forms))
        self._settle()
        return np.array(found, np.int64)

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
        used, numbers = np.unique(self._numbers[places], return_inverse=True)
        return [self._lemmas[number] for number in used.tolist()], Targets(
            begins, numbers.astype(np.int32)
        )

    def save(self) -> None:
        """Write the file anew when there is something new, in one step."""
        self._settle()
        if len(self._rows) == self._saved:
            return
        lemma_file.write(self._path, self._analyzer.fingerprint, self._newest())
        self._saved = len(self._rows)

    def _newest(self) -> lemma_file.Stored:
        """Lay out the newest forms, sorted, and all lemmas, sorted too."""
        forms = sorted(islice(self._rows, max(0, len(self._rows) - self._kept), None))
        lemmas, (begins, numbers) = self.targets(self.rows(forms))
        order = sorted(range(len(lemmas)), key=lemmas.__getitem__)
        rank = np.empty(len(order), np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        sizes = np.diff(begins).astype(np.int32)
        return lemma_file.Stored(forms, [lemmas[n] for n in order], sizes, rank[numbers])

    def _errand(self, forms: list[str]) -> Callable[[], Learnt]:
        number = next(self._sent)
        self._errands[number] = forms
        self._asked.update(forms)
        return partial(_run, self._analyzer, number, "\n".join(forms))

    def _add(self, forms: list[str], lemmas: Lemmas) -> None:
        """Enter forms; those that were lemmatised twice are known by now."""
        counts, lines = lemmas.counts, lemmas.lines.split("\n")
        if not self._rows.keys().isdisjoint(forms):
            new = np.array([form not in self._rows for form in forms], np.bool_)
            forms = list(compress(forms, new))
            lines = list(compress(lines, np.repeat(new, counts)))
            counts = counts[new]
        if not forms:
            return
        if self._known_lemmas is None:
            self._known_lemmas = dict(zip(self._lemmas, count(), strict=False))
        known = self._known_lemmas
        unknown = dict.fromkeys(filterfalse(known.__contains__, lines))
        known.update(zip(unknown, count(len(known)), strict=False))
        self._lemmas += unknown
        numbers = np.fromiter(map(known.__getitem__, lines), np.int32, len(lines))
        self._rows.update(zip(forms, count(len(self._rows)), strict=False))
        self._new.append((counts, numbers))

    def _settle(self) -> None:
        """Lay out what was learnt behind what was there."""
        if self._new:
            counts, numbers = zip(*self._new, strict=True)
            self._counts = np.concatenate((self._counts, *counts))
            self._numbers = np.concatenate((self._numbers, *numbers))
            self._new = []

    def _load(self) -> None:
        stored = lemma_file.read(self._path, self._analyzer.fingerprint)
        if stored is None:
            return
        self._rows = dict(zip(stored.forms, count(), strict=False))
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


def _run(analyzer: Analyzer, number: int, forms: str) -> Learnt:
    """Do an errand, in another process."""
    return number, lemmas_of(analyzer, forms.split("\n"))
