"""Lemmatising in bulk: the lemmas of many forms, as weighing and guessing give them one by one.

In: forms, lines of UTF-8. Out: how many lemmas each has, and these as lines. ``_lemmatising.c``
does it by tables that are made here of the rules; about compounds and what else is no plain word
Python is asked form by form.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate, chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.analysis import guessing, paradigms, weighing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from searchsvc.analysis.dictionary import Dictionary

KINDS = tuple(weighing.NEEDED)
NEVER, ALWAYS, BESIDE_PAST = range(3)


class Lemmatised(NamedTuple):
    """Lemmas of some forms: form i has the next ``counts[i]`` of the lines of ``lines``.

    As two buffers they go from one process to another in a tenth of the time of tuples of texts.
    """

    counts: NDArray[np.int32]
    lines: bytes


def lemmatised(
    lines: bytes, dictionary: Dictionary, ask: Callable[[str], tuple[str, ...]]
) -> Lemmatised:
    """Give the lemmas of many forms; ``ask`` gives those of one."""
    bulk = dictionary.bulk
    if bulk is not None:
        counts, found = bulk.lexicon.lemmatise(lines, _rules(dictionary), paradigms.keys, ask)
        return Lemmatised(np.frombuffer(counts, np.int32), found)
    forms = lines.decode("utf-8", "surrogatepass").split("\n") if lines else []
    lemmas = [ask(form) for form in forms]
    joined = "\n".join(chain.from_iterable(lemmas)).encode("utf-8", "surrogatepass")
    return Lemmatised(np.fromiter(map(len, lemmas), np.int32, len(lemmas)), joined)


@lru_cache(4)
def _rules(dictionary: Dictionary) -> tuple[object, ...]:
    """Lay out the rules, in the order of ``_lemmatising.c``."""
    bulk = dictionary.bulk
    tags = bulk.tags if bulk else ()
    grammemes = [tag.grammemes for tag in tags]
    names = [str(tag).encode() for tag in tags]
    return (
        bytes(KINDS.index(weighing.kind_of(own)) for own in grammemes),
        bytes(map(_flags, grammemes)),
        b"".join(names),
        np.array([*accumulate(map(len, names))], "<i4").tobytes(),
        np.array([*weighing.NEEDED.values()], "<f8").tobytes(),
        bytes(map(_weak, KINDS)),
        (guessing.ACRONYM, guessing.LONG, guessing.MAX_ANALOGIES, weighing.SHORT),
        (guessing.MIN_SHARE, guessing.SURE),
        weighing.SURNAMES,
        guessing.REGULAR,
        (weighing.LETTER, *weighing.IRREGULAR),
        tuple(sorted(paradigms.VOWELS)),
    )


def _flags(grammemes: frozenset[str]) -> int:
    """Say of a tag, bit by bit, what the rules ask."""
    said = (
        weighing.shortened(grammemes),
        "past" in grammemes,
        "plur" in grammemes,
        not guessing.INFLECTED_ANEW.isdisjoint(grammemes),
        "femn" in grammemes,
        grammemes >= {"Geox", "Pltm"},
    )
    return sum(bit << place for place, bit in enumerate(said))


def _weak(kind: str) -> int:
    if kind in weighing.WEAK:
        return ALWAYS
    return BESIDE_PAST if kind == weighing.WEAK_BESIDE_PAST else NEVER
