"""From patterns to terms: prefixes, wildcards and fuzzy words in an index's own vocabulary.

In: the positions of a tree and an index. Out: for every position its terms in each segment, as the
kernel takes them, and which patterns fitted more terms than they may. The idf of a pattern is that
of all its terms' articles added up.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh.choosing import Chosen, standing
from searchsvc.engines.whoosh.deadlines import unchecked
from searchsvc.engines.whoosh.fuzzy import terms_within
from searchsvc.engines.whoosh.kernel import WIDE
from searchsvc.engines.whoosh.letters import key_of
from searchsvc.engines.whoosh.operands import Fitting
from searchsvc.query.tree import Expansion, ExpansionKind, Near, Phrase, Word
from searchsvc.schema import Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from searchsvc.engines.whoosh.choosing import Numbers
    from searchsvc.engines.whoosh.deadlines import Check
    from searchsvc.engines.whoosh.kernel import Term
    from searchsvc.engines.whoosh.operands import Entry, Index, Item
    from searchsvc.engines.whoosh.segment import PostingField, Segment
    from searchsvc.query.tree import Leaf, Position

CHECKED = 1_000
"""Terms compared with a wildcard between two checks, a millisecond's work."""

HYPHEN = key_of("-")

PREFIX, FORMS = ExpansionKind.PREFIX, Stream.FORMS


class Expanded:
    """What a pattern stands for: its idf, and its terms in each segment."""

    def __init__(self, index: Index, found: Fitting) -> None:
        self._index = index
        self.weight, self.rows, self.program, _ = found

    @cached_property
    def item(self) -> Item:
        """Give what it is in the segments, as an item of spans."""
        rows = [
            tuple([chosen.field.term(number) for chosen in row for number in chosen.each()])
            for row in self.rows
        ]
        pairs = zip(self._index.segments, rows, strict=True)
        ones = [segment.searched.union(terms) if terms else None for segment, terms in pairs]
        return tuple(ones), tuple(rows)


class Resolved:
    """What the positions of one tree stand for in one index.

    ``check`` is called while terms are looked for, and may raise.
    """

    def __init__(self, index: Index, check: Check = unchecked) -> None:
        self.index = index
        self._check = check
        self._expanded: list[tuple[Expansion, Expanded]] = []
        self.truncated: list[str] = []

    def read(self, item: Position) -> Entry | Expanded:
        """Look a position up."""
        return self.index.word(item) if isinstance(item, Word) else self.of(item)

    def weight(self, item: Position) -> float:
        """Give a position's idf."""
        return self.read(item).weight

    def terms(self, item: Position, number: int) -> tuple[Term, ...]:
        """Give the terms of a position in a segment."""
        return self.read(item).item[1][number]

    def wholes(self, item: Position, number: int) -> tuple[Term, ...]:
        """Give those terms of a position that are whole compounds: only they have hyphens."""
        if isinstance(item, Word):
            field = self.index.segments[number].field(item.field, item.stream)
            found = (field.look_up(term) for term in item.terms if "-" in term)
            return tuple(term for term in found if term is not None)
        return tuple(
            chosen.field.term(own)
            for chosen in self.of(item).rows[number]
            for own, key in zip(chosen.each(), chosen.keys(), strict=True)
            if HYPHEN in key
        )

    def of(self, item: Expansion) -> Expanded:
        """Find the terms of a pattern."""
        for known, found in self._expanded:
            if known is item or known == item:
                return found
        fitting = self.index.patterns.get(item) or self.index.keep(item, self._expand(item))
        if fitting.truncated:
            self.truncated.append(item.pattern)
        found = Expanded(self.index, fitting)
        self._expanded.append((item, found))
        return found

    def _expand(self, item: Expansion) -> Fitting:
        segments = self.index.segments
        every = [self._candidates(segment, item) for segment in segments]
        rows, truncated = standing(segments, every, item, self._check)
        articles = sum([chosen.articles() for row in rows for chosen in row])
        weight = self.index.idf(articles)
        parts = [tuple([chosen.part() for chosen in row if len(chosen.numbers)]) for row in rows]
        return Fitting(weight, rows, (WIDE, weight, tuple(parts)), truncated)

    def _candidates(self, segment: Segment, item: Expansion) -> list[Chosen]:
        if item.kind is PREFIX:
            field = segment.field(item.field, FORMS)
            return [Chosen(field, field.lexicon.prefixed(item.pattern))]
        fields = (segment.field(item.field, stream) for stream in _streams(item))
        return [Chosen(field, self._fitting(field, item)) for field in fields]

    def _fitting(self, field: PostingField, item: Expansion) -> Numbers:
        self._check()
        if item.kind is ExpansionKind.FUZZY:
            near = terms_within(field, item.pattern, item.edits, self._check)
            return np.fromiter(near, np.uint32)
        literal = re.split(r"[?*]", item.pattern, maxsplit=1)[0]
        fits = wildcard(item.pattern).fullmatch
        numbers = field.lexicon.prefixed(literal)
        texts = field.lexicon.between(numbers.start, numbers.stop)
        pairs = zip(_checked(numbers, self._check), texts, strict=True)
        return np.array([number for number, text in pairs if fits(text)], np.uint32)


def _streams(item: Expansion) -> tuple[Stream, ...]:
    """Typos are looked for in lemmas too, so that `Собянен~` finds «Собяниным»."""
    fuzzy = item.kind is ExpansionKind.FUZZY
    return (Stream.FORMS, Stream.LEMMAS) if fuzzy else (Stream.FORMS,)


def _checked(numbers: range, check: Check) -> Iterator[int]:
    for count, number in enumerate(numbers):
        if count % CHECKED == 0:
            check()
        yield number


def wildcard(pattern: str) -> re.Pattern[str]:
    """Compile a wildcard pattern: ``?`` is one character, ``*`` any number of them.

    Runs of stars are one star; atomic groups keep a failing match from trying every split.
    """
    first, *rest = (_literal(part) for part in re.sub(r"\*+", "*", pattern).split("*"))
    if not rest:
        return re.compile(first, re.DOTALL)
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)


def _literal(text: str) -> str:
    return ".".join(re.escape(part) for part in text.split("?"))


def positions_of(leaf: Leaf | Position) -> Iterable[Position]:
    """List the single positions of a leaf."""
    if isinstance(leaf, (Phrase, Near)):
        for item in leaf.items:
            yield from positions_of(item)
    else:
        yield leaf


def weight_of(read: Sequence[Entry | Expanded]) -> float:
    """Add up the idf of different positions: of equal words once."""
    if len(read) == 2 and read[0] is not read[1]:
        return read[0].weight + read[1].weight
    return sum({id(one): one.weight for one in read}.values())
