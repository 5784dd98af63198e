"""Words as the kernel takes them: their posting lists in every segment, and what they weigh.

In: the words of a tree. Out: nodes of a program. The idf of a word is that of its most frequent
term, since the lemmas of one form mostly stand together. What was looked up is kept, so that a
word that is asked for again costs one look into a dict.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.kernel import NOTHING, WORD, best
from searchsvc.engines.whoosh.layout import UNDATED, posting_name
from searchsvc.engines.whoosh.letters import text_of
from searchsvc.engines.whoosh.remembering import Remembered
from searchsvc.engines.whoosh.scoring import idf, impacts
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.choosing import Rows
    from searchsvc.engines.whoosh.kernel import Parts, Program, Term, Typed
    from searchsvc.engines.whoosh.segment import Segment
    from searchsvc.query.tree import Expansion, Signal, Word

HELD = 20_000
"""Words that are kept; about 300 bytes each."""

HELD_LISTS = 400_000
"""Lists of words of the second pass that are kept before a new start, 32 bytes each; a word has
about four in each chunk of documents, what is added up takes as much as two hundred, and all else
as much as thirty."""

LISTS_OF_WORD = 30

HELD_PATTERNS = 500
"""Patterns that are kept before a new start; four bytes for each of 200 terms in each segment."""

HELD_POSTINGS = 4_000_000
"""And their postings, each word's counted; five to seven bytes each in the compiled kernel's
memory, with four more of words in titles, and of words whose places were asked for in many
articles; in the portable one's ten to thirty, with eight more each and a place where places were
asked for. Of fewer articles more are kept, as far as their columns leave ``HELD_BYTES``."""

HELD_BYTES = 53_000_000
BYTES_OF_ARTICLE, BYTES_OF_POSTING = 25, 7
"""What columns and held postings take together; at a million articles that leaves 4 million. Of
fontanka's words nearly twice as many are held: 1,200 searches in turn take .56 ms, not .60."""

TEXTS = (Field.TEXT, Field.TITLE)
FORMS = Stream.FORMS

NONE = np.zeros(0, np.uint32)
"""The numbers of no term."""


Item = tuple["tuple[Term | None, ...]", "tuple[tuple[Term, ...], ...]"]
"""A word in each segment: all its documents, None if it has none, and its terms."""


class Found(NamedTuple):
    """A word's idf, and its posting lists in each segment."""

    weight: float
    terms: tuple[tuple[Term, ...], ...]
    postings: int


