"""Calls of what measures places of matches, half of them with damaged keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from occurrences import ANALYZER, QUICK, page

from searchsvc.engines.protocol import matches_of
from searchsvc.engines.whoosh import portable_locating
from searchsvc.engines.whoosh.locating import CONSTANTS

if TYPE_CHECKING:
    from random import Random
    from types import ModuleType

    from searchsvc.engines.whoosh.portable_locating import Document, Standing

REFUSED = (TypeError, ValueError, IndexError, OverflowError)


def measure_places(module: ModuleType, cases: int, chance: Random) -> int:
    """Measure places, sound ones as Python does; give how many matches there were."""
    found = 0
    for _ in range(cases):
        documents, standing = page(chance)
        read = module.places(documents, standing, ANALYZER.offsets, QUICK, CONSTANTS)
        assert read == portable_locating.places(documents, standing, ANALYZER.offsets)
        found += sum(map(len, map(matches_of, read)))
        rows = [keys for _, keys, _, _ in standing]
        assert module.united(rows) == portable_locating.united(rows)
        assert module.side_by_side(rows) == portable_locating.side_by_side(rows)
        survive(module, documents, standing, chance)
    return found


def survive(
    module: ModuleType,
    documents: tuple[Document, ...],
    standing: tuple[Standing, ...],
    chance: Random,
) -> None:
    """Make calls with damaged keys; whatever comes of them is no step out of an array."""
    rows = [damaged(keys, chance) for _, keys, _, _ in standing]
    wrong = tuple(
        (clause, keys, chance.choice((1, length, 0, -1, 1 << 31, 1 << 40)), damaged(whole, chance))
        for (clause, _, length, whole), keys in zip(standing, rows, strict=True)
    )
    calls = [
        lambda: module.places(documents[::-1], wrong, ANALYZER.offsets, QUICK, CONSTANTS),
        lambda: module.places(documents, wrong, print, lambda *_: b"abcdefgh", CONSTANTS),
        lambda: module.places(documents, wrong, ANALYZER.offsets, lambda *_: None, CONSTANTS),
        lambda: module.united(rows),
        lambda: module.side_by_side(rows),
    ]
    for call in calls:
        try:
            call()
        except REFUSED:
            continue


def damaged(keys: bytes, chance: Random) -> bytes:
    """Put other bytes in place of some, cut a few off, or turn all around."""
    place = chance.randint(0, len(keys))
    some = chance.randbytes(chance.choice((0, 0, 1, 4, 8)))
    changed = keys[:place] + some + keys[place + len(some) :]
    return chance.choice((changed, changed[::-1], keys[:place], keys))
