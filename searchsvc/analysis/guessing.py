"""Guessing: lemmas for words that the dictionary lacks.

In: an unknown Russian form. Out: its lemmas, each with where it comes from: pymorphy3's analogies
first, then the keys of its possible paradigms, the form itself last. Known words never meet
through a stem: a key that is the lemma of a common word is given up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchsvc.analysis.paradigms import VOWELS, keys
from searchsvc.analysis.terms import Kind, Term

if TYPE_CHECKING:
    from collections.abc import Iterator

    from searchsvc.analysis.dictionary import Dictionary, Reading

MIN_SHARE = 0.02
MAX_ANALOGIES = 4
"""Analogies weaker or further down are left out: of 300 known surnames taken as unknown every two
forms meet with these, 99.8 % with the two of a share of 0.3."""

ACRONYM = 3
"""Words of so few letters, or without a vowel before the last letter («ФГБУ»), are taken for
acronyms and stay as they are."""

LONGEST_PART = 24
"""Letters of a part of a compound that is guessed at, so that six «недо» take no longer than 5 ms.
«Информационно-телекоммуникационной» has 20."""

PROPER = frozenset({"Name", "Surn", "Patr", "Geox", "Orgn", "Trad"})

INFLECTED_ANEW = PROPER | {"Fixd", "Abbr"}

LONG = 8
SURE = 0.9
"""From how many letters and what share on an analogy is trusted to name a common word."""

REGULAR = ("ция", "ость", "ение", "ание")
"""Words whose cases agree on one analogy: they need no keys."""


def guessed(form: str, dictionary: Dictionary) -> tuple[Term, ...]:
    """Give the distinct lemmas of an unknown form; the form itself is always among them."""
    found = guesses(form, dictionary).items()
    return tuple(Term(lemma, Kind.LITERAL if lemma == form else kind) for lemma, kind in found)


def guesses(form: str, dictionary: Dictionary) -> dict[str, Kind]:
    """Give what ``guessed`` gives without saying which is the form itself."""
    if "-" in form:
        return _compound(form, dictionary)
    found: dict[str, Kind] = {}
    if len(form) > ACRONYM and not VOWELS.isdisjoint(form[:-1]):
        found.update(dict.fromkeys(_analogies(form, dictionary), Kind.GUESSED))
        found.update(dict.fromkeys(_plural(form, dictionary), Kind.GUESSED))
    if not next(iter(found), "").endswith(REGULAR):
        for key, kind in _keys(form, dictionary):
            found.setdefault(key, kind)
    found.setdefault(form, Kind.LITERAL)
    return found


def _analogies(form: str, dictionary: Dictionary) -> Iterator[str]:
    """Росгвардии → росгвардия, but not «малком» → малок, which is another word."""
    for lemma, share in dictionary.guesses(form)[:MAX_ANALOGIES]:
        if share < MIN_SHARE:
            return
        alike = form.endswith("о") or (share >= SURE and len(lemma) >= LONG)
        if alike or not _common(lemma, dictionary):
            yield lemma


def _plural(form: str, dictionary: Dictionary) -> Iterator[str]:
    """Балкан → балканы: places that the dictionary has in the plural only."""
    if form[-1] in VOWELS or form[-1] in "ьй":
        return
    for ending in "ыи":
        for reading in dictionary.readings(form + ending):
            if reading.base and {"Geox", "Pltm"} <= reading.grammemes:
                yield reading.lemma


def _keys(form: str, dictionary: Dictionary) -> Iterator[tuple[str, Kind]]:
    for key in keys(form):
        readings = [reading for reading in dictionary.readings(key) if reading.base]
        if not readings:
            yield key, Kind.STEM
        elif any(map(_nameable, readings)):
            yield key, Kind.GUESSED
        elif form.endswith(("ой", "ою")):
            # «Шарой» is no case of «шар», it is one of the name «Шара».
            yield f"{key}а", Kind.STEM


def _nameable(reading: Reading) -> bool:
    """Алрос, МРОТ, Даль: known words that have unknown cases, as names or as acronyms."""
    grammemes = reading.grammemes
    if not INFLECTED_ANEW.isdisjoint(grammemes):
        return True
    return "femn" in grammemes and reading.lemma.endswith("ь")


def _common(lemma: str, dictionary: Dictionary) -> bool:
    readings = [reading for reading in dictionary.readings(lemma) if reading.base]
    return bool(readings) and not any(map(_nameable, readings))


def _compound(form: str, dictionary: Dictionary) -> dict[str, Kind]:
    """Нур-Султане → нур-султан; only the last part has cases that are guessed by key."""
    head, _, last = form.rpartition("-")
    if any(len(part) > LONGEST_PART for part in form.split("-")):
        return {form: Kind.LITERAL}
    analogies = dictionary.guesses(form)[:MAX_ANALOGIES]
    found = [lemma for lemma, share in analogies if share >= MIN_SHARE]
    if len(last) > ACRONYM and not dictionary.knows(last):
        found += [f"{head}-{key}" for key in keys(last)]
    return dict.fromkeys((*found, form), Kind.GUESSED)
