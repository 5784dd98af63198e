"""Calls of what inverts and of what finds joints in texts: most of the arrays are damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh import inversion
from searchsvc.engines.whoosh.inversion import Runs, Targets
from searchsvc.parsing import plain

if TYPE_CHECKING:
    from random import Random
    from types import ModuleType

    from numpy.typing import NDArray

USUAL = ["а", "Б", ".Снег", "!Мэр", ".«Лёд", "», ", ", a", "слово", "\nДа"]
ODD = ["\ud800", "\U0010ffff", "\0", "<", " ", ".", "»", "\n"]
WRONG = (-1, 0, 7, 100, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63))


class Asked(NamedTuple):
    """Occurrences that are inverted."""

    numbers: NDArray[np.int32]
    runs: Runs
    targets: Targets
    titles: NDArray[np.int32]
    terms: int


def invert(module: ModuleType, cases: int, chance: Random) -> int:
    """Invert occurrences, then damaged ones; give how many postings there were."""
    inversion.compiled = module
    generator, found = np.random.default_rng(chance.randrange(1 << 32)), 0
    for _ in range(cases):
        asked = _asked(generator)
        pieces = inversion.invert(*asked[:2], asked.titles, asked.terms, asked.targets, piece=3)
        rows = inversion.expanded(asked.numbers, asked.runs, asked.targets)
        count = sum(piece.docs.size for piece in pieces)
        assert count == len(set(zip(*(row.tolist() for row in rows[:2]), strict=True)))
        found += count
        try:
            invert_damaged(module, asked, generator)
        except (ValueError, TypeError):
            continue
    return found


def _asked(chance: np.random.Generator) -> Asked:
    terms, sources, docs, runs = map(int, chance.integers((1, 1, 1, 0), (6, 6, 5, 5)))
    sizes = chance.integers(0, 4, runs)
    begins = np.cumsum([0, *chance.integers(0, 3, sources)])
    columns = (
        chance.integers(0, sources, sizes.sum()),
        *(chance.integers(0, docs, runs), chance.integers(0, 20, runs), sizes),
        *(begins, chance.integers(0, terms, begins[-1])),
        chance.integers(0, 4, docs),
    )
    numbers, first, second, third, *targets, titles = (one.astype(np.int32) for one in columns)
    return Asked(numbers, Runs(first, second, third), Targets(*targets), titles, terms)


def invert_damaged(module: ModuleType, asked: Asked, chance: np.random.Generator) -> None:
    """Call what inverts step by step, with wrong numbers in its arrays and between the steps."""
    numbers, runs, targets, titles, terms = asked
    bits = int(chance.choice((1, 2, 5, 16, 30, 31, 32)))
    starts = np.zeros(terms + 1, np.int64)
    for array in (numbers, *runs, *targets, titles):
        _harm(array, chance, 0.1)
    count = module.count(numbers, *targets, starts)
    _harm(starts, chance, 0.3)
    size = max(0, count + int(chance.integers(-1, 2)))
    dealt = np.zeros(size, np.uint64 if bits == inversion.WIDE else np.uint32)
    module.deal(bits, (numbers, *runs, *targets, titles, starts, dealt))
    _harm(starts, chance, 0.5)
    _harm(dealt, chance, 0.2)
    first, last = map(int, chance.integers(0, terms + 2, 2))
    made = [np.zeros(room, np.int32) for room in (max(0, last - first), size, size, size)]
    places = np.zeros(size, np.uint32)
    module.collect(first, last, bits, (starts, titles, dealt, *made, places))


def _harm(array: NDArray[np.generic], chance: np.random.Generator, share: float) -> None:
    if array.size and chance.random() < share:
        wrong = np.array(WRONG[chance.integers(len(WRONG))])
        array[chance.integers(array.size)] = wrong.astype(array.dtype)


def find_joints(module: ModuleType, cases: int, chance: Random) -> int:
    """Look for joints in texts, with tables that end early too; give how many there were."""
    found = 0
    for _ in range(cases):
        pieces = chance.choices(USUAL, k=chance.randint(0, 30))
        for _ in range(chance.randint(0, 2)):
            pieces.insert(chance.randint(0, len(pieces)), chance.choice(ODD))
        text = "".join(pieces)
        size = chance.choice((0, 1, 0x430, 0xFFFF, 0xFFFF))
        found += len(module.joints(text, plain._TABLE[:size]) or ())
    return found