class Fitting(NamedTuple):
    """What fits a pattern: its idf, its terms in each segment, and both as a node of programs."""

    weight: float
    rows: Rows
    program: Program
    truncated: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A word in an index: its idf, what it is in the segments, and both as a node of programs."""

    weight: float
    item: Item
    program: Program
    postings: int


def most_postings(articles: int) -> int:
    """Tell how many postings are held of an index of so many articles."""
    room = HELD_BYTES - BYTES_OF_ARTICLE * articles
    return max(HELD_POSTINGS, room // BYTES_OF_POSTING)


Words = Remembered[tuple[str, ...], Entry]
"""Words of a field, by their terms."""


class Index:
    """The segments of one generation, and the words that were asked for; safe for threads."""

    def __init__(self, segments: Sequence[Segment], latest: float = math.inf) -> None:
        self.segments = segments
        self._latest = latest
        self.bases = list(accumulate((segment.size for segment in segments), initial=0))
        self.articles = sum(segment.size for segment in segments)
        tokens = sum(int(segment.tokens.sum(dtype=np.int64)) for segment in segments)
        self.impacts = impacts(tokens / max(self.articles, 1))
        for segment in segments:
            segment.weigh(self.impacts)
        kernel = segments[0].kernel if segments else best
        self.whole = kernel.Whole(tuple(segment.searched for segment in segments))
        self._postings = self._lists = 0
        self._most = most_postings(self.articles)
        self.lemmas: Words = Remembered()
        self._forms: Words = Remembered()
        self.titles: Words = Remembered()
        self._form_titles: Words = Remembered()
        self.known: dict[tuple[Any, ...], Typed] = {}
        self.fresh: dict[float, tuple[NDArray[np.float32], ...]] = {}
        self._beginnings: dict[tuple[str, int], tuple[str, ...]] = {}
        self.patterns: dict[Expansion, Fitting] = {}
        self._values: dict[str, Words] = {}

    @cached_property
    def newest(self) -> int:
        """Give the minute of the newest living article, UNDATED without one.

        What is dated after the index was made does not count: one wrong date would make all old.
        """
        every = (segment.newest_until(self._latest) for segment in self.segments)
        return max(every, default=UNDATED)

    def word(self, item: Word) -> Entry:
        """Look a word up; raises IndexDamaged."""
        if item.field in TEXTS:
            held = self._forms if item.stream is FORMS else self.lemmas
        else:
            held = self._values.setdefault(posting_name(item.field, item.stream), Remembered())
        return held.get(item.terms) or self._keep(held, item, self._read)

    def titled(self, item: Word) -> Entry:
        """Look a word up in titles; raises IndexDamaged."""
        held = self._form_titles if item.stream is FORMS else self.titles
        return held.get(item.terms) or self._keep_titled(held, item)

    def _keep_titled(self, held: Words, item: Word) -> Entry:
        """Keep a word in titles, and the word: it has its lists, which only the word counts."""
        word = self.word(item)
        found = held.recalled(item.terms)
        if found is None or found.item[1] is not word.item[1]:
            found = self._in_titles(word)
        return self._hold_word(held, item, found)

    def _in_titles(self, entry: Entry) -> Entry:
        rows = entry.item[1]
        made = [
            segment.searched.in_titles(terms, one) if terms else None
            for segment, terms, one in zip(self.segments, rows, entry.item[0], strict=True)
        ]
        ones = tuple([one if one and one.articles else None for one in made])
        postings = sum(one.articles for one in ones if one)
        program: Program = (WORD, entry.weight, ones) if any(ones) else NOTHING
        return Entry(entry.weight, (ones, rows), program, postings)

    def _keep(self, held: Words, item: Word, read: Callable[[Word], Entry]) -> Entry:
        """Keep a word that is not at hand, from the former half or read anew."""
        return self._hold_word(held, item, held.recalled(item.terms) or read(item))

    def _hold_word(self, held: Words, item: Word, found: Entry) -> Entry:
        self._make_room(held, found.postings)
        held[item.terms] = found
        return found

    def _make_room(self, held: Words, postings: int) -> None:
        """Begin a new half, if this word does not fit into the old one."""
        self._postings += postings
        if self._postings > self._most // 2 or len(held) >= HELD // 2:
            texts = self.lemmas, self._forms, self.titles, self._form_titles
            for words in (*texts, *self._values.values()):
                words.turn()
            self._postings = postings

    def typed(
        self, signals: Sequence[Signal], look_up: Callable[[Signal, Index], Typed]
    ) -> tuple[Typed, ...]:
        """Give typed words as the second pass takes them, each looked up once."""
        held, found = self.known, []
        for signal in signals:
            word = signal.word
            exact = word.stream is FORMS  # an enum's hash is made by Python
            key = word.terms, signal.forms, signal.scale, word.weight, signal.content, exact
            found.append(held.get(key) or self._hold(key, look_up(signal, self)))
        return tuple(found)

    def _hold(self, key: tuple[Any, ...], found: Typed) -> Typed:
        self._lists += found.lists + LISTS_OF_WORD
        if self._lists > HELD_LISTS:
            self.known.clear()
            self._lists = found.lists + LISTS_OF_WORD
        self.known[key] = found
        return found

    def parts(self, item: Word) -> tuple[float, Parts]:
        """Give a word's idf, and its terms in each segment by number; raises IndexDamaged."""
        counts: Counter[str] = Counter()
        rows = []
        for segment in self.segments:
            field = segment.field(item.field, item.stream)
            pairs = [(term, field.lexicon.find(term)) for term in item.terms]
            numbers = [number for _, number in pairs if number >= 0]
            for term, number in pairs:
                counts[term] += field.articles(number, number + 1) if number >= 0 else 0
            chosen = np.array(sorted(numbers), np.uint32) if numbers else NONE
            rows.append((field.number, 0, 0, chosen))
        return self.idf(max(counts.values(), default=0)), tuple(rows)

    def keep(self, item: Expansion, found: Fitting) -> Fitting:
        """Keep what fits a pattern for the next time."""
        if len(self.patterns) >= HELD_PATTERNS:
            self.patterns.clear()
        self.patterns[item] = found
        return found

    def beginning(self, letters: str, most: int) -> tuple[str, ...]:
        """List the most frequent lemmas of texts that begin with some letters, at most so many."""
        found = self._beginnings.get((letters, most))
        if found is None:
            found = self._most_frequent(letters, most)
            if len(self._beginnings) >= HELD:
                self._beginnings.clear()
            self._beginnings[letters, most] = found
        return found

    def _most_frequent(self, letters: str, most: int) -> tuple[str, ...]:
        """Count in all segments: what is rare in each may be frequent in all; then by letters."""
        fields = [segment.field(Field.TEXT, Stream.LEMMAS) for segment in self.segments]
        counts: Counter[bytes] = Counter()
        for field in fields:
            numbers = field.lexicon.prefixed(letters)
            articles = field.frequencies(np.array(numbers, np.int64))
            if len(fields) == 1:
                best = np.argsort(-articles, kind="stable")[:most] + numbers.start
                return tuple(field.lexicon.strings(best.tolist()))
            keys = field.lexicon.keys(numbers.start, numbers.stop)
            for key, had in zip(keys, articles.tolist(), strict=True):
                counts[key] += had
        chosen = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
        return tuple(text_of(key) for key, _ in chosen)

    def idf(self, articles: int) -> float:
        """Weigh what so many of all articles have."""
        return idf(self.articles, min(articles, self.articles))

    def _find(self, item: Word) -> Found:
        counts = [0] * len(item.terms)
        rows = []
        for segment in self.segments:
            field = segment.field(item.field, item.stream)
            found = [field.look_up(term) for term in item.terms]
            counts = [
                count + (term.articles if term else 0)
                for count, term in zip(counts, found, strict=True)
            ]
            rows.append(tuple(term for term in found if term is not None))
        return Found(self.idf(max(counts, default=0)), tuple(rows), sum(counts))

    def _read(self, item: Word) -> Entry:
        weight, rows, postings = self._find(item)
        pairs = zip(self.segments, rows, strict=True)
        ones = tuple([self._as_one(segment, terms) for segment, terms in pairs])
        postings += sum(
            one.articles for one, own in zip(ones, rows, strict=True) if one and own[1:]
        )
        program: Program = (WORD, weight, ones) if any(ones) else NOTHING
        return Entry(weight, (ones, rows), program, postings)

    def _as_one(self, segment: Segment, terms: tuple[Term, ...]) -> Term | None:
        """Make one posting list of all; 40 % of words have more than one lemma."""
        if len(terms) < 2:
            return terms[0] if terms else None
        return segment.searched.union(terms)
