"""Explaining, second step: what each leaf of a tree gave documents in the first pass.

In: a tree, evaluated leaf by leaf in the documents alone, by the kernel that scored them. Out: for
a document what its leaves gave, as the branches add it up.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.engines.explanation import Gain, SignalKind
from searchsvc.engines.whoosh.resolving import positions_of, weight_of
from searchsvc.engines.whoosh.spans import leaf_spans
from searchsvc.engines.whoosh.variants import shares
from searchsvc.query.describing import described
from searchsvc.query.tree import (
    All,
    Any,
    Constant,
    DateRange,
    Everything,
    Expansion,
    Near,
    Not,
    Nothing,
    Phrase,
    Ranked,
    Value,
    Variants,
    Word,
)
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from searchsvc.engines.explanation import Occurrences
    from searchsvc.engines.whoosh.deadlines import Check
    from searchsvc.engines.whoosh.evaluation import Evaluation
    from searchsvc.engines.whoosh.explaining_places import Named, Places
    from searchsvc.query.tree import Leaf, Node

Gains = tuple[Gain, ...]


class _Weighed(NamedTuple):
    """What a leaf's score is made of: its idf, and for each document occurrences and terms."""

    idf: float
    weight: float
    occurrences: Sequence[Occurrences]
    terms: Sequence[tuple[str, ...]]


class Tree:
    """One tree over documents of a segment; raises TimeoutError, EngineUnavailable late."""

    def __init__(
        self, evaluation: Evaluation, places: Places, typed: Mapping[Word, str], check: Check
    ) -> None:
        self._evaluation = evaluation
        self._places = places
        self._typed = typed
        self._check = check
        self._told: dict[Leaf | Value | DateRange, dict[int, Gain]] = {}

    def gains(self, node: Node, row: int) -> Gains | None:
        """List what the leaves under a node gave a document; None if it does not match."""
        match node:
            case All(children=children):
                return _all([self.gains(child, row) for child in children])
            case Any() | Variants():
                return self._some(node, row)
            case Ranked(must=must, should=should):
                first = self.gains(must, row)
                added = (self._added(child, row) for child in should)
                return None if first is None else sum(added, first)
            case Not() | Constant():
                return self._unlike(node, row)
            case Everything() | Nothing():
                return () if isinstance(node, Everything) else None
            case _:
                return self._leaf(node, row)

    def _some(self, node: Any | Variants, row: int) -> Gains | None:
        """Add up what any child gave, or take the best variant, each by its share."""
        parts = [self.gains(child, row) for child in node.children]
        if isinstance(node, Any):
            matches = any(part is not None for part in parts)
            return sum(filter(None, parts), ()) if matches else None
        own = shares(node.children, self._evaluation.resolved.weight)
        pairs = zip(parts, own, strict=True)
        found = [_scaled(part, share) for part, share in pairs if part is not None]
        return max(found, key=_worth, default=None)

    def _added(self, child: Node, row: int) -> Gains:
        """Take what only ranks; all words together are one gain, as each has its own beside."""
        found = self.gains(child, row) or ()
        if not found or not isinstance(child, All):
            return found
        gave = math.fsum(gain.gave for gain in found)
        return (Gain(described(child, self._typed), SignalKind.TOGETHER, gave),)

    def _unlike(self, node: Not | Constant, row: int) -> Gains | None:
        """Explain what does not give what its child is worth."""
        matches = self.gains(node.child, row) is not None
        what = described(node, self._typed)
        if isinstance(node, Not):
            return None if matches else (Gain(what, SignalKind.FILTER, 0.0),)
        return (Gain(what, SignalKind.TOGETHER, node.score),) if matches else None

    def _leaf(self, leaf: Leaf | Value | DateRange, row: int) -> Gains | None:
        told = self._told.get(leaf)
        if told is None:
            told = self._told[leaf] = self._tell(leaf)
        return (told[row],) if row in told else None

    def _tell(self, leaf: Leaf | Value | DateRange) -> dict[int, Gain]:
        """Explain a leaf to all the documents that it matches, by row."""
        self._check()
        docs, scores = self._evaluation.among(leaf, self._places.number, self._places.docs)
        if not docs.size:
            return {}
        rows = self._places.docs.searchsorted(docs).tolist()
        scored = zip(rows, scores.tolist(), strict=True)
        what = described(leaf, self._typed)
        if isinstance(leaf, Value | DateRange):
            return {row: Gain(what, SignalKind.FILTER, score) for row, score in scored}
        weighed = self._weighed(leaf)
        return {row: _gain(what, score, weighed, row) for row, score in scored}

    def _weighed(self, leaf: Leaf) -> _Weighed:
        resolved, places = self._evaluation.resolved, self._places
        positions = list(positions_of(leaf))
        idf = weight_of([resolved.read(item) for item in positions])
        field = positions[0].field if positions else Field.TEXT
        if isinstance(leaf, Phrase | Near):
            spans = leaf_spans(resolved, places.number, leaf, places.docs, self._check)
            counted = places.occurrences(spans[0].keys, field)
            return _Weighed(idf, 1.0, counted, [()] * len(counted))
        if isinstance(leaf, Word):
            standing, weight = places.word(leaf), leaf.weight
        else:
            standing, weight = places.standing(self._expanded(leaf)), 1.0
        return _Weighed(idf, weight, places.occurrences(standing.keys, field), standing.terms)

    def _expanded(self, leaf: Expansion) -> list[Named]:
        rows = self._evaluation.resolved.of(leaf).rows[self._places.number]
        return [
            (chosen.field.lexicon[number], chosen.field.term(number))
            for chosen in rows
            for number in chosen.each()
        ]


def _all(parts: Sequence[Gains | None]) -> Gains | None:
    found = [part for part in parts if part is not None]
    return sum(found, ()) if len(found) == len(parts) else None


def _scaled(gains: Gains, share: float) -> Gains:
    return tuple(
        replace(gain, gave=gain.gave * share, weight=gain.weight and gain.weight * share)
        for gain in gains
    )


def _worth(gains: Gains) -> float:
    return math.fsum(gain.gave for gain in gains)


def _gain(what: str, score: float, weighed: _Weighed, row: int) -> Gain:
    idf, weight, occurrences, terms = weighed
    return Gain(what, SignalKind.WORDS, score, weight, idf, occurrences[row], terms[row])
