"""Snippets → HTML: the one place that makes ``<mark>``; every piece of text is escaped here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from searchsvc.highlighting.snippet import Snippet

if TYPE_CHECKING:
    from collections.abc import Iterator


def marked(snippet: Snippet) -> Markup:
    """Write a snippet as HTML: its text escaped, its marks as ``<mark>``.

    >>> marked(Snippet("мэр <Москвы>", ((0, 3),)))
    Markup('<mark>мэр</mark> &lt;Москвы&gt;')
    """
    pieces: list[str] = []
    done = 0
    for start, end in snippet.marks:
        pieces += (escape(snippet.text[done:start]), "<mark>", escape(snippet.text[start:end]))
        pieces.append("</mark>")
        done = end
    pieces.append(escape(snippet.text[done:]))
    return Markup("".join(pieces))  # noqa: S704 - each piece is escaped above


def paragraphs(snippet: Snippet) -> Iterator[Snippet]:
    """Cut a text at its line ends; marks go to the lines they stand in, blank lines go."""
    marks = snippet.marks
    first = start = 0
    for line in snippet.text.split("\n"):
        end = start + len(line)
        while first < len(marks) and marks[first][1] <= start:
            first += 1
        if line.strip():
            yield Snippet(line, tuple(_inside(marks, first, start, end)))
        start = end + 1


def _inside(
    marks: tuple[tuple[int, int], ...], first: int, start: int, end: int
) -> Iterator[tuple[int, int]]:
    for number in range(first, len(marks)):
        left, right = marks[number]
        if left >= end:
            return
        yield max(left, start) - start, min(right, end) - start
