"""Morphology: from a folded form to its lemmas and part of speech."""

from __future__ import annotations

import re
from typing import NamedTuple

from searchsvc.analysis.dictionary import VERSIONS, dictionary
from searchsvc.analysis.guessing import guessed, guesses
from searchsvc.analysis.lemmatising import Lemmatised, lemmatised
from searchsvc.analysis.names import acronym, name_forms, sought, surnames
from searchsvc.analysis.terms import Kind, Term
from searchsvc.analysis.weighing import weighed

__all__ = [
    "RUSSIAN",
    "VERSIONS",
    "Reading",
    "forms_of_name",
    "is_acronym",
    "is_function_word",
    "is_known",
    "lemmas",
    "lemmas_of_lines",
    "read",
    "sought_lemmas",
    "surnames_of",
]

RUSSIAN = re.compile(r"(?:[а-я]+['-]){0,4}[а-я]+")
"""Only these are Russian words; «covid-19», «5g» and «facebook'ом» are themselves. pymorphy3 takes
hyphens apart recursively, so a form with many of them is not asked about either."""

# «2-я», «20-ом», «90-х»: the number as an adjective. «2-х» and «10-ти» count things.
_ORDINAL = re.compile(r"([0-9]{1,4})-(?:ого|ому|ыми|ой|ом|ая|ую|ое|ые|ый|ых|ым|го|му|ми|й|я|е|ю|м)")
_DECADES = re.compile(r"([0-9]{1,3}0)-х")

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
    """What a folded form may be: its terms, the likeliest first, and whether it is known."""

    terms: tuple[Term, ...]
    known: bool


def lemmas(form: str) -> tuple[str, ...]:
    """Give every distinct lemma of a folded form that is kept, the likeliest first."""
    if not RUSSIAN.fullmatch(form):
        return (_number(form),)
    return weighed(form, dictionary()) or tuple(guesses(form, dictionary()))


def lemmas_of_lines(lines: bytes) -> Lemmatised:
    """Give what ``lemmas`` gives for each of many forms, lines of UTF-8."""
    return lemmatised(lines, dictionary(), lemmas)


def read(form: str) -> Reading:
    """Read a folded form: what ``lemmas`` gives, with where each comes from."""
    if not RUSSIAN.fullmatch(form):
        number = _number(form)
        return Reading((Term(number, Kind.LITERAL if number == form else Kind.KNOWN),), known=False)
    kept = weighed(form, dictionary())
    if kept:
        return Reading(tuple(Term(lemma, Kind.KNOWN) for lemma in kept), known=True)
    return Reading(guessed(form, dictionary()), known=False)


def is_known(form: str) -> bool:
    """Tell whether the dictionary has a folded form."""
    return RUSSIAN.fullmatch(form) is not None and bool(weighed(form, dictionary()))


def is_function_word(form: str) -> bool:
    """Tell whether a folded form is a word that texts of any subject have.

    The likeliest reading decides, by pymorphy3's score: «мой» is a pronoun (0.75), not «мыть».
    Words in parenthesis («возможно», «значит») are content, as most are adjectives or verbs too.
    Most words have no such reading, which is told in a third of the time.
    """
    if form in FUNCTION_FORMS:
        return True
    if form in CONTENT_FORMS or not RUSSIAN.fullmatch(form):
        return False
    if not dictionary().may_be(form, FUNCTION_TAGS):
        return False
    grammemes = dictionary().likeliest(form)
    return not FUNCTION_TAGS.isdisjoint(grammemes) and "Prnt" not in grammemes


def sought_lemmas(text: str, form: str, every: tuple[str, ...]) -> tuple[str, ...]:
    """Choose from every lemma of a form those that a query means by the word as typed."""
    return sought(text, form, every, dictionary()) if len(every) > 1 else every


def forms_of_name(text: str, form: str) -> tuple[str, ...]:
    """List the forms of the name that a word as typed may be, without those of other words."""
    return name_forms(text, form, dictionary()) if RUSSIAN.fullmatch(form) else ()


def surnames_of(form: str) -> tuple[str, ...]:
    """List the lemmas that the surname has which a folded form may be a case of."""
    return surnames(form, dictionary()) if RUSSIAN.fullmatch(form) else ()


def is_acronym(text: str, form: str) -> bool:
    """Tell whether capitals make an acronym of what the dictionary has as another word's form."""
    return bool(RUSSIAN.fullmatch(form)) and acronym(text, form, dictionary())


def _number(form: str) -> str:
    match = _ORDINAL.fullmatch(form) or _DECADES.fullmatch(form)
    return f"{match[1]}-й" if match else form
