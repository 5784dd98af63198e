"""The second pass: the best articles by score, ordered anew by what costs too much for all.

In: the typed words. Out: what the kernel looks for in the best documents of the first pass.
An article gains by the very forms that were typed, by related words (lemmas that begin alike), by
words in its lead, and by a window of text that holds many of the words. Constants were set on four
sets together (nDCG@10, see ARCHITECTURE.md, "Ranking"); all articles instead of a first hundred
gain less than .001.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from searchsvc.engines.whoosh.container import MEND
from searchsvc.errors import IndexDamaged
from searchsvc.query.tree import Word
from searchsvc.schema import POSITION_GAP, Stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searchsvc.engines.whoosh.kernel import Measures, Typed
    from searchsvc.engines.whoosh.operands import Index
    from searchsvc.query.tree import Signal

FIRST = 48
"""Articles of the first pass that the second one orders: 64 gain .0004 nDCG@10 on XQuAD's sentences
and on fontanka's headlines, nothing on the other two sets, and take a sixth longer; 40 lose .0013
on lenta.ru's headlines."""

FORM_WEIGHT = 0.3
RELATED_WEIGHT = 2.0
LEAD_WEIGHT = 0.4
CLOSE_WEIGHT = 0.8

BEGINNING = 4
"""Letters that related lemmas share: «цифровой», «цифровизация»."""

RELATED = 16
"""The most frequent lemmas that may count as related; all of them rank no better."""

LEAD = 30
"""Tokens of the body that are its lead."""

WINDOW = 60
"""Tokens that words stand close together in."""


def beginning_alike(lemmas: Sequence[str], index: Index) -> tuple[str, ...]:
    """List the most frequent lemmas that begin as some of these do, and these; none of them twice.

    Short ones are alone.
    """
    beginnings = sorted({lemma[:BEGINNING] for lemma in lemmas if len(lemma) >= BEGINNING})
    every = (index.beginning(letters, RELATED) for letters in beginnings)
    return tuple(sorted({*lemmas, *chain(*every)}))


def typed(signal: Signal, index: Index) -> Typed:
    """Give a typed word as the kernel looks for it in every segment; raises IndexDamaged."""
    word, forms = signal.word, Word(signal.forms, stream=Stream.FORMS)
    lemmas, found = index.parts(word)
    form, same = index.parts(forms)
    alike = beginning_alike(word.terms, index)
    others, related = index.parts(Word(tuple(term for term in alike if term not in word.terms)))
    weight = min(others, index.parts(Word(word.terms))[0])
    weights = (
        signal.weight * FORM_WEIGHT * form,
        signal.weight * RELATED_WEIGHT * weight,
        signal.weight * LEAD_WEIGHT * lemmas,
        lemmas if signal.content else 0.0,
    )
    try:
        return index.whole.typed(found, same, related, *weights)
    except ValueError as error:
        raise IndexDamaged(f"{error}; {MEND}") from error


MEASURES: Measures = CLOSE_WEIGHT, LEAD, WINDOW, POSITION_GAP
"""What the best window weighs, and what the kernel measures in tokens."""
