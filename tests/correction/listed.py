"""Forms of an index that are a list: each is compared with what is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Listed:
    """Forms with their articles, each compared with what is asked for."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = counts

    def distinct(self) -> int:
        return len(self.counts)

    def parts(self) -> Iterator[list[str]]:
        yield list(self.counts)

    def articles(self, form: str) -> int:
        return self.counts.get(form, 0)

    def near(self, form: str, edits: int, least: int = 1) -> list[tuple[str, int, int]]:
        rows = [(text, count, OSA.distance(form, text)) for text, count in self.counts.items()]
        return [row for row in rows if row[2] <= edits and (row[2] < 2 or row[1] >= least)]
