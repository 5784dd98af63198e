"""Queries about the end of an article, which a ranking tuned to headlines does badly on.

In: a body. Out: four words that stand only in its last two fifths, in their order there, two of
them in another form than they have there: of «… губернатор вручил медали» is asked `вручу медали`.

Our own analysis has no part in it: what is asked stays the same when that changes.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from pymorphy3 import MorphAnalyzer

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

WORDS = 4
INFLECTED = 2
TAIL = 0.4
LEAST = 100
"""Tokens of a body; a shorter one has no end that readers would not see at once."""

_TOKEN = re.compile(r"[^\W_]+")
_WORD = re.compile(r"[а-я]{4,}")
_SPEECH = frozenset({"NOUN", "ADJF", "VERB", "INFN"})
_ODD = frozenset(
    {"Abbr", "Apro", "Arch", "Erro", "Infr", "Dist", "Slng", "Supr", "V-oy", "V-ey", "V-sh", "V-ie"}
)


def tail_queries(body: str, chance: random.Random) -> str | None:
    """Ask for an article by its end; None where there is too little of it."""
    forms = _TOKEN.findall(_folded(body))
    if len(forms) < LEAST:
        return None
    end = round(len(forms) * (1 - TAIL))
    before = {lemma for form in forms[:end] for lemma in _lemmas(form)}
    words = dict.fromkeys(form for form in forms[end:] if _asked(form))
    fresh = [form for form in words if before.isdisjoint(_lemmas(form))]
    one_a_lemma = list({_lemmas(form)[0]: form for form in fresh}.values())
    able = [form for form in one_a_lemma if _others(form)]
    if len(able) < INFLECTED or len(one_a_lemma) < WORDS:
        return None
    inflected = chance.sample(able, INFLECTED)
    kept = chance.sample([form for form in one_a_lemma if form not in inflected], WORDS - INFLECTED)
    asked = sorted([*inflected, *kept], key=list(words).index)
    return " ".join(chance.choice(_others(form)) if form in inflected else form for form in asked)


def _asked(form: str) -> bool:
    return _WORD.fullmatch(form) is not None and _reading(form) is not None


@cache
def _others(form: str) -> Sequence[str]:
    """Give the other forms of a word, folded as the index folds them."""
    reading = _reading(form)
    words = () if reading is None else _usual(reading)
    return sorted({_folded(word) for word in words} - {form})


def _usual(reading: Any) -> Iterator[str]:
    part = reading.tag.POS
    for other in reading.lexeme:
        tag = other.tag
        usual = part == tag.POS and _ODD.isdisjoint(tag.grammemes)
        if usual and "-" not in other.word:
            yield other.word


@cache
def _reading(form: str) -> Any:
    """Give the likeliest reading of a word of the dictionary that is a noun, adjective or verb."""
    (first, *_) = _dictionary().parse(form)
    usual = first.is_known and first.tag.POS in _SPEECH and _ODD.isdisjoint(first.tag.grammemes)
    return first if usual else None


@cache
def _lemmas(form: str) -> tuple[str, ...]:
    readings = _dictionary().parse(form)
    return tuple(dict.fromkeys(_folded(reading.normal_form) for reading in readings))


def _folded(text: str) -> str:
    return text.lower().replace("ё", "е")


@cache
def _dictionary() -> MorphAnalyzer:
    return MorphAnalyzer()
