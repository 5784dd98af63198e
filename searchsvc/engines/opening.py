"""Which engine serves: the one place that knows them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchsvc.engines.generations import Generations
from searchsvc.engines.whoosh.builder import WhooshBuilder
from searchsvc.engines.whoosh.reader import WhooshEngine

if TYPE_CHECKING:
    from pathlib import Path

    from searchsvc.engines.protocol import Engine


def open_engine(root: Path) -> Engine:
    """Open the current generation of an index folder; raises IndexMissing."""
    return WhooshEngine.open(root)


def open_builder(root: Path, *, update: bool = False, allow_shrink: bool = False) -> WhooshBuilder:
    """Begin the next generation of an index folder; raises BuildRefused."""
    return WhooshBuilder(root, update=update, allow_shrink=allow_shrink)


def check_index(root: Path) -> int:
    """Compare the current generation with its checksums and ask it for sample articles.

    Returns its number; raises IndexMissing, IndexDamaged.
    """
    generations = Generations(root)
    number = generations.current()
    generations.verify(number)
    engine = WhooshEngine.open(root, number)
    try:
        engine.verify()
        engine.check(samples=100)
    finally:
        engine.close()
    return number
