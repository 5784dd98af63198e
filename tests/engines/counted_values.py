"""What articles carry, values and days, and how many carry each: for the reference."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.protocol import Histogram
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.protocol import Facet
    from searchsvc.model import Article
    from searchsvc.query.tree import DateRange

CUTS = {Histogram.YEAR: 4, Histogram.MONTH: 7, Histogram.DAY: 10}


class Carried:
    """The values of one facet that articles carry, each once."""

    def __init__(self, articles: Sequence[Article], facet: Facet) -> None:
        rows = [tuple(dict.fromkeys(values_of(article, facet))) for article in articles]
        self._by_value = isinstance(facet, Histogram)
        self._values = sorted({*chain.from_iterable(rows)})
        self._places = {value: number for number, value in enumerate(self._values)}
        flat = [self._places[value] for value in chain.from_iterable(rows)]
        self._numbers = np.array(flat, np.int64)
        self._carriers = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        self._size = len(rows)

    def having(self, value: str) -> NDArray[np.bool_]:
        """Tell which articles carry a value."""
        found = np.zeros(self._size, np.bool_)
        found[self._carriers[self._numbers == self._places.get(value, -1)]] = True
        return found

    def counted(self, matching: NDArray[np.bool_]) -> list[tuple[str, int]]:
        """Count values, the most frequent first, or dates in their order."""
        chosen = self._numbers[matching[self._carriers]]
        counts = np.bincount(chosen, minlength=len(self._values))
        there = np.flatnonzero(counts)
        if not self._by_value:
            there = there[np.argsort(-counts[there], kind="stable")]
        found = zip(there.tolist(), counts[there].tolist(), strict=True)
        return [(self._values[number], count) for number, count in found]


class Days:
    """The days that articles are of."""

    def __init__(self, articles: Sequence[Article]) -> None:
        dates = [article.date for article in articles]
        self._dated = np.array([date is not None for date in dates], np.bool_)
        self._first = np.array([date.first_day.toordinal() if date else 0 for date in dates])
        self._last = np.array([date.last_day.toordinal() if date else 0 for date in dates])

    def between(self, wanted: DateRange) -> NDArray[np.bool_]:
        """Tell which articles are wholly of the days of a range."""
        found = self._dated.copy()
        if wanted.first:
            found &= self._first >= wanted.first.toordinal()
        if wanted.last:
            found &= self._last <= wanted.last.toordinal()
        return found


def values_of(article: Article, facet: Facet) -> tuple[str, ...]:
    """List what an article carries, a value as often as it does."""
    if isinstance(facet, Histogram):
        if article.date is None:
            return ()
        cut = CUTS[facet]
        first, last = (str(day)[:cut] for day in (article.date.first_day, article.date.last_day))
        return (first,) if first == last else ()
    source = (article.source,) if article.source else ()
    return {Field.SOURCE: source, Field.TOPIC: article.topics, Field.AUTHOR: article.authors}[facet]
