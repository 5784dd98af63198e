"""Fragments: from hits' titles and texts and the matches in them to what is shown.

A fragment is one or more whole sentences, or a piece of a long sentence cut at word borders.
``_highlighting`` does it 6 times as fast as ``portable_fragments``, which takes over where it was
not compiled, and for what is rare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchsvc.highlighting import portable_fragments
from searchsvc.highlighting.marks import IN_TEXT, IN_TITLE, merge, packed, placed, places_in
from searchsvc.highlighting.sentences import reader
from searchsvc.highlighting.snippet import Snippet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searchsvc.highlighting.marks import Mark


Row = tuple[str, str, bytes]
"""A hit's title, its text, and the places of its matches, each a ``marks.PLACE``."""

Shown = tuple[Snippet, tuple[Snippet, ...]]
"""A hit's title and its fragments."""


def mark(text: str, matches: Sequence[Mark]) -> Snippet:
    """Mark a whole text, a title or an article; overlapping matches are one mark."""
    compiled, places = reader(), packed(matches)
    found = None if compiled is None or places is None else compiled.mark(text, places)
    return mark_portably(text, matches) if found is None else found


def mark_portably(text: str, matches: Sequence[Mark]) -> Snippet:
    """Mark a whole text without the compiled highlighter."""
    return Snippet(text, tuple(merge(placed(matches, len(text)))))


def snippets(
    text: str, matches: Sequence[Mark], *, limit: int = 3, length: int = 240
) -> tuple[Snippet, ...]:
    """Choose at most ``limit`` disjoint fragments of at most ``length`` code points, in text order.

    A fragment with clauses that no better one shows comes first, then one with many clauses, with
    many matches, an early one. Every match inside a fragment is marked; a mark longer than a
    fragment is cut with it. Of a very long text the stretch from the first match on is read, and
    of that only what is near a match. A text without matches gives its beginning, an empty one
    nothing.
    """
    compiled, places = reader(), packed(matches)
    if compiled is not None and places is not None:
        found = compiled.snippets(text, places, limit, length)
        if found is not None:
            return found
    return portable_fragments.snippets(text, matches, limit, length)


def highlighted(rows: list[Row], clauses: int, *, limit: int = 3, length: int = 240) -> list[Shown]:
    """Mark titles, and choose fragments of texts as ``snippets`` does, of all hits at once.

    Matches of the first ``clauses`` are shown; others only rank: the «в» of «погода в Москве»
    stands in every sentence.
    """
    compiled = reader()
    if compiled is None:
        return [_shown_portably(row, clauses, limit, length) for row in rows]
    found = compiled.shown(rows, clauses, limit, length)
    return [
        own or _shown_portably(row, clauses, limit, length)
        for own, row in zip(found, rows, strict=True)
    ]


def _shown_portably(row: Row, clauses: int, limit: int, length: int) -> Shown:
    title, text, places = row
    return (
        mark_portably(title, places_in(places, IN_TITLE, clauses)),
        portable_fragments.snippets(text, places_in(places, IN_TEXT, clauses), limit, length),
    )
