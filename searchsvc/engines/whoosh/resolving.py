"""From patterns to terms: prefixes, wildcards and fuzzy words in an index's own vocabulary.

In: a tree and all segments. Out: for every position the terms it stands for, and which patterns
fitted more terms than they may.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh.deadlines import unchecked
from searchsvc.engines.whoosh.fuzzy import terms_within
from searchsvc.query.tree import Expansion, ExpansionKind, Near, Phrase, Word, leaves
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.deadlines import Check
    from searchsvc.engines.whoosh.segment import PostingField, Segment
    from searchsvc.query.tree import Leaf, Node, Position

CHECKED = 1_000
"""Terms compared with a wildcard between two checks, a millisecond's work."""

Terms = tuple[tuple[Stream, tuple[str, ...]], ...]


class Resolved:
    """What each position of one tree stands for in one index.

    ``check`` is called while terms are looked for, and may raise.
    """

    def __init__(self, node: Node, segments: Sequence[Segment], check: Check = unchecked) -> None:
        self._check = check
        self._expanded: dict[Expansion, Terms] = {}
        self.truncated: list[str] = []
        for leaf in leaves(node, negated=True):
            for position in positions_of(leaf):
                if isinstance(position, Expansion) and position not in self._expanded:
                    self._expanded[position] = self._expand(position, segments)

    def terms(self, item: Position) -> Terms:
        """Give the terms of a position by stream."""
        if isinstance(item, Word):
            return ((item.stream, item.terms),)
        return self._expanded[item]

    def _expand(self, item: Expansion, segments: Sequence[Segment]) -> Terms:
        counts: Counter[tuple[str, Stream]] = Counter()
        for segment in segments:
            for stream in _streams(item):
                field = segment.field(item.field, stream)
                numbers = np.fromiter(_candidates(field, item, self._check), np.int64)
                frequencies = _frequencies(segment, field, item, numbers)
                numbers, frequencies = numbers[frequencies > 0], frequencies[frequencies > 0]
                if len(segments) == 1:
                    best = np.argsort(-frequencies, kind="stable")[: item.limit + 1]
                    numbers, frequencies = numbers[best], frequencies[best]
                for number, own in zip(numbers.tolist(), frequencies.tolist(), strict=True):
                    counts[field.lexicon[number], stream] += own
        ranked = sorted(counts, key=lambda term: (-counts[term], term))
        if len(ranked) > item.limit:
            self.truncated.append(item.pattern)
        chosen = ranked[: item.limit]
        return tuple(
            (stream, tuple(sorted(term for term, own in chosen if own is stream)))
            for stream in _streams(item)
        )


def _streams(item: Expansion) -> tuple[Stream, ...]:
    """Typos are looked for in lemmas too, so that `Собянен~` finds «Собяниным»."""
    fuzzy = item.kind is ExpansionKind.FUZZY
    return (Stream.FORMS, Stream.LEMMAS) if fuzzy else (Stream.FORMS,)


def _frequencies(
    segment: Segment, field: PostingField, item: Expansion, numbers: NDArray[np.int64]
) -> NDArray[np.int64]:
    in_title = item.field is Field.TITLE
    if in_title or segment.has_deletions:
        return field.living_frequencies(numbers, segment.deleted, in_title=in_title)
    return field.document_frequencies(numbers)


def _candidates(field: PostingField, item: Expansion, check: Check) -> Iterable[int]:
    check()
    if item.kind is ExpansionKind.PREFIX:
        return field.lexicon.prefixed(item.pattern)
    if item.kind is ExpansionKind.FUZZY:
        return terms_within(field, item.pattern, item.edits, check)
    literal = re.split(r"[?*]", item.pattern, maxsplit=1)[0]
    fits = wildcard(item.pattern).fullmatch
    numbers = _checked(field.lexicon.prefixed(literal), check)
    return (number for number in numbers if fits(field.lexicon[number]))


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


def positions_of(leaf: Leaf | Position) -> Iterator[Position]:
    """List the single positions of a leaf."""
    if isinstance(leaf, (Phrase, Near)):
        for item in leaf.items:
            yield from positions_of(item)
    else:
        yield leaf
