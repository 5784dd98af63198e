"""The noisy channel: how unlikely it is that who meant one word typed another.

In: the word typed and the word meant, both folded. Out: a cost in nats, the smaller the likelier.
Costs are -log of how often people err that way; only their differences count. They were fitted
(softmax over the candidates) to the odd half of 1,110 mistakes of ruspellru and to 6,000 made-up
ones, and hold on the even half and on others made up.
"""

from __future__ import annotations

from itertools import pairwise, product
from types import MappingProxyType

_ROWS = ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbours() -> frozenset[tuple[str, str]]:
    """Pair the keys that touch: each with the next in its row and two of the row below."""
    pairs: set[tuple[str, str]] = set()
    for number, row in enumerate(_ROWS):
        pairs.update(pairwise(row))
        if number % 3 < 2:
            below = _ROWS[number + 1]
            pairs.update(zip(row, below, strict=False))
            pairs.update(zip(row[1:], below, strict=False))
    return frozenset(pairs | {(right, left) for left, right in pairs})


NEIGHBOURS = _neighbours()

_ALIKE = {
    1.0: "ьъ 'ъ 'ь",
    1.1: "чщ",
    1.5: "еэ",
    1.9: "оа",
    2.0: "еи йи шщ",
    2.1: "ое",
    2.2: "зс",
    2.4: "иы гк чш",
    2.6: "бп жш",
    2.7: "вф гв",
    2.8: "дт",
    2.9: "ея",
    3.0: "ия ую",
    3.2: "ая",
    3.5: "цс ьи",
    4.1: "ею",
}
ALIKE = MappingProxyType(
    {
        (pair[side], pair[1 - side]): cost
        for cost, pairs in _ALIKE.items()
        for pair in pairs.split()
        for side in (0, 1)
    }
)
"""Substitutions by sound: карова for корова, здрафствуй for здравствуй."""

NEAR_KEY = 4.3
OTHER_LETTER = 5.2
SWAP = 1.6
DOUBLED = 1.9
"""A letter typed twice (оочень) or once for twice (комисия)."""
SIGN = 1.2
"""A soft or hard sign too much or too few: деректорь, компютер."""
HYPHEN = 1.0
MISSING = 1.9
EXTRA = 5.2
EXTRA_NEAR = 3.8
"""An extra letter whose key touches that of a letter beside it."""
FIRST = 0.4
LAST = 0.7
"""Added where the first or the last letter is wrong: people err there less than inside."""


def cost(typed: str, meant: str) -> float:
    """Give the cost of the cheapest way from ``meant`` to ``typed``, edit by edit."""
    if typed == meant:
        return 0.0
    start, end = _core(typed, meant)
    rows: list[list[float]] = []
    source, target = typed[start : len(typed) - end], meant[start : len(meant) - end]
    for i, j in product(range(len(source) + 1), range(len(target) + 1)):
        if j == 0:
            rows.append([])
        rows[i].append(_cheapest(rows, i, j, typed, meant, start))
    return rows[-1][-1] + (FIRST if start == 0 else 0.0) + (LAST if end == 0 else 0.0)


def _core(typed: str, meant: str) -> tuple[int, int]:
    """Count the letters that both words begin with, and of the rest those that both end with."""
    shorter = min(len(typed), len(meant))
    start = next((i for i in range(shorter) if typed[i] != meant[i]), shorter)
    rest = shorter - start
    end = next((i for i in range(rest) if typed[-1 - i] != meant[-1 - i]), rest)
    return start, end


def _cheapest(rows: list[list[float]], i: int, j: int, typed: str, meant: str, start: int) -> float:
    if not i and not j:
        return 0.0
    here, there = start + i - 1, start + j - 1
    ways = []
    if i:
        ways.append(rows[i - 1][j] + _extra(typed, here))
    if j:
        ways.append(rows[i][j - 1] + _missing(meant, there))
    if i and j:
        ways.append(rows[i - 1][j - 1] + _instead(typed[here], meant[there]))
        if i > 1 and j > 1 and typed[here] == meant[there - 1] and typed[here - 1] == meant[there]:
            ways.append(rows[i - 2][j - 2] + SWAP)
    return min(ways)


def _instead(typed: str, meant: str) -> float:
    if typed == meant:
        return 0.0
    by_key = NEAR_KEY if (typed, meant) in NEIGHBOURS else OTHER_LETTER
    return min(by_key, ALIKE.get((typed, meant), by_key))


def _missing(meant: str, at: int) -> float:
    letter = meant[at]
    if letter in meant[at - 1 : at] or letter in meant[at + 1 : at + 2]:
        return DOUBLED
    if letter in "ьъ":
        return SIGN
    return HYPHEN if letter == "-" else MISSING


def _extra(typed: str, at: int) -> float:
    letter, beside = typed[at], typed[max(0, at - 1) : at] + typed[at + 1 : at + 2]
    if letter in beside:
        return DOUBLED
    if letter in "ьъ":
        return SIGN
    if letter == "-":
        return HYPHEN
    return EXTRA_NEAR if any((letter, other) in NEIGHBOURS for other in beside) else EXTRA
