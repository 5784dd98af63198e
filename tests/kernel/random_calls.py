"""Random calls of the kernel over sound arrays: sets of every shape, phrases, pairs, strings.

Each array has memory of its own, so that AddressSanitizer sees a step outside of any of them.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.layout import SAMPLED, UNDATED
from searchsvc.engines.whoosh.scoring import impacts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Kernel, List, Operand, Operands, Order, Range

PATIENCE = 20.0
"""Seconds that a call may take; none comes near."""

CLOSE = impacts(40.0)
"""Impacts as they are: sums differ in their last bits."""

COARSE = np.round(CLOSE * 4).astype(np.float32) / 4
"""Impacts of which many are equal, so that orders have ties."""

DAYS = 40


class Call(NamedTuple):
    """A function of the kernel and what it is called with."""

    name: str
    arguments: tuple[Any, ...]

    def of(self, kernel: Kernel) -> Any:
        """Call it."""
        return getattr(kernel, self.name)(*self.arguments)


class Posted(NamedTuple):
    """A stream, and for each of its terms documents and first posting."""

    stream: tuple[Any, ...]
    terms: list[tuple[NDArray[np.int32], int]]


class Calls:
    """Makes calls from one source of chance."""

    def __init__(self, seed: int) -> None:
        self._chance = np.random.default_rng(seed)

    def any(self) -> Call:
        """Make a call of any function."""
        return (self.boolean, self.boolean, self.spans, self.spans, self.find)[self._below(5)]()

    def boolean(self) -> Call:
        """Make a call that combines words and sets."""
        chance, size = self._chance, self._size()
        mode = "AOE"[self._below(3)]
        lengths = chance.integers(0, 256, size)
        must, should, without = (
            self._operands(size, lengths, most)
            for most in (4 if mode == "A" else 0, 5 if mode == "O" else 2, 2)
        )
        if mode == "A" and not must:
            must = (self._operand(size, lengths),)
        arguments = (
            *(mode, size, (CLOSE, COARSE)[self._below(2)].copy(), must, should, without),
            *(self._range(size), self._dead(size), order := self._order(size)),
            *(self._after(size, order), int(chance.choice((-1, 0, 1, 3, 10, size, 3 * size)))),
            *(bool(self._below(2)), time.monotonic() + PATIENCE),
        )
        return Call("boolean", arguments)

    def spans(self) -> Call:
        """Make a call that finds a phrase or a pair."""
        size = int(self._chance.choice((3, 20, 60, 400)))
        posted = [self._posted(size) for _ in range(1 + self._below(2))]
        pair = self._below(2)
        count = 2 if pair else 1 + self._below(6)
        arguments = (
            *(size, CLOSE.copy(), self._chance.integers(0, 256, size).astype(np.uint8)),
            *(self._weight(), int(self._chance.choice((0, 1, 2, 5, 300, 2**40))) if pair else -1),
            *(tuple(own.stream for own in posted), tuple(self._item(posted) for _ in range(count))),
            time.monotonic() + PATIENCE,
        )
        return Call("spans", arguments)

    def find(self) -> Call:
        """Make a call that looks for a string."""
        chance = self._chance
        strings = sorted({self._string() for _ in range(self._below(40))})
        offsets = np.zeros(len(strings) + 1, np.int64)
        np.cumsum([len(string) for string in strings], out=offsets[1:])
        known = strings and self._below(2)
        key = strings[self._below(len(strings))] if known else self._string()
        blob = np.frombuffer(b"".join(strings), np.uint8).copy()
        offsets = offsets if strings or chance.random() < 0.5 else offsets[:0].copy()
        return Call("find", (blob, offsets, key))

    def _string(self) -> bytes:
        return bytes(self._chance.choice((0, 97, 98, 255), self._below(6)).astype(np.uint8))

    def _below(self, bound: int) -> int:
        return int(self._chance.integers(bound))

    def _weight(self) -> float:
        return float(self._chance.choice((1.0, 0.0, 2.5, 11.1)))

    def _size(self) -> int:
        """Mostly small; sometimes over several of the kernel's windows of 8,192 documents."""
        return 1 + self._below(int(self._chance.choice((6, 60, 60, 400, 400, 20_000))))

    def _docs(self, size: int) -> NDArray[np.int32]:
        share = self._chance.choice((0.0, 0.01, 0.2, 0.5, 0.95))
        return np.flatnonzero(self._chance.random(size) < share).astype(np.int32)

    def _operands(self, size: int, lengths: NDArray[np.int64], most: int) -> Operands:
        return tuple(self._operand(size, lengths) for _ in range(self._below(most + 1)))

    def _operand(self, size: int, lengths: NDArray[np.int64]) -> Operand:
        kind = self._below(6)
        if kind < 2:
            docs = self._docs(size)
            scores = self._chance.random(docs.size).astype(np.float32) if kind else None
            return 1.0, ((docs, None, scores),)
        count = int(self._chance.choice((0, 1, 1, 1, 2, 3, 7)))
        return self._weight(), tuple(self._list(size, lengths) for _ in range(count))

    def _list(self, size: int, lengths: NDArray[np.int64]) -> List:
        docs = self._docs(size)
        tf = self._chance.integers(0, int(self._chance.choice((3, 10, 256))), docs.size)
        return docs, (tf << 8 | lengths[docs]).astype(np.uint16), None

    def _range(self, size: int) -> Range:
        if self._below(3):
            return None, None, 0, 0
        first = self._chance.integers(-DAYS, DAYS, size).astype(np.int32)
        last = first + self._chance.integers(0, 30, size, np.int32)
        first[self._chance.random(size) < 0.1] = UNDATED
        low, high = self._chance.integers(-DAYS, 2 * DAYS, 2).tolist()
        return first, last, int(self._chance.choice((low, UNDATED))), high

    def _dead(self, size: int) -> NDArray[np.uint8] | None:
        if self._below(2):
            return None
        return (self._chance.random(size) < self._chance.random()).astype(np.uint8)

    def _order(self, size: int) -> Order:
        if self._below(2):
            return None, 1
        minutes = self._chance.integers(-9, 9, size)
        minutes[self._chance.random(size) < 0.2] = UNDATED
        return minutes, int(self._chance.choice((-1, 1)))

    def _after(self, size: int, order: Order) -> tuple[float, int]:
        number = int(self._chance.choice((-1, 0, size // 2, size, 2**62)))
        key = float(self._chance.choice((-math.inf, -2.5, -0.75, 0.0, 3.0, math.inf, math.nan)))
        return (-math.inf, -1) if self._below(2) else (key, number)

    def _posted(self, size: int) -> Posted:
        """Make a stream of one to five terms; some postings have more than 255 positions."""
        chance = self._chance
        width = int(chance.choice((4, 12, 400)))
        wide = bool(self._below(2))
        base = int(chance.choice((0, 70_000, 2**32 - 400))) if wide else 65_536 - 400
        parts = [self._term(size, width, chance.random() < 0.2) for _ in range(1 + self._below(5))]
        counts = np.concatenate([count for _, _, count in parts])
        positions = np.concatenate([own for _, own, _ in parts]) + base
        over = np.flatnonzero(counts >= 255)
        begins = np.cumsum(counts) - counts
        stream = (
            *(np.minimum(counts, 255).astype(np.uint8), begins[::SAMPLED].copy()),
            *(positions.astype(np.uint32 if wide else np.uint16), wide),
            *(over, counts[over].astype(np.uint32)),
        )
        sizes = [docs.size for docs, _, _ in parts]
        firsts = np.cumsum(sizes) - sizes
        return Posted(
            stream, [(docs, int(first)) for (docs, _, _), first in zip(parts, firsts, strict=True)]
        )

    def _term(self, size: int, width: int, often: bool) -> tuple[NDArray[Any], ...]:
        keys = self._chance.integers(0, size * 400, int(self._chance.choice((1, size, 8 * size))))
        keys = keys - keys % 400 + keys % width
        if often:
            start = self._below(size) * 400
            keys = np.concatenate((keys, np.arange(start, start + 254 + self._below(146))))
        docs, counts = np.unique(np.unique(keys) // 400, return_counts=True)
        return docs.astype(np.int32), np.unique(keys) % 400, counts

    def _item(self, posted: list[Posted]) -> tuple[tuple[int, Any, int], ...]:
        count = int(self._chance.choice((0, 1, 1, 1, 1, 1, 2, 2, 3)))
        rows = []
        for _ in range(count):
            number = self._below(len(posted))
            docs, first = posted[number].terms[self._below(len(posted[number].terms))]
            rows.append((number, docs, first))
        return tuple(rows)
