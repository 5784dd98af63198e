"""Preferring: what a reader of a short query expects first.

In: the typed words of a query. Out: nodes that only rank, and quieter words for the second pass.

Of one to three words nearly every article that has them has them in its lead and close together, so
the second pass tells little apart: «середина сентября» found «середины октября … в сентябре» before
titles with the phrase. An article gains by each word in its title and by two words side by side.
Long queries gain nothing by either (nDCG@10 of XQuAD +.0002, of lenta headlines -.0017).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from searchsvc.analysis.folding import fold
from searchsvc.query.tree import Near, Phrase, Signal, Word
from searchsvc.query.words import QUESTIONS
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from searchsvc.query.tree import Node

FEW = 3
"""Content words of a query that is short."""

TITLE_WEIGHT = 0.4
"""What a word in the title weighs. Of 600 drawn queries (``bench.drawing``, another seed) 90 % have
the words side by side in the first hit's title at 0, 98 % at 0.2, 99 % at 0.4; beyond that, phrases
in bodies begin to give way (76, 75, 74 and, at 0.8, 73 % of the five hits for noun phrases)."""

SIGNAL_SCALE = 0.5
"""What the second pass's signals weigh: at 1 related words lift «грузовик» for «Грузия» (99 % are
97), at 0 the form no longer tells the town in «Ломоносове» from the street «Ломоносова»."""

NAMED_WEIGHT = 0.7
"""What the forms weigh that a single capitalised word has as a name alone, beside what every query
gives them: of «Комаров» mosquitoes in titles stood before the surname in bodies."""


def is_few(content: int, signals: Sequence[Signal]) -> bool:
    """Tell a few words from a question: «кто открыл маяк» is answered in a body, not in a title.

    Preferring there as well costs .0013 of nDCG@10 on XQuAD and .0017 on its sentences.
    """
    return content <= FEW and not any(fold(signal.text) in QUESTIONS for signal in signals)


def preferred(signals: Sequence[Signal]) -> tuple[Node, ...]:
    """List what puts an article higher: words in its title or side by side, a name's own forms."""
    content = [(place, signal) for place, signal in enumerate(signals) if signal.content]
    titled = (_titled(signal.word) for _, signal in content)
    beside = (
        _beside(left, right, second - first)
        for (first, left), (second, right) in pairwise(content)
        if left.word != right.word
    )
    return tuple(dict.fromkeys((*titled, *beside, *_named(signals))))


def quieter(signals: Sequence[Signal]) -> tuple[Signal, ...]:
    """Let the second pass say less."""
    return tuple(
        [
            Signal(one.word, one.forms, one.content, one.text, one.scale * SIGNAL_SCALE)
            for one in signals
        ]
    )


def _titled(word: Word) -> Word:
    return Word(word.terms, Field.TITLE, word.stream, word.weight * TITLE_WEIGHT)


def _named(signals: Sequence[Signal]) -> Iterator[Word]:
    """Of two words the one beside it tells the name: «Сосновый Бор»."""
    if len(signals) == 1 and signals[0].forms != (fold(signals[0].text),):
        yield Word(signals[0].forms, stream=Stream.FORMS, weight=NAMED_WEIGHT)


def _beside(left: Signal, right: Signal, distance: int) -> Node:
    """Names stand in either order: «Зорин Игнат»; function words may stand between."""
    items = (left.word, right.word)
    names = left.text[:1].isupper() and right.text[:1].isupper()
    return Near(items, distance) if names or distance > 1 else Phrase(items)
