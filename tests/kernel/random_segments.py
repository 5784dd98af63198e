"""Random sound segments: the arrays that a kernel is given, and the postings they were made of.

Each array has memory of its own, so that AddressSanitizer sees a step outside of any of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from searchsvc.engines.whoosh import unpacking
from searchsvc.engines.whoosh.documents import CHUNK
from searchsvc.engines.whoosh.layout import UNDATED
from searchsvc.engines.whoosh.packing import Packer, Postings
from searchsvc.engines.whoosh.scoring import impacts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Kernel, Whole
    from searchsvc.engines.whoosh.kernel import Segment as KernelSegment
    from searchsvc.engines.whoosh.unpacking import Packed

CLOSE = impacts(40.0)
"""Impacts as they are: sums differ in their last bits."""

COARSE = np.ceil(CLOSE * 4).astype(np.float32) / 4
"""Impacts of which many are equal, so that orders have ties."""

FALLING = CLOSE.max() - CLOSE
"""Impacts of which the higher frequency is worth less: none is, but no kernel may rely on it."""

SIZES = (6, 60, 60, 60, *[400] * 6, 20_000) * 4 + (140_000,)
"""Documents at most; those of several chunks take most of the time, and one in 45 is enough."""

DAYS = 40
GROUPS = 6


class Made(NamedTuple):
    """What a kernel's segment is made of; ``terms`` counts those of each field."""

    arguments: tuple[Any, ...]
    terms: tuple[int, ...]

    @property
    def size(self) -> int:
        size: int = self.arguments[0]
        return size

    def of(self, kernel: Kernel) -> KernelSegment:
        """Make it."""
        return kernel.Segment(*self.arguments)


def packed(postings: Postings, terms: int, documents: int) -> Packed:
    """Pack posting lists into arrays."""
    parts: dict[str, list[NDArray[Any]]] = {}
    packer = Packer("f", terms, documents, lambda *row: parts.setdefault(row[0], []).append(row[1]))
    packer.add(postings)
    packer.finish()
    arrays = {name.removeprefix("f/"): np.concatenate(part) for name, part in parts.items()}
    return unpacking.packed(arrays.__getitem__, whole=documents <= CHUNK)


def postings_of(lists: Sequence[dict[int, tuple[Sequence[int], int]]]) -> Postings:
    """Lay out posting lists: for each term its documents with positions and title tf."""
    rows = [(term, doc, *own[doc]) for term, own in enumerate(lists) for doc in sorted(own)]
    return Postings(
        terms=np.array([row[0] for row in rows], np.int32),
        docs=np.array([row[1] for row in rows], np.int32),
        tf=np.array([len(row[2]) for row in rows], np.int32),
        title_tf=np.array([row[3] for row in rows], np.int32),
        positions=np.array([at for row in rows for at in sorted(row[2])], np.uint32),
    )


class Opened(NamedTuple):
    """A kernel's segments, the whole that they make, and the terms that were asked of them."""

    segments: tuple[KernelSegment, ...]
    whole: Whole
    terms: dict[Any, Any]


def opened(kernel: Kernel, some: Sequence[Made]) -> Opened:
    """Make segments and their whole."""
    segments = tuple(made.of(kernel) for made in some)
    return Opened(segments, kernel.Whole(segments), {})


class Segments:
    """Makes segments from one source of chance."""

    def __init__(self, chance: np.random.Generator) -> None:
        self._chance = chance

    def some(self) -> tuple[Made, ...]:
        """Make one segment, or a few that may be searched as one."""
        return tuple(self.any() for _ in range(self._chance.choice((1, 1, 2, 3))))

    def any(self) -> Made:
        """Make a segment: mostly small, sometimes with bitmaps, sometimes of several chunks."""
        chance, size = self._chance, self._size()
        fields = [self._field(size) for _ in range(1 + self._below(2))]
        few = int(chance.choice((1, 3, 256)))
        first = chance.integers(-DAYS, DAYS, size).astype(np.int32)
        last = first + chance.integers(0, 30, size, np.int32)
        first[chance.random(size) < 0.1] = UNDATED
        minute = np.sort(chance.integers(-9, 9, size)) if self._below(2) else first.astype(np.int64)
        minute[chance.random(size) < 0.2] = UNDATED
        made = (chance.random(size) < 0.3).astype(np.uint8)
        arguments = (
            size,
            (CLOSE, CLOSE, COARSE, COARSE, FALLING)[self._below(5)].copy(),
            chance.integers(0, few, size).astype(np.uint8),
            tuple(tuple(part.copy() for part in field) for field, _ in fields),
            (made, chance.integers(0, 9, size).astype(np.int32)),
            (first, last, minute),
            chance.integers(-1, GROUPS, size).astype(np.int32) if self._below(4) else None,
            None if self._below(2) else (chance.random(size) < chance.random()).astype(np.uint8),
        )
        return Made(arguments, tuple(terms for _, terms in fields))

    def _below(self, bound: int) -> int:
        return int(self._chance.integers(bound))

    def _size(self) -> int:
        return 1 + self._below(int(self._chance.choice(SIZES)))

    def _field(self, size: int) -> tuple[Packed, int]:
        chance = self._chance
        terms = self._below(7)
        shares = chance.choice((0.0, 0.01, 0.2, 0.5, 0.95), terms)
        if size > CHUNK:
            shares = np.minimum(shares, 0.2)
        docs = [np.flatnonzero(chance.random(size) < share) for share in shares]
        count = sum(own.size for own in docs)
        tf = chance.geometric(0.6, count) + (chance.random(count) < 0.02) * chance.integers(300)
        title_tf = np.minimum(tf, (chance.random(count) < 0.1) * chance.geometric(0.8, count))
        postings = Postings(
            terms=np.repeat(np.arange(terms, dtype=np.int32), [own.size for own in docs]),
            docs=np.concatenate([np.zeros(0, np.int64), *docs]).astype(np.int32),
            tf=tf.astype(np.int32),
            title_tf=title_tf.astype(np.int32),
            positions=self._positions(tf),
        )
        return packed(postings, terms, size), terms

    def _positions(self, tf: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Draw positions that ascend inside each posting; few are far away."""
        chance = self._chance
        width = int(chance.choice((2, 4, 12)))
        gaps = chance.integers(1, width + 1, int(tf.sum())).astype(np.int64)
        heads = np.cumsum(tf) - tf
        base = int(chance.choice((0, 0, 0, 70_000, 2**32 - 10_000)))
        sums = np.cumsum(gaps)
        starts = np.repeat(sums[heads] - gaps[heads], tf) if tf.size else sums
        return (sums - starts - 1 + base).astype(np.uint32)
