"""Explaining, third step: what each typed word gave documents in the second pass.

In: typed words, and documents that the second pass ordered. Out: for each document what every
signal gave it: the same sums as there, word by word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.explanation import Gain, SignalKind
from searchsvc.engines.whoosh import second_pass
from searchsvc.query.tree import Word
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.deadlines import Check
    from searchsvc.engines.whoosh.explaining_places import Keys, Places, Standing
    from searchsvc.engines.whoosh.operands import Index
    from searchsvc.query.tree import Signal


class _Given(NamedTuple):
    """One signal of a word: what it weighs beside its idf, and where its terms stand."""

    kind: SignalKind
    weight: float
    idf: float
    standing: Standing


def signal_gains(
    places: Places, signals: Sequence[Signal], typed: Mapping[Word, str], check: Check
) -> list[list[Gain]]:
    """List for each document what the signals gave it; those that gave nothing are left out."""
    gains: list[list[Gain]] = [[] for _ in places.docs]
    close: list[tuple[str, float, Keys]] = []
    for signal in signals:
        check()
        what = signal.text or typed[signal.word]
        lemmas, idf = places.word(signal.word), idf_of(places.index, signal.word)
        distinct = np.unique(lemmas.keys)
        if signal.content:
            close.append((what, idf, distinct))
        for given in _given(places, signal, lemmas._replace(keys=distinct), idf):
            for row, gain in _gained(places, what, given):
                gains[row].append(gain)
    for row, gain in _closest(places, close):
        gains[row].append(gain)
    return gains


def idf_of(index: Index, word: Word) -> float:
    """Weigh a word as the most frequent of its terms."""
    fields = [segment.field(word.field, word.stream) for segment in index.segments]
    having = (
        sum(found.articles for field in fields if (found := field.look_up(term)))
        for term in word.terms
    )
    return index.idf(max(having, default=0))


def _given(places: Places, signal: Signal, lemmas: Standing, idf: float) -> Iterator[_Given]:
    index, weight = places.index, signal.weight
    forms = Word(signal.forms, stream=Stream.FORMS)
    yield _of(SignalKind.FORMS, second_pass.FORM_WEIGHT * weight, forms, places)
    alike = Word(second_pass.beginning_alike(signal.word.terms, index))
    yield _of(SignalKind.RELATED, second_pass.RELATED_WEIGHT * weight, alike, places)
    lead = lemmas._replace(keys=places.beginnings(lemmas.keys, second_pass.LEAD))
    yield _Given(SignalKind.LEAD, second_pass.LEAD_WEIGHT * weight, idf, lead)


def _of(kind: SignalKind, weight: float, word: Word, places: Places) -> _Given:
    return _Given(kind, weight, idf_of(places.index, word), places.word(word))


def _gained(places: Places, what: str, given: _Given) -> Iterator[tuple[int, Gain]]:
    keys, terms = given.standing
    gave = (given.weight * given.idf * places.impacts(keys)).tolist()
    counted = places.occurrences(keys, Field.TEXT)
    for row in np.unique(places.rows(keys)).tolist():
        found = (given.weight, given.idf, counted[row], terms[row])
        yield row, Gain(what, given.kind, gave[row], *found)


def _closest(
    places: Places, words: Sequence[tuple[str, float, Keys]]
) -> Iterator[tuple[int, Gain]]:
    """Find in each document the window whose words weigh most together."""
    if not words:
        return
    starts = np.unique(np.concatenate([keys for _, _, keys in words]))
    held = np.array([_held(keys, starts) for _, _, keys in words])
    idfs = np.array([idf for _, idf, _ in words])
    together = idfs @ held
    rows = places.rows(starts)
    for row in np.unique(rows).tolist():
        low, high = np.searchsorted(rows, (row, row + 1)).tolist()
        best = low + int(np.argmax(together[low:high]))
        what = [word for (word, _, _), inside in zip(words, held[:, best], strict=True) if inside]
        weight, idf = second_pass.CLOSE_WEIGHT, float(together[best])
        yield row, Gain(" ".join(what), SignalKind.CLOSENESS, weight * idf, weight, idf)


def _held(keys: Keys, starts: Keys) -> NDArray[np.bool_]:
    """Tell for each window whether a word stands in it."""
    ends = np.searchsorted(keys, starts + second_pass.WINDOW)
    inside: NDArray[np.bool_] = ends > np.searchsorted(keys, starts)
    return inside
