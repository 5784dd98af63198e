"""Articles waiting to become a segment, column by column.

In: digests, one by one or many at once. Out: what is known of all of them, in their order.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from searchsvc.engines.whoosh.digest import Digests, Number
from searchsvc.engines.whoosh.facet_values import Rows, of_one, rows_of
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.digest import Digest

LOOSE = 256
"""Digests that came one by one and are put into columns together."""


class Waiting:
    """Digests in the order of their document numbers."""

    def __init__(self) -> None:
        self._parts: list[Digests] = []
        self._firsts: list[int] = []
        self._size = 0
        """Documents in the parts; the loose ones come behind them."""
        self._loose: list[Digest] = []

    def __len__(self) -> int:
        return self._size + len(self._loose)

    def __getitem__(self, doc: int) -> Digest:
        if doc >= self._size:
            return self._loose[doc - self._size]
        part = bisect_right(self._firsts, doc) - 1
        return self._parts[part][doc - self._firsts[part]]

    def add(self, digest: Digest) -> int:
        """Take one; returns its document number."""
        self._loose.append(digest._replace(words=None))
        if len(self._loose) == LOOSE:
            self._settle()
        return len(self) - 1

    def extend(self, digests: Digests) -> range:
        """Take many; returns their document numbers. Their words are let go of."""
        self._settle()
        first = self._size
        digests.words = None
        self._parts.append(digests)
        self._firsts.append(first)
        self._size += len(digests)
        return range(first, self._size)

    def all(self, column: str) -> Iterator[Any]:
        """Give a column of ``Digests`` for all documents."""
        self._settle()
        return chain.from_iterable(getattr(part, column) for part in self._parts)

    def numbers(self) -> NDArray[np.int64]:
        """Give the numbers of all documents."""
        self._settle()
        none = np.zeros((0, len(Number)), np.int64)
        return np.concatenate([none, *(part.numbers for part in self._parts)])

    def blocks(self) -> list[bytes]:
        """Give all packed articles, some end to end in each block."""
        self._settle()
        return [part.articles for part in self._parts]

    def rows(self) -> dict[Field, Rows]:
        """Give the values of all facet fields."""
        return {
            Field.SOURCE: of_one(self.all("sources")),
            Field.TOPIC: rows_of(list(self.all("topics"))),
            Field.AUTHOR: rows_of(list(self.all("authors"))),
        }

    def _settle(self) -> None:
        if self._loose:
            loose, self._loose = self._loose, []
            self.extend(Digests.of(loose))
