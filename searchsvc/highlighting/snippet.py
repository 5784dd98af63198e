"""A snippet: plain text and ranges of it; nothing is escaped before the edge."""

from __future__ import annotations

from typing import NamedTuple


class Snippet(NamedTuple):
    """A piece of text and what is marked in it.

    ``marks`` are sorted, disjoint ``(start, end)`` ranges of code points in ``text``;
    ``cut_before`` and ``cut_after`` say that the piece was cut out of a longer text.
    """

    text: str
    marks: tuple[tuple[int, int], ...] = ()
    cut_before: bool = False
    cut_after: bool = False
