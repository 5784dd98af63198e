"""Programs of what is mostly asked, plain words and what only ranks them, compiled if it can be.

In: a tree, or signals, and what is known of words. Out: the same that ``evaluation`` and
``operands`` make of them, or None where there is anything else, or a word that is not at hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from searchsvc.engines.whoosh.kernel import NOTHING
from searchsvc.engines.whoosh.operands import Entry
from searchsvc.query.tree import All, Near, Phrase, Ranked, Signal, Word
from searchsvc.query.tree import Any as AnyOf
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from searchsvc.engines.whoosh.kernel import Program, Typed

try:
    from searchsvc.engines.whoosh._kernel import known, lay
except ImportError:

    def lay(*_: object) -> Program | None:  # type: ignore[misc]
        """Leave it to ``evaluation``."""
        return None

    def known(*_: object) -> tuple[Typed, ...] | None:  # type: ignore[misc]
        """Leave it to ``operands``."""
        return None


def _slots(kind: type, names: str) -> list[Any]:
    return [vars(kind)[name] for name in names.split()]


TREE: tuple[Any, ...] = (
    *(Word, All, AnyOf, Ranked, Phrase, Near),
    *(Field.TEXT, Field.TITLE, Stream.LEMMAS, NOTHING),
    *_slots(Word, "terms field stream weight"),
    *_slots(All, "children"),
    *_slots(AnyOf, "children"),
    *_slots(Ranked, "must should"),
    *_slots(Phrase, "items"),
    *_slots(Near, "items distance"),
    *_slots(Entry, "weight item program"),
)
"""What a tree is made of, in the order of ``_laying.c``, which reads slots by their descriptors.

One word with what ranks it takes .3 µs so, three .7; in Python they took .8 and 2.7, and as much
again where other work had been in between."""

SIGNAL: tuple[Any, ...] = (
    Stream.FORMS,
    *_slots(Signal, "word forms content scale"),
    *_slots(Word, "terms stream weight"),
)
"""What a signal is made of."""

__all__ = ("SIGNAL", "TREE", "known", "lay")
