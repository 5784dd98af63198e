"""The words of articles gathered for a segment: from each process's numbers to those of the table.

In: words by batch, in the order of the documents. Out: triples of the forms' rows in the table of
lemmas, which are their numbers everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh.digest import Number
from searchsvc.engines.whoosh.inversion import Runs
from searchsvc.engines.whoosh.triples import Triples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.digest import Words
    from searchsvc.engines.whoosh.numbering import Numbered


class Vocabularies:
    """The rows of the forms of every process that reads articles, by their numbers there.

    The forms that a vocabulary begins with are the first ``forms``, with the same numbers.
    """

    def __init__(self, forms: Numbered) -> None:
        self.forms = forms
        self._rows: dict[int, NDArray[np.int32]] = {}

    def rows(self, words: Words) -> NDArray[np.int32]:
        """Take the new forms of a batch; gives the rows of all of that process.

        Raises ValueError where a batch before it was left out.
        """
        own = self._rows.get(words.vocabulary)
        if own is None or words.known == words.seeds:  # it begins, or the process is another one
            own = np.arange(words.seeds, dtype=np.int32)
        if words.known != own.size:
            raise ValueError("an article was added before one that came earlier")
        new = self.forms.numbers(words.forms)
        if new.size:
            own = np.concatenate((own, new))
        self._rows[words.vocabulary] = own
        return own


class TextBuffer:
    """Collects the words of many documents' texts: 4 bytes a token."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        self._vocabularies = vocabularies
        self._used = np.zeros(len(vocabularies.forms), np.bool_)
        self._terms: list[NDArray[np.int32]] = []
        self._compounds: list[NDArray[np.int32]] = []
        self.tokens = 0

    def add(self, words: Words) -> None:
        """Take the words of the next documents."""
        rows = self._vocabularies.rows(words)
        terms = np.frombuffer(words.terms, np.int32)
        compounds = np.frombuffer(words.compounds, np.int32).reshape(-1, 2).copy()
        if rows.size > words.seeds:  # those have the same numbers everywhere
            terms = rows[terms]
            compounds[:, 1] = rows[compounds[:, 1]]
        self._use(terms, compounds[:, 1])
        self._terms.append(terms)
        self._compounds.append(compounds)
        self.tokens += terms.size + len(compounds)

    def triples(self, numbers: NDArray[np.int64]) -> Triples:
        """Give everything that was added: tokens, then compounds, each by document.

        ``numbers`` are those of ``Digests``.
        """
        tokens, compounds, starts, titles = (
            numbers[:, which].astype(np.int32)
            for which in (Number.TOKENS, Number.COMPOUNDS, Number.BODY_START, Number.TITLE_TOKENS)
        )
        pairs = np.concatenate([np.zeros((0, 2), np.int32), *self._compounds])
        docs = np.arange(tokens.size, dtype=np.int32)
        titles = np.minimum(np.where(starts > 0, titles, 0), tokens)
        once = np.ones(len(pairs), np.int32)
        used = np.flatnonzero(self._used)
        return Triples(
            strings=self._vocabularies.forms,
            chosen=used.astype(np.int32),
            terms=np.concatenate((*self._terms, pairs[:, 1])),
            used=used,
            runs=Runs(
                docs=np.concatenate((np.repeat(docs, 2), np.repeat(docs, compounds))),
                starts=np.concatenate((_pairs(np.zeros_like(starts), starts), pairs[:, 0])),
                sizes=np.concatenate((_pairs(titles, tokens - titles), once)),
            ),
        )

    def _use(self, *several: NDArray[np.int32]) -> None:
        more = len(self._vocabularies.forms) - self._used.size
        if more:
            self._used = np.concatenate((self._used, np.zeros(more, np.bool_)))
        for numbers in several:
            self._used[numbers] = True


def _pairs(one: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.int32]:
    """Take from two arrays by turns."""
    return np.stack((one, other), axis=1).ravel()
