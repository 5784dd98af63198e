"""The vocabulary that corrections come from: the surface forms of one generation, in memory.

In: folded forms and how many articles have them. Out: the frequency of a form, and the forms within
one or two edits of a word. Arrays take about 50 bytes a form; 560,000 forms took two seconds and
added 71 MB to a process, what their making leaves on the heap included.
"""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

MOST_FORMS = 1_000_000
"""Forms held; of more, the most frequent ones."""
MOST_TAKEN = 2 * MOST_FORMS
MOST_ARTICLES = 1 << 30
OFTEN = 3
"""Articles that make a word of a large index right whatever it looks like: typos stand alone."""
SMALL = 20_000
"""Forms of an index of about 1,500 articles, in which a right word may stand once."""
AT_ONCE = 1 << 15
"""Forms handled at a time while arrays are made, so that what is passing stays small."""
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
        self._text, lengths, self._articles, hashes = _arranged(*_taken(forms))
        self._offsets = np.concatenate(([0], np.cumsum(lengths, dtype=np.int32)))
        self._starts: list[int] = np.searchsorted(lengths, np.arange(LONGEST + 2)).tolist()
        self._order = np.argsort(hashes).astype(np.int32)
        self._hashes = hashes[self._order]
        self._signatures = self._signed()
        self.often = min(OFTEN, 1 + len(self) // SMALL)
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

    def spelled(self) -> Iterator[tuple[NDArray[np.uint16], NDArray[np.int32]]]:
        """Give the letters of all forms, part by part: UTF-16 units and where each form begins.

        The places are one more than the forms; the last is the end.
        """
        for low in range(0, len(self), AT_ONCE):
            offsets = self._offsets[low : low + AT_ONCE + 1]
            text = self._text[offsets[0] : offsets[-1]]
            yield np.frombuffer(text.encode("utf-16-le"), np.uint16), offsets - offsets[0]

    def _form(self, number: int) -> str:
        return self._text[self._offsets[number] : self._offsets[number + 1]]

    def _signed(self) -> NDArray[np.uint64]:
        """Compute all signatures, letter by letter: forms longer than n letters end the arrays."""
        codes = np.frombuffer(self._text.encode("utf-16-le"), np.uint16)
        once = np.zeros(len(self), np.uint64)
        twice = np.zeros(len(self), np.uint64)
        for place in range(LONGEST):
            longer = slice(self._starts[place + 1], None)
            bits = np.uint64(1) << (codes[self._offsets[:-1][longer] + place] & 31).astype(
                np.uint64
            )
            twice[longer] |= once[longer] & bits
            once[longer] |= bits
        signatures: NDArray[np.uint64] = once | (twice << np.uint64(32))
        return signatures


def _taken(forms: Iterable[tuple[str, int]]) -> tuple[bytes, array[int], array[int], array[int]]:
    """Take usable forms as they come: letters (UTF-16), lengths, articles, hashes.

    Nothing of them stays an object: 600,000 strings would leave a heap of 100 MB behind.
    """
    letters, lengths, articles, hashes = bytearray(), array("i"), array("i"), array("q")
    for form, count in forms:
        full = len(lengths) >= MOST_FORMS
        if not _USABLE.fullmatch(form) or (full and (count < OFTEN or len(lengths) >= MOST_TAKEN)):
            continue
        letters += form.encode("utf-16-le")
        lengths.append(len(form))
        articles.append(min(count, MOST_ARTICLES))
        hashes.append(hash(form))
    return bytes(letters), lengths, articles, hashes


def _arranged(
    letters: bytes, lengths: array[int], articles: array[int], hashes: array[int]
) -> tuple[str, NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Add up what came more than once, keep the most frequent forms and lay them by length."""
    sizes = np.array(lengths, np.int32)
    starts = np.cumsum(sizes) - sizes
    _, first, inverse = np.unique(
        np.array(hashes, np.int64), return_index=True, return_inverse=True
    )
    counts = np.bincount(inverse, np.array(articles, np.float64), first.size).astype(np.int32)
    best = np.argsort(-counts, kind="stable")[:MOST_FORMS]
    best = best[np.lexsort((first[best], sizes[first[best]]))]
    kept = first[best]
    taken = np.frombuffer(letters, np.uint16)
    parts = [
        _gathered(taken, starts[part], sizes[part])
        for part in np.split(kept, range(AT_ONCE, kept.size, AT_ONCE))
    ]
    return "".join(parts), sizes[kept], counts[best], np.array(hashes, np.int64)[kept]


def _gathered(
    letters: NDArray[np.uint16], starts: NDArray[np.int32], sizes: NDArray[np.int32]
) -> str:
    """Put together the strings that stand at some places."""
    ends = np.cumsum(sizes)
    places = np.repeat(starts - (ends - sizes), sizes)
    return letters[places + np.arange(places.size)].tobytes().decode("utf-16-le")


def signature(word: str) -> int:
    """Give the signature of one word; the last five bits of a letter's code tell а…я and a…z."""
    once = twice = 0
    for letter in word:
        bit = 1 << (ord(letter) & 31)
        twice |= once & bit
        once |= bit
    return once | twice << 32
