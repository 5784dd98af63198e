"""Calls of what numbers strings: lines that are no UTF-8 too, and numbers that are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from random import Random
    from types import ModuleType

SCRAPS = [
    b"a",
    "мэр".encode(),
    "ёлки-палки".encode(),
    b"\n",
    b"\xd0",
    b"\xd1\xb0",
    b"\x80",
    b"\xf0",
]
SCRAPS += [b"\0", b"\xff" * 9, "語".encode(), b"\xc2" * 40, b""]


def number_strings(module: ModuleType, cases: int, chance: Random) -> int:
    """Give numbers to lines and ask for them; give how many there were."""
    found = 0
    for _ in range(cases):
        numbered, known = module.Numbered(chance.randrange(1 << 64)), {}
        for _ in range(chance.randint(0, 5)):
            lines = b"".join(chance.choices(SCRAPS, k=chance.choice((0, 3, 40, 2_000))))
            strings = lines.split(b"\n") if lines else []
            numbers = np.frombuffer(numbered.number(lines), np.int32)
            assert numbers.tolist() == [known.setdefault(own, len(known)) for own in strings]
            assert numbered.chosen(numbers) == lines
        assert numbered.lines(0, len(known)) == b"\n".join(known)
        _ask(numbered, len(known), chance)
        found += len(known)
    return found


def _ask(numbered: object, count: int, chance: Random) -> None:
    """Sort strings, some of them wrong or there twice."""
    odd = chance.random() < 0.3
    chosen = chance.choices(range(-odd, count + odd), k=chance.randint(0, count)) if count else []
    numbers = np.array(chosen, np.int32)
    group, most = chance.choice((1, 2, 16)), chance.choice((0, 3, 32))
    try:
        ranks, terms, sizes, shared = numbered.sorted(numbers, group, most)
    except ValueError:
        assert odd
        return
    assert sorted(np.frombuffer(ranks, np.int32).tolist()) == list(range(numbers.size))
    assert len(terms) == np.frombuffer(sizes, np.int32).sum()
    assert np.frombuffer(shared, np.int32).max(initial=0) <= most
