"""The vocabulary that corrections come from: the surface forms of one generation, in memory.

In: folded forms and how many articles have them. Out: the frequency of a form, and the forms within
one or two edits of a word. About 45 bytes a form: 600,000 forms take 27 MB and one second to load.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

MOST_FORMS = 1_000_000
"""Forms held; of more, the most frequent ones."""
OFTEN = 3
"""Articles that make a word of a large index right whatever it looks like: typos stand alone."""
SMALL = 20_000
"""Forms of an index of about 1,500 articles, in which a right word may stand once."""
LONGEST = 40
"""Letters of the longest form that is corrected or a correction."""

_USABLE = re.compile(rf"[a-zа-я](?:[a-zа-я0-9'-]{{0,{LONGEST - 2}}}[a-zа-я0-9])?")


class Form(NamedTuple):
    """A surface form, the number of articles that have it, and how far it is from what was typed.

    ``edits`` are insertions, deletions, substitutions and swaps of neighbours.
    """

    text: str
    articles: int
    edits: int = 0


class Vocabulary:
    """Folded forms with their frequencies; immutable and safe to use from many threads.

    Forms lie by length in one string. A form's signature has two bits for each of 32 letters (it
    occurs; it occurs twice): one edit changes at most two bits, so that a pass over the signatures
    of forms of about the same length rules out nearly all of them unread.
    """

    def __init__(self, forms: Iterable[tuple[str, int]]) -> None:
        kept = sorted(_counted(forms).items(), key=lambda pair: len(pair[0]))
        self._articles = np.fromiter((articles for _, articles in kept), np.int32, len(kept))
        lengths = np.fromiter((len(form) for form, _ in kept), np.int32, len(kept))
        self._starts: list[int] = np.searchsorted(lengths, np.arange(LONGEST + 2)).tolist()
        self._offsets = np.fromiter(accumulate(lengths.tolist(), initial=0), np.int32)
        self._text = "".join(form for form, _ in kept)
        hashes = np.fromiter((hash(form) for form, _ in kept), np.int64, len(kept))
        self._order = np.argsort(hashes).astype(np.int32)
        self._hashes = hashes[self._order]
        self._signatures = self._signed()
        self.often = min(OFTEN, 1 + len(kept) // SMALL)
        """Articles that make a word right whatever it looks like."""

    def __iter__(self) -> Iterator[str]:
        return map(self._form, range(len(self)))

    def __len__(self) -> int:
        return self._articles.size

    def articles(self, form: str) -> int:
        """Count the articles that have a folded form."""
        wanted = hash(form)
        at = int(np.searchsorted(self._hashes, wanted))
        while at < self._hashes.size and self._hashes[at] == wanted:
            number = int(self._order[at])
            if self._form(number) == form:
                return int(self._articles[number])
            at += 1
        return 0

    def near(self, word: str, edits: int, least: int = 1) -> list[Form]:
        """List the forms within one or two edits of a folded word in ``least`` articles or more.

        The distance is that of optimal string alignment, as of ``Собянен~`` in a query.
        """
        if not 0 < len(word) <= LONGEST:
            return []
        low = self._starts[max(1, len(word) - edits)]
        high = self._starts[min(LONGEST, len(word) + edits) + 1]
        changed = np.bitwise_count(self._signatures[low:high] ^ np.uint64(signature(word)))
        close = (changed <= 2 * edits) & (self._articles[low:high] >= least)
        numbers = (np.flatnonzero(close) + low).tolist()
        forms = [self._form(number) for number in numbers]
        if not forms:
            return []
        distances = cdist([word], forms, scorer=OSA.distance, score_cutoff=edits, dtype=np.uint8)[0]
        return [
            Form(forms[at], int(self._articles[numbers[at]]), int(distances[at]))
            for at in np.flatnonzero(distances <= edits).tolist()
        ]

    def _form(self, number: int) -> str:
        return self._text[self._offsets[number] : self._offsets[number + 1]]

    def _signed(self) -> NDArray[np.uint64]:
        """Compute all signatures, letter by letter: forms longer than n letters end the arrays."""
        codes = np.frombuffer(self._text.encode("utf-16-le"), np.uint16) & 31
        once = np.zeros(len(self), np.uint64)
        twice = np.zeros(len(self), np.uint64)
        for place in range(LONGEST):
            longer = slice(self._starts[place + 1], None)
            bits = np.uint64(1) << codes[self._offsets[:-1][longer] + place].astype(np.uint64)
            twice[longer] |= once[longer] & bits
            once[longer] |= bits
        signatures: NDArray[np.uint64] = once | (twice << np.uint64(32))
        return signatures


def _counted(forms: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Add up the articles of usable forms, in one pass; the rarest are let go when too many."""
    counts: dict[str, int] = {}
    for form, articles in forms:
        if _USABLE.fullmatch(form):
            counts[form] = counts.get(form, 0) + articles
            if len(counts) >= 2 * MOST_FORMS:
                counts = _most_frequent(counts)
    return _most_frequent(counts) if len(counts) > MOST_FORMS else counts


def _most_frequent(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: -pair[1])[:MOST_FORMS])


def signature(word: str) -> int:
    """Give the signature of one word; the last five bits of a letter's code tell а…я and a…z."""
    once = twice = 0
    for letter in word:
        bit = 1 << (ord(letter) & 31)
        twice |= once & bit
        once |= bit
    return once | twice << 32
