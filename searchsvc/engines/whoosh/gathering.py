"""The words of articles gathered for a segment: from each process's numbers to the segment's own.

In: words by batch, in the order of the documents. Out: triples.
"""

from __future__ import annotations

from itertools import compress, islice
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.analysis.scanner import NONE
from searchsvc.engines.whoosh.digest import Number
from searchsvc.engines.whoosh.inversion import Runs
from searchsvc.engines.whoosh.numbering import numbering
from searchsvc.engines.whoosh.triples import Triples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.digest import Words

NOT_YET = -1


class Vocabularies:
    """The forms of every process that reads articles, by their numbers there.

    ``seeds`` are the forms that a vocabulary may begin with, numbered 0, 1, and so on.
    """

    def __init__(self, seeds: Mapping[str, int] = NONE) -> None:
        self.seeds = seeds
        self._forms: dict[int, list[str]] = {}

    def learn(self, words: Words) -> list[str]:
        """Take the new forms of a batch; gives all of that process, raises ValueError."""
        forms = self._forms.get(words.vocabulary)
        if forms is None:
            forms = self._forms[words.vocabulary] = list(islice(self.seeds, words.seeds))
        if words.known > len(forms):
            raise ValueError("an article was added before one that came earlier")
        del forms[words.known :]
        forms += words.forms.split("\n") if words.forms else ()
        return forms


class TextBuffer:
    """Collects the words of many documents' texts: 4 bytes a token.

    A form's number is that of the seed, if it is one; others come after them.
    """

    def __init__(self, vocabularies: Vocabularies) -> None:
        self._vocabularies = vocabularies
        self._seeds = vocabularies.seeds
        self._numbers = numbering(self._seeds)
        self._used = np.zeros(len(self._seeds), np.bool_)
        self._own: dict[int, NDArray[np.int32]] = {}
        self._terms: list[NDArray[np.int32]] = []
        self._compounds: list[NDArray[np.int32]] = []
        self._new: list[str] = []
        self.tokens = 0

    def add(self, words: Words) -> None:
        """Take the words of the next documents."""
        forms = self._vocabularies.learn(words)
        terms = np.frombuffer(words.terms, np.int32)
        compounds = np.frombuffer(words.compounds, np.int32).reshape(-1, 2).copy()
        if len(forms) > words.seeds:  # those have the same numbers everywhere
            own = self._numbers_of(words, len(forms))
            terms = self._numbered(terms, own, forms)
            compounds[:, 1] = self._numbered(compounds[:, 1], own, forms)
        self._use(terms, compounds[:, 1])
        self._terms.append(terms)
        self._compounds.append(compounds)
        self.tokens += terms.size + len(compounds)

    def new_forms(self) -> list[str]:
        """List the forms that came since this was last asked."""
        new, self._new = self._new, []
        return new

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
        strings = list(self._numbers)
        return Triples(
            strings=[strings[number] for number in used.tolist()],
            terms=np.concatenate((*self._terms, pairs[:, 1])),
            used=used,
            runs=Runs(
                docs=np.concatenate((np.repeat(docs, 2), np.repeat(docs, compounds))),
                starts=np.concatenate((_pairs(np.zeros_like(starts), starts), pairs[:, 0])),
                sizes=np.concatenate((_pairs(titles, tokens - titles), once)),
            ),
        )

    def _numbers_of(self, words: Words, forms: int) -> NDArray[np.int32]:
        """Give the segment's numbers of a process's forms, as far as they have any."""
        own = self._own.get(words.vocabulary)
        if own is None:
            own = np.arange(words.seeds, dtype=np.int32)
        elif own.size == words.known == forms:
            return own
        kept = own[: words.known]
        fresh = np.full(forms - kept.size, NOT_YET, np.int32)
        self._own[words.vocabulary] = np.concatenate((kept, fresh))
        return self._own[words.vocabulary]

    def _use(self, *several: NDArray[np.int32]) -> None:
        more = len(self._numbers) - self._used.size
        if more:
            self._used = np.concatenate((self._used, np.zeros(more, np.bool_)))
        for numbers in several:
            self._used[numbers] = True

    def _numbered(
        self, terms: NDArray[np.int32], own: NDArray[np.int32], forms: Sequence[str]
    ) -> NDArray[np.int32]:
        """Turn a process's numbers into the segment's."""
        numbers = own[terms]
        unknown = terms[numbers == NOT_YET]
        if not unknown.size:
            return numbers
        first = int(unknown.min())
        wanted = np.zeros(own.size - first, np.bool_)
        wanted[unknown - first] = True
        used = np.flatnonzero(wanted) + first
        strings = list(map(forms.__getitem__, used.tolist()))
        before = len(self._numbers)
        given = np.fromiter(map(self._numbers.__getitem__, strings), np.int32, len(strings))
        self._new += compress(strings, (given >= before).tolist())
        own[used] = given
        return own[terms]


def _pairs(one: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.int32]:
    """Take from two arrays by turns."""
    return np.stack((one, other), axis=1).ravel()
