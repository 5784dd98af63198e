"""Snippets → HTML: the one place that makes ``<mark>``; every piece of text is escaped here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from searchsvc.highlighting.snippet import Snippet

if TYPE_CHECKING:
    from collections.abc import Iterator


def marked(snippet: Snippet) -> Markup:
    """Write a snippet as HTML that a template takes as it is."""
    return Markup(html(snippet))  # noqa: S704 - it is escaped there


def html(snippet: Snippet) -> str:
    """Write a snippet as HTML: its text escaped, its marks as ``<mark>``.

    >>> html(Snippet("мэр <Москвы>", ((0, 3),)))
    '<mark>мэр</mark> &lt;Москвы&gt;'
    """
    text = snippet.text
    whole = escaped(text)
    if not snippet.marks:
        return whole
    # Escaping makes a text longer: one of the same length has nothing to escape in any piece.
    write = str if len(whole) == len(text) else escaped
    pieces: list[str] = []
    done = 0
    for start, end in snippet.marks:
        pieces += (write(text[done:start]), "<mark>", write(text[start:end]), "</mark>")
        done = end
    pieces.append(write(text[done:]))
    return "".join(pieces)


def escaped(text: str) -> str:
    """Write the five characters that mean something in HTML as MarkupSafe writes them."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("'", "&#39;").replace('"', "&#34;")


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
