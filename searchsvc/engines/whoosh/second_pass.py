"""The second pass: the best articles by score, ordered anew by what costs too much for all.

In: documents of a segment with their scores of the first pass, and the typed words. Out: scores.
An article gains by the very forms that were typed, by related words (lemmas that begin alike), by
words in its lead, and by a window of text that holds many of the words. Constants were set on four
sets together (nDCG@10, see ARCHITECTURE.md, "Ranking"); all articles instead of the first hundred
gain nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from searchsvc.engines.whoosh.operands import Entry, Found
from searchsvc.query.tree import Word
from searchsvc.schema import POSITION_GAP, Stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searchsvc.engines.whoosh.kernel import Hits, Typed
    from searchsvc.engines.whoosh.operands import Index
    from searchsvc.query.tree import Signal

FIRST = 100
"""Articles of the first pass that the second one orders."""

FORM_WEIGHT = 0.3
RELATED_WEIGHT = 2.0
LEAD_WEIGHT = 0.4
CLOSE_WEIGHT = 0.8

BEGINNING = 4
"""Letters that related lemmas share: «цифровой», «цифровизация»."""

RELATED = 16
"""The most frequent lemmas that count as related; all of them rank no better."""

LEAD = 30
"""Tokens of the body that are its lead."""

WINDOW = 60
"""Tokens that words stand close together in."""


class Part(NamedTuple):
    """What one typed word looks for in the second pass, in every segment."""

    lemmas: Found
    form: Found
    related: Found
    weight: float
    content: bool


def parts_of(signals: Sequence[Signal], index: Index) -> list[Part]:
    """Look all typed words up; raises IndexDamaged."""
    return [
        Part(
            _found(index.word(signal.word)),
            _found(index.word(Word(signal.forms, stream=Stream.FORMS))),
            index.beginnings(related(signal.word.terms, index)),
            signal.weight,
            signal.content,
        )
        for signal in signals
    ]


def _found(entry: Entry) -> Found:
    return Found(entry.weight, entry.item[1])


def related(lemmas: Sequence[str], index: Index) -> tuple[str, ...]:
    """List the lemmas that begin as some of these do, the most frequent; short ones are alone."""
    short = {lemma for lemma in lemmas if len(lemma) < BEGINNING}
    beginnings = sorted({lemma[:BEGINNING] for lemma in lemmas if lemma not in short})
    every = (term for beginning in beginnings for term in index.beginning(beginning, RELATED))
    return tuple(sorted({*short, *every}))


def typed(signal: Signal, index: Index) -> tuple[Typed, ...]:
    """Give a typed word as the kernel looks for it in each segment; raises IndexDamaged."""
    word, forms = signal.word, Word(signal.forms, stream=Stream.FORMS)
    found = [index.parts(item) for item in (word, forms, Word(related(word.terms, index)))]
    lemmas, form, alike = (weight for weight, _ in found)
    weights = (
        signal.weight * FORM_WEIGHT * form,
        signal.weight * RELATED_WEIGHT * alike,
        signal.weight * LEAD_WEIGHT * lemmas,
        lemmas if signal.content else 0.0,
    )
    return tuple((*parts, *weights) for parts in zip(*(own for _, own in found), strict=True))


def reordered(
    index: Index, bases: Sequence[int], hits: Hits, signals: Sequence[Signal], deadline: float
) -> Hits:
    """Order hits of the first pass (key, number in the generation, score) by their new scores."""
    measures = (CLOSE_WEIGHT, LEAD, WINDOW, POSITION_GAP)
    words = [index.typed(signal, typed) for signal in signals]
    if len(index.segments) == 1:
        rows = tuple([rows[0] for rows in words])
        return index.segments[0].searched.rescored(hits, 0, rows, measures, deadline)
    found: Hits = []
    for number, segment in enumerate(index.segments):
        rows = tuple([rows[number] for rows in words])
        found += segment.searched.rescored(hits, bases[number], rows, measures, deadline)
    return sorted(found)
