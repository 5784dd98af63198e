"""Fragments: from an article's text and the matches in it to the snippets of a hit.

A fragment is one or more whole sentences, or a piece of a long sentence cut at word borders.
``_highlighting`` does it 6 times as fast as ``portable_fragments``, which takes over where it was
not compiled, and for what is rare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchsvc.highlighting import portable_fragments
from searchsvc.highlighting.marks import merge, placed
from searchsvc.highlighting.sentences import reader
from searchsvc.highlighting.snippet import Snippet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searchsvc.highlighting.marks import Mark


def mark(text: str, matches: Sequence[Mark]) -> Snippet:
    """Mark a whole text, a title or an article; overlapping matches are one mark."""
    compiled = reader()
    found = compiled.mark(text, matches) if compiled is not None else None
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
    compiled = reader()
    found = compiled.snippets(text, matches, limit, length) if compiled is not None else None
    if found is None:
        return portable_fragments.snippets(text, matches, limit, length)
    return found
