"""Variants: what a name may be worth that stands beside the one that was typed.

In: the children of variants, which mean the same, and idfs. Out: the share of its own score that
each gives. «Российская Федерация» is two words of 6 together and «Россия» one of 0.9: unless no
child is worth more than the first one, the few articles with the longer name come first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import kernel
from searchsvc.engines.whoosh.resolving import positions_of
from searchsvc.query.tree import All, Near, Phrase, Variants, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from searchsvc.engines.whoosh.kernel import Program
    from searchsvc.query.tree import Node, Position

    Idf = Callable[[Position], float]

WEIGHED = frozenset({kernel.WORD, kernel.WIDE, kernel.TITLE, kernel.SPANS})


def shares(children: Sequence[Node], idf: Idf) -> tuple[float, ...]:
    """Tell what part of its score each child gives; what has no idf gives all of it."""
    worths = [_worth(child, idf) for child in children]
    first = worths[0] if worths else 0.0
    return tuple(first / worth if 0 < first < worth else 1.0 for worth in worths)


def scaled(program: Program, share: float) -> Program:
    """Let a program of words give a part of its scores."""
    if share == 1 or program is kernel.NOTHING:
        return program
    kind, own, *rest = program
    if kind in WEIGHED:
        return (kind, own * share, *rest)
    if kind == kernel.SET:
        return (kind, own, rest[0] * np.float32(share))
    if kind >= kernel.ALL:
        return (kind, tuple(scaled(child, share) for child in own), *rest)
    return program


def _worth(node: Node, idf: Idf) -> float:
    match node:
        case Word():
            return idf(node) * node.weight
        case Phrase() | Near():
            return sum(map(idf, dict.fromkeys(positions_of(node))))
        case All(children=children):
            return sum(_worth(child, idf) for child in children)
        case Variants(children=(first, *_)):
            return _worth(first, idf)
    return 0.0
