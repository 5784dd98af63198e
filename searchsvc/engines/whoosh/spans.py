"""Where things stand: occurrences of words, phrases and proximities in chosen documents.

An occurrence is one 64-bit key, ``document << 32 | position of its first token``, so that set
operations on sorted keys are operations on occurrences, and neighbours never cross documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.segment import spread
from searchsvc.query.tree import Near, Phrase
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.resolving import Resolved
    from searchsvc.engines.whoosh.segment import Segment
    from searchsvc.query.tree import Leaf, Position

    Keys = NDArray[np.int64]
    Docs = NDArray[np.int32]

DOC_SHIFT = 32


class Spans(NamedTuple):
    """Occurrences that all cover ``length`` positions: their sorted, distinct start keys."""

    keys: Keys
    length: int

    def docs(self) -> Docs:
        """Give the document of each occurrence."""
        return (self.keys >> DOC_SHIFT).astype(np.int32)


def word_spans(segment: Segment, item: Position, resolved: Resolved, among: Docs) -> Spans:
    """Find one position's occurrences in the documents ``among`` (sorted, distinct)."""
    parts = [
        _term_keys(segment, item.field, stream, term, among)
        for stream, terms in resolved.terms(item)
        for term in terms
    ]
    keys = parts[0] if len(parts) == 1 else np.unique(np.concatenate([_none(), *parts]))
    if item.field is Field.TITLE:
        keys = keys[(keys & 0xFFFFFFFF) < segment.column("title_tokens")[keys >> DOC_SHIFT]]
    return Spans(keys, 1)


def _none() -> Keys:
    return np.zeros(0, np.int64)


def _term_keys(segment: Segment, field: Field, stream: Stream, term: str, among: Docs) -> Keys:
    posting_field = segment.field(field, stream)
    number = posting_field.lexicon.find(term)
    if number < 0:
        return _none()
    postings = posting_field.postings(number)
    chosen = np.flatnonzero(np.isin(postings.docs, among, assume_unique=True))
    tf = postings.tf[chosen].astype(np.int64)
    begins = np.cumsum(postings.tf, dtype=np.int64)[chosen] - tf
    docs = np.repeat(postings.docs[chosen].astype(np.int64), tf)
    return (docs << DOC_SHIFT) | postings.positions[spread(begins, tf)].astype(np.int64)


def phrase_spans(segment: Segment, phrase: Phrase, resolved: Resolved, among: Docs) -> Spans:
    """Find where all items stand side by side."""
    keys: Keys | None = None
    for offset, item in enumerate(phrase.items):
        own = word_spans(segment, item, resolved, among).keys - offset
        keys = own if keys is None else np.intersect1d(keys, own, assume_unique=True)
        among = np.unique(keys >> DOC_SHIFT).astype(np.int32)
    return Spans(_none() if keys is None else keys, len(phrase.items))


def near_spans(segment: Segment, near: Near, resolved: Resolved, among: Docs) -> list[Spans]:
    """Find the occurrences of each item that take part in the proximity."""
    items = [
        phrase_spans(segment, item, resolved, among)
        if isinstance(item, Phrase)
        else word_spans(segment, item, resolved, among)
        for item in near.items
    ]
    if len(items) == 2:
        return _pair(items[0], items[1], near.distance)
    return _window([item.keys for item in items], max(near.distance, len(items) - 1))


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


def _window(items: Sequence[Keys], width: int) -> list[Spans]:
    starts = np.unique(np.concatenate(items))
    for keys in items:
        starts = starts[_any_between(keys, starts, starts + width)]
    if np.unique(np.concatenate(items)).size < sum(keys.size for keys in items):
        fits = [_distinct(items, int(start), width) for start in starts]
        starts = starts[np.array(fits, np.bool_)]
    return [Spans(keys[_any_between(starts, keys - width, keys)], 1) for keys in items]


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


def leaf_spans(segment: Segment, leaf: Leaf, resolved: Resolved, among: Docs) -> list[Spans]:
    """Find the occurrences of any leaf."""
    if isinstance(leaf, Phrase):
        return [phrase_spans(segment, leaf, resolved, among)]
    if isinstance(leaf, Near):
        return near_spans(segment, leaf, resolved, among)
    return [word_spans(segment, leaf, resolved, among)]
