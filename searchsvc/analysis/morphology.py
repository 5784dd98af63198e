"""Morphology: from a folded form to its lemmas and part of speech, by pymorphy3."""

from __future__ import annotations

import functools
import re
from importlib.metadata import version
from typing import Any, NamedTuple

from pymorphy3.analyzer import MorphAnalyzer, lang_dict_path

from searchsvc.analysis.folding import fold

VERSIONS = (
    f"pymorphy3-{version('pymorphy3')}",
    f"pymorphy3-dicts-ru-{version('pymorphy3-dicts-ru')}",
)
"""What the lemmas depend on beside this package's own code."""

# Only these are Russian words; «covid-19», «5g» and «facebook'ом» are themselves. pymorphy3 takes
# hyphens apart recursively, so a form with many of them is not asked about either.
_RUSSIAN = re.compile(r"(?:[а-я]+['-]){0,4}[а-я]+")

FUNCTION_TAGS = frozenset({"PREP", "CONJ", "PRCL", "NPRO", "Apro", "Ques"})
"""Prepositions, conjunctions, particles, pronouns (also as adjectives), question words."""

FUNCTION_FORMS = frozenset(
    {"ли", "еще", "только", "уже", "пока", "столько", "сколько", "скольких", "скольким"}
    | {"сколькими", "ничего", "что-то", "никак"}
)
"""Function words whose likeliest reading is something else: «ничего» an adverb."""

CONTENT_FORMS = frozenset(
    {"правда", "плюс", "минус", "максимум", "путем", "сим", "ком", "ничьих", "фон", "ван"}
    | {"дер", "аль", "али", "эль", "ди"}
)
"""Words that news use as nouns and parts of names too: «Комсомольская правда», «Али», «фон»."""


class Reading(NamedTuple):
    """What a folded form may be: its lemmas, and whether the dictionary has the form."""

    lemmas: tuple[str, ...]
    known: bool
    russian: bool


@functools.cache
def _morph() -> Any:
    # An explicit path: PYMORPHY2_DICT_PATH would change the lemmas behind the fingerprint.
    return MorphAnalyzer(path=lang_dict_path("ru"), result_type=None)


def read(form: str) -> Reading:
    """Read a folded form: every distinct normal form, the likeliest first, folded.

    The form of a word that the dictionary lacks is not among them unless pymorphy3 gives it.
    """
    if not _RUSSIAN.fullmatch(form):
        return Reading((form,), known=False, russian=False)
    morph = _morph()
    lemmas = tuple(dict.fromkeys(fold(lemma) for lemma in morph.normal_forms(form)))
    known = morph.dictionary.word_is_known(form, morph.char_substitutes)
    return Reading(lemmas, known=known, russian=True)


def is_function_word(form: str) -> bool:
    """Tell whether a folded form is a word that texts of any subject have.

    The likeliest reading decides, by pymorphy3's score: «мой» is a pronoun (0.75), not «мыть».
    Words in parenthesis («возможно», «значит») are content, as most are adjectives or verbs too.
    """
    if form in FUNCTION_FORMS:
        return True
    if form in CONTENT_FORMS or not _RUSSIAN.fullmatch(form):
        return False
    morph = _morph()
    if not morph.dictionary.word_is_known(form, morph.char_substitutes):
        return False
    grammemes = morph.tag(form)[0].grammemes
    return not FUNCTION_TAGS.isdisjoint(grammemes) and "Prnt" not in grammemes
