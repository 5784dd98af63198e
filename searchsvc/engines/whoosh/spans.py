"""Where things stand: occurrences of words, phrases and proximities in chosen documents.

An occurrence is one 64-bit key, ``document << 32 | position of its first token``, so that set
operations on sorted keys are operations on occurrences, and neighbours never cross documents.
"""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.deadlines import unchecked
from searchsvc.query.tree import Near, Phrase
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.deadlines import Check
    from searchsvc.engines.whoosh.kernel import Term
    from searchsvc.engines.whoosh.resolving import Resolved
    from searchsvc.query.tree import Leaf, Position

    Keys = NDArray[np.int64]
    Docs = NDArray[np.int32]

DOC_SHIFT = 32

HALL_GROUPS = 5
"""More items that share positions are placed window by window: 2^5 unions of theirs are few."""


class Spans(NamedTuple):
    """Occurrences that all cover ``length`` positions: their sorted, distinct start keys."""

    keys: Keys
    length: int

    def docs(self) -> Docs:
        """Give the document of each occurrence."""
        return (self.keys >> DOC_SHIFT).astype(np.int32)


def word_spans(resolved: Resolved, number: int, item: Position, among: Docs) -> Spans:
    """Find one position's occurrences in documents (sorted, distinct) of a segment."""
    return term_spans(resolved, number, item, resolved.terms(item, number), among)


def term_spans(
    resolved: Resolved, number: int, item: Position, terms: tuple[Term, ...], among: Docs
) -> Spans:
    """Find the occurrences of some of a position's terms."""
    segment = resolved.index.segments[number]
    parts = [
        np.frombuffer(keys, np.int64) for keys in segment.searched.positions(terms, among, math.inf)
    ]
    keys = parts[0] if len(parts) == 1 else np.unique(np.concatenate([_none(), *parts]))
    if item.field is Field.TITLE:
        keys = keys[(keys & 0xFFFFFFFF) < segment.column("title_tokens")[keys >> DOC_SHIFT]]
    return Spans(keys, 1)


def _none() -> Keys:
    return np.zeros(0, np.int64)


def phrase_spans(resolved: Resolved, number: int, phrase: Phrase, among: Docs) -> Spans:
    """Find where all items stand side by side."""
    keys: Keys | None = None
    for offset, item in enumerate(phrase.items):
        own = word_spans(resolved, number, item, among).keys - offset
        keys = own if keys is None else np.intersect1d(keys, own, assume_unique=True)
        among = np.unique(keys >> DOC_SHIFT).astype(np.int32)
    return Spans(_none() if keys is None else keys, len(phrase.items))


def near_spans(
    resolved: Resolved, number: int, near: Near, among: Docs, check: Check = unchecked
) -> list[Spans]:
    """Find the occurrences of each item that take part in the proximity."""
    found = {
        item: phrase_spans(resolved, number, item, among)
        if isinstance(item, Phrase)
        else word_spans(resolved, number, item, among)
        for item in dict.fromkeys(near.items)
    }
    if len(near.items) == 2:
        one, two = (found[item] for item in near.items)
        return _pair(one, two, near.distance)
    needed = Counter(near.items)
    groups = [_Group(spans.keys, needed[item]) for item, spans in found.items()]
    width = max(near.distance, len(near.items) - 1)
    starts = _windows(groups, width, check)
    taking = {
        item: Spans(keys[_any_between(starts, keys - width, keys)], 1)
        for item, (keys, _) in zip(found, groups, strict=True)
    }
    return [taking[item] for item in near.items]


def _pair(one: Spans, two: Spans, distance: int) -> list[Spans]:
    before, after = _followed(one, two, distance), _followed(two, one, distance)
    ones = before | _preceded(one, two, distance)
    twos = after | _preceded(two, one, distance)
    return [Spans(one.keys[ones], one.length), Spans(two.keys[twos], two.length)]


def _followed(one: Spans, two: Spans, distance: int) -> NDArray[np.bool_]:
    """Tell which of ``one`` have one of ``two`` beginning 1 to ``distance`` after their end."""
    last = one.keys + one.length - 1
    return _any_between(two.keys, last + 1, last + distance)


def _preceded(one: Spans, two: Spans, distance: int) -> NDArray[np.bool_]:
    """Tell which of ``one`` have one of ``two`` ending 1 to ``distance`` before their start."""
    first = one.keys - two.length + 1
    return _any_between(two.keys, first - distance, first - 1)


def _any_between(keys: Keys, low: Keys, high: Keys) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.searchsorted(keys, low) < np.searchsorted(keys, high, "right")
    return found


class _Group(NamedTuple):
    """Where one item stands, and in how many places it must stand at once."""

    keys: Keys
    needed: int


def _windows(groups: Sequence[_Group], width: int, check: Check) -> Keys:
    """Find where windows begin that have a position of its own for every item."""
    starts = np.unique(np.concatenate([group.keys for group in groups]))
    for keys, needed in groups:
        starts = starts[_count_within(keys, starts, width) >= needed]
    every = np.unique(np.concatenate([group.keys for group in groups]))
    if every.size == sum(group.keys.size for group in groups):
        return starts
    if len(groups) > HALL_GROUPS:
        return _with_places(groups, starts, width, check)
    # Hall's theorem: all find a place when any few of them have places enough together.
    for size in range(2, len(groups) + 1):
        for some in combinations(groups, size):
            together = np.unique(np.concatenate([group.keys for group in some]))
            needed = sum(group.needed for group in some)
            starts = starts[_count_within(together, starts, width) >= needed]
    return starts


def _count_within(keys: Keys, starts: Keys, width: int) -> Keys:
    ends = np.searchsorted(keys, starts + width, "right")
    counts: Keys = ends - np.searchsorted(keys, starts)
    return counts


def _with_places(groups: Sequence[_Group], starts: Keys, width: int, check: Check) -> Keys:
    """Try to place all items in each window where some of them share positions."""
    items = [group.keys for group in groups for _ in range(group.needed)]
    counts = [_count_within(group.keys, starts, width) for group in groups]
    together = np.unique(np.concatenate(items))
    shared: NDArray[np.bool_] = np.sum(counts, axis=0) > _count_within(together, starts, width)
    fits = ~shared
    for number in np.flatnonzero(shared).tolist():
        check()
        fits[number] = _distinct(items, int(starts[number]), width)
    return starts[fits]


def _distinct(items: Sequence[Keys], start: int, width: int) -> bool:
    """Tell whether a window has a position of its own for every item (Kuhn's matching)."""
    choices = [
        keys[np.searchsorted(keys, start) : np.searchsorted(keys, start + width, "right")].tolist()
        for keys in items
    ]
    owner: dict[int, int] = {}
    return all(_place(item, choices, owner, set()) for item in range(len(items)))


def _place(item: int, choices: list[list[int]], owner: dict[int, int], seen: set[int]) -> bool:
    for key in choices[item]:
        if key in seen:
            continue
        seen.add(key)
        if key not in owner or _place(owner[key], choices, owner, seen):
            owner[key] = item
            return True
    return False


def leaf_spans(
    resolved: Resolved, number: int, leaf: Leaf, among: Docs, check: Check = unchecked
) -> list[Spans]:
    """Find the occurrences of any leaf; ``check`` is called on the way and may raise."""
    if isinstance(leaf, Phrase):
        return [phrase_spans(resolved, number, leaf, among)]
    if isinstance(leaf, Near):
        return near_spans(resolved, number, leaf, among, check)
    return [word_spans(resolved, number, leaf, among)]
