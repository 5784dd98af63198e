"""A term's postings as Whoosh walks them, over arrays.

In: ``Postings``, which a segment's reader gives: documents, weights, shortest and longest lengths
by block, and values. Out: Whoosh's matcher. Lists are not unpacked; positions are looked at when
asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from whoosh.matching import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

BLOCK = 128
"""Postings whose bounds Whoosh compares at once, as in its own codec."""


class Values(Protocol):
    """What is kept with each of a term's postings."""

    def known(self, astype: str, number: int) -> Any:
        """Give a posting's value by the name of a decoding, or None: then bytes are decoded."""

    def encoded(self, number: int) -> bytes:
        """Give a posting's value in the bytes of the field's format."""


@dataclass(frozen=True)
class Postings:
    """A term's postings: documents in order, and weights (None: all are 1).

    ``lengths`` gives the shortest and the longest length of each block of ``block`` postings.
    """

    docs: NDArray[Any]
    weights: NDArray[Any] | None
    lengths: Callable[[], tuple[NDArray[Any], NDArray[Any]]]
    values: Values
    block: int = BLOCK

    def info(self) -> TermInfo:
        """Sum up: what Whoosh calls the term's information."""
        shortest, longest = self.lengths()
        weights = self.weights
        return TermInfo(
            weight=float(self.docs.size if weights is None else weights.sum(dtype=np.float64)),
            df=self.docs.size,
            minlength=int(shortest.min(initial=longest.max(initial=0))),
            maxlength=int(longest.max(initial=0)),
            maxweight=1.0 if weights is None else float(weights.max(initial=0)),
            minid=int(self.docs[0]),
            maxid=int(self.docs[-1]),
        )


class ArrayMatcher(LeafMatcher):  # type: ignore[misc]
    """A place in a posting list."""

    def __init__(
        self, postings: Postings, format_: Any, term: tuple[str, bytes], scorer: Any = None
    ) -> None:
        self._postings = postings
        self.format = format_
        self.scorer = scorer
        self._term = term
        self._docs = postings.docs.data
        self._weights = None if postings.weights is None else postings.weights.data
        self._count = len(self._docs)
        self._i = 0

    def is_active(self) -> bool:
        """Tell whether there is a posting here."""
        return self._i < self._count

    def reset(self) -> None:
        """Go to the first posting."""
        self._i = 0

    def copy(self) -> ArrayMatcher:
        """Give another walker at the same place."""
        other = ArrayMatcher(self._postings, self.format, self._term, self.scorer)
        other._i = self._i
        return other

    def id(self) -> int:
        """Give the document here; past the end, the last one: Whoosh's AndNot asks there."""
        try:
            return self._docs[self._i]
        except IndexError:
            return self._docs[-1]

    def all_ids(self) -> Iterator[int]:
        """List all documents."""
        return iter(self._docs)

    def next(self) -> bool:
        """Go to the next posting; tell whether it begins another block."""
        if self._i >= self._count:
            raise ReadTooFar
        self._i += 1
        return self._i % self._postings.block == 0 or self._i == self._count

    def skip_to(self, target: int) -> None:
        """Go to the first document not before one."""
        if self._i >= self._count:
            raise ReadTooFar
        self._i = bisect_left(self._docs, target, self._i, self._count)

    def weight(self) -> float:
        """Give the weight here."""
        return 1.0 if self._weights is None else float(self._weights[self._i])

    def value(self) -> bytes:
        """Give the encoded value here."""
        return self._postings.values.encoded(self._i)

    def value_as(self, astype: str) -> Any:
        """Give the value here decoded; raises AttributeError where the format has no such."""
        decoder = self.format.decoder(astype)
        known = self._postings.values.known(astype, self._i)
        return decoder(self.value()) if known is None else known

    def items_as(self, astype: str) -> Iterator[tuple[int, Any]]:
        """List documents and decoded values from here on."""
        while self.is_active():
            yield self.id(), self.value_as(astype)
            self.next()

    @cached_property
    def _bounds(self) -> tuple[list[float], list[int], list[int]]:
        """Give the largest weight, the shortest and the longest length of each block."""
        shortest, longest = self._postings.lengths()
        weights = self._postings.weights
        if weights is None:
            heaviest = [1.0] * shortest.size
        else:
            starts = np.arange(0, weights.size, self._postings.block)
            heaviest = np.maximum.reduceat(weights, starts).astype(float).tolist()
        return heaviest, shortest.tolist(), longest.tolist()

    def _block(self) -> int:
        """Give the number of the block here; past the end, of the last: Whoosh's AndMaybe asks."""
        return min(self._i, self._count - 1) // self._postings.block

    def block_max_weight(self) -> float:
        """Give the largest weight of the block here."""
        return self._bounds[0][self._block()]

    def block_min_length(self) -> int:
        """Give the shortest length of the block here."""
        return self._bounds[1][self._block()]

    def block_max_length(self) -> int:
        """Give the longest length of the block here."""
        return self._bounds[2][self._block()]

    def block_min_id(self) -> int:
        """Give the first document of the block here."""
        return self._docs[self._block() * self._postings.block]

    def block_max_id(self) -> int:
        """Give the last document of the block here."""
        return self._docs[min(self._count, (self._block() + 1) * self._postings.block) - 1]

    def skip_to_quality(self, minquality: float) -> int:
        """Go to the first block from here that may score more; count the blocks left out."""
        skipped = 0
        while self.is_active() and self.block_quality() <= minquality:
            self._i = min(self._count, (self._block() + 1) * self._postings.block)
            skipped += 1
        return skipped
