"""Weighing: which lemmas of a known form are kept, by how often each reading is seen.

In: a form the dictionary has. Out: its lemmas, the likeliest first, without improbable ones.

P(tag | form) comes with the dictionary, counted in OpenCorpora and smoothed. A lemma is dropped
when its readings together stay below the share that its kind of reading needs: «были» is the
noun «быль» in 0.3 % of cases, «времени» the imperative of «временить» in 0.1 %.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from searchsvc.analysis.dictionary import Dictionary, Reading

SHORT = 4
"""Known forms of more letters that have but one lemma have it, unless they end as surnames do."""

SURNAMES = ("ов", "ев", "ин", "ын")
_NAME = frozenset({"Name", "Surn", "Patr"})
_PLACE = frozenset({"Geox", "Orgn", "Trad"})
_VARIANT = frozenset({"V-be", "V-bi", "V-ej", "V-en", "V-ie", "V-oy", "Arch", "Dist", "Erro"})

NEEDED = {
    "plain": 0.02,
    "short adjective": 0.012,
    "name": 0.05,
    "place": 0.08,
    "gerund": 0.15,
    "imperative": 0.2,
    "variant": 0.3,
    "plural name": 0.3,
}
"""The share that the best kind of a lemma's readings needs, from measuring OpenCorpora's gold
(``python -m bench.morphology``): at 0.02 «стали» keeps «сталь» (0.025) and «были» loses «быль»."""

WEAK = frozenset({"plural name", "variant"})
WEAK_BESIDE_PAST = "imperative"
"""Kinds whose lemmas go where nothing was counted; the latter beside a verb in the past tense."""

SHORTENED = frozenset({"VERB", "CONJ", "PREP", "PRCL"})
"""Abbreviations of these («см.» смотреть, «к.» как, «ок.» около) stand for no word looked for."""

LETTER = "е"
"""The one form that is what it abbreviates."""

IRREGULAR = {
    "старше": ("старый",),
    "выше": ("высокий",),
    **dict.fromkeys(("велик", "велика", "велико", "велики"), ("великий",)),
    **dict.fromkeys(("невелик", "невелика", "невелико", "невелики"), ("невеликий",)),
}
"""Lemmas that the dictionary lacks: for it «велик» is a form of «большой» only."""


def weighed(form: str, dictionary: Dictionary) -> tuple[str, ...]:
    """Give the lemmas of a known form that its readings make probable, none for an unknown one."""
    every = dictionary.lemmas(form)
    if not every:
        return every
    sure = len(every) == 1 and len(form) > SHORT and not form.endswith(SURNAMES)
    if sure and form not in IRREGULAR:
        return every
    readings = [
        item
        for item in dictionary.readings(form)
        if form == LETTER or not shortened(item.grammemes)
    ]
    kinds: dict[str, str] = {}
    shares: dict[str, float] = {}
    counted = dictionary.counted(form)
    for reading in readings:
        kind, lemma = kind_of(reading.grammemes), reading.lemma
        share = dictionary.share(form, reading) if counted else 0.0
        shares[lemma] = shares.get(lemma, 0.0) + share
        if NEEDED[kind] <= NEEDED[kinds.get(lemma, kind)]:
            kinds[lemma] = kind
    kept = _seen(kinds, shares) if any(shares.values()) else _unseen(kinds, readings)
    own = (form,) if _surname(form, readings) else ()
    return tuple(dict.fromkeys((*kept, *IRREGULAR.get(form, ()), *own))) or (form,)


def _seen(kinds: dict[str, str], shares: dict[str, float]) -> list[str]:
    ordered = sorted(shares, key=lambda lemma: -shares[lemma])
    return ordered[:1] + [item for item in ordered[1:] if shares[item] >= NEEDED[kinds[item]]]


def _unseen(kinds: dict[str, str], readings: list[Reading]) -> list[str]:
    """Without counts only a name's plural goes, and an imperative beside another verb: «пришли»."""
    past = {item.lemma for item in readings if "past" in item.grammemes}
    weak = WEAK | ({WEAK_BESIDE_PAST} if past else set())
    kept = [lemma for lemma in kinds if kinds[lemma] not in weak]
    return kept or list(kinds)


def _surname(form: str, readings: list[Reading]) -> bool:
    """Tell whether a plural may be a surname that the dictionary lacks: «Токаев», «Стрелков».

    Common plurals («миллионов») cannot be told from these by counts; the form as one more lemma
    costs 1.4 % more lemmas and is looked for only where a word may be that surname.
    """
    surname = form.endswith(SURNAMES) and "-" not in form
    return surname and all("plur" in item.grammemes for item in readings)


def shortened(grammemes: frozenset[str]) -> bool:
    """Tell whether a reading is an abbreviation that stands for no word."""
    return "Abbr" in grammemes and not SHORTENED.isdisjoint(grammemes)


@functools.cache
def kind_of(grammemes: frozenset[str]) -> str:
    """Tell which of ``NEEDED`` a reading is."""
    if not _VARIANT.isdisjoint(grammemes):
        return "variant"
    if not _NAME.isdisjoint(grammemes):
        return "plural name" if "plur" in grammemes else "name"
    if not _PLACE.isdisjoint(grammemes):
        return "place"
    for grammeme, kind in (
        ("impr", "imperative"),
        ("GRND", "gerund"),
        ("ADJS", "short adjective"),
    ):
        if grammeme in grammemes:
            return kind
    return "plain"
