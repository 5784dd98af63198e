"""The engine-neutral query tree: what an engine receives, analysed, never a string.

A leaf looks for terms at token positions; branches combine sets of articles. Matching is exact
set logic over whole articles; scores only order what matches.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


@dataclass(frozen=True, slots=True)
class Word:
    """One position that holds any of ``terms``; they count as one (tf summed, one idf)."""

    terms: tuple[str, ...]
    field: Field = Field.TEXT
    stream: Stream = Stream.LEMMAS
    weight: float = 1.0


class ExpansionKind(StrEnum):
    """How a pattern names the terms it stands for."""

    PREFIX = "prefix"
    WILDCARD = "wildcard"
    FUZZY = "fuzzy"


@dataclass(frozen=True, slots=True)
class Expansion:
    """One token position that holds any surface form fitting ``pattern`` (folded).

    PREFIX: the pattern is the prefix. WILDCARD: ``?`` is one character, ``*`` any number, as
    everywhere in the pattern. FUZZY: within ``edits`` (1 or 2) insertions, deletions,
    substitutions or neighbour swaps of the pattern (optimal string alignment distance), of
    surface forms or of lemmas. When more terms fit than ``limit``, the most frequent stand for
    it (most articles not deleted first, then by code points) and the engine says so. Where no more
    fit, all stand for it, also those of deleted articles, which nothing but the idf counts, as it
    does for words. A form and a lemma that read the same are two terms.
    """

    kind: ExpansionKind
    pattern: str
    field: Field = Field.TEXT
    edits: int = 0
    limit: int = 200


Position = Word | Expansion


@dataclass(frozen=True, slots=True)
class Signal:
    """A typed word as the second pass sees it: it orders the best articles and makes none match.

    ``word`` is what the first pass looks for; ``forms`` are the folded forms that are best: the one
    typed, or those that only the name has that it seems to be. Only ``content`` words count for how
    close the words stand. ``text`` is the word as it was typed, to be shown. ``scale`` is what the
    signals of this query weigh beside those of others.
    """

    word: Word
    forms: tuple[str, ...]
    content: bool = True
    text: str = field(default="", compare=False)
    scale: float = 1.0

    @property
    def weight(self) -> float:
        """What the word's forms, related words and leads weigh."""
        return self.word.weight * self.scale


@dataclass(frozen=True, slots=True)
class Phrase:
    """Positions side by side in this order, all of one field, inside title or body alone."""

    items: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """Occurrences of all items in any order and without overlap, close together.

    Two items: the later one starts at most ``distance`` positions after the earlier one ends.
    More items are single positions, and the last stands at most
    ``max(distance, len(items) - 1)`` positions after the first.
    """

    items: tuple[Position | Phrase, ...]
    distance: int


@dataclass(frozen=True, slots=True)
class DateRange:
    """Articles whose whole date span lies between two Moscow days, both included; None is open."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """Articles that carry exactly this source, topic or author (as facets show it)."""

    field: Field
    value: str


@dataclass(frozen=True, slots=True)
class Everything:
    """Every article, all with the same score."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No article."""


@dataclass(frozen=True, slots=True)
class All:
    """Articles that match every child; scores add up."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Articles that match some child; scores add up."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Variants:
    """Articles that match some child; the children mean the same, the best score counts.

    Of leaves and conjunctions of them none is worth more than the first: one with more idf gives
    the part of its score that the first's idf is of its own.
    """

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Articles that do not match the child, all with score 0."""

    child: Node


@dataclass(frozen=True, slots=True)
class Ranked:
    """Articles that match ``must``; ``should`` adds to the score where it matches."""

    must: Node
    should: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """Articles that match the child, all with one score."""

    child: Node
    score: float


Leaf = Word | Expansion | Phrase | Near
Branch = All | Any | Variants | Not | Ranked | Constant
Node = Leaf | DateRange | Value | Everything | Nothing | Branch


LEAVES = frozenset((Word, Expansion, Phrase, Near))


def leaves(node: Node) -> list[Leaf]:
    """List the leaves with positions from the left, but those under a Not."""
    found: list[Leaf] = []
    _add_leaves(node, found)
    return found


def _add_leaves(node: Node, found: list[Leaf]) -> None:
    """Add the leaves of a node; a class is told in half the time that ``isinstance`` takes."""
    if node.__class__ in LEAVES:
        found.append(node)  # type: ignore[arg-type]
    elif isinstance(node, Ranked):
        _add_leaves(node.must, found)
        _add_each(node.should, found)
    elif isinstance(node, (All, Any, Variants)):
        _add_each(node.children, found)
    elif isinstance(node, Constant):
        _add_leaves(node.child, found)


def _add_each(nodes: Sequence[Node], found: list[Leaf]) -> None:
    for node in nodes:
        if node.__class__ in LEAVES:
            found.append(node)  # type: ignore[arg-type]
        else:
            _add_leaves(node, found)
