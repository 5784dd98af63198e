"""Names: what a capital letter in a query says about the word.

In: a word as typed and its folded form. Out: surface forms that only the name has. The index does
not know capitals, so a capital changes the order of what is found and loses nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchsvc.analysis.guessing import PROPER, guesses
from searchsvc.analysis.weighing import SURNAMES, weighed

if TYPE_CHECKING:
    from searchsvc.analysis.dictionary import Dictionary

ACRONYM = range(2, 4)
"""Letters of a word in capitals that is taken for an acronym: «МОК» is no form of «мокнуть»."""


def capitalised(text: str) -> bool:
    """Tell whether a word begins with a capital letter."""
    return text[:1].isupper()


def acronym(text: str, form: str, dictionary: Dictionary) -> bool:
    """Tell whether capitals make an acronym of what the dictionary has as another word's form."""
    if len(form) not in ACRONYM or not text.isupper():
        return False
    lemmas = weighed(form, dictionary)
    return bool(lemmas) and form not in lemmas


def sought(
    text: str, form: str, lemmas: tuple[str, ...], dictionary: Dictionary
) -> tuple[str, ...]:
    """Leave out the surname that a common plural may be where no capital speaks for it.

    «Шпионов» asks for «шпион», «Стрелков» and «токаев» for surnames too: the dictionary's counts
    have the plural of «шпион» and of «стрелок», but none of «токай».
    """
    if form not in lemmas or capitalised(text) or form in dictionary.lemmas(form):
        return lemmas
    readings = dictionary.readings(form)
    if not any(dictionary.share(form, reading) for reading in readings):
        return lemmas
    return tuple(lemma for lemma in lemmas if lemma != form)


def name_forms(text: str, form: str, dictionary: Dictionary) -> tuple[str, ...]:
    """List the forms that a capitalised word has as a name and as nothing else.

    Путина → путин, путиным, …, but not «путину», which may be the fishing season «путина». Empty
    when the word is no name or nothing else than a name.
    """
    if not capitalised(text):
        return ()
    lemmas = weighed(form, dictionary)
    readings = dictionary.readings(form)
    names = {item.lemma for item in readings if not PROPER.isdisjoint(item.grammemes)}
    if len(lemmas) < 2 or not names.intersection(lemmas) or names.issuperset(lemmas):
        return ()
    forms = dictionary.forms(form, PROPER)
    return tuple(item for item in forms if names.issuperset(weighed(item, dictionary)))


def surnames(form: str, dictionary: Dictionary) -> tuple[str, ...]:
    """List the lemmas that a surname is indexed under in its base forms, where it may be one.

    лесниковой → лесников, лесниково: what «Лесников» and «Лесникова» have. Six of 281 authors of
    news pages are found in all their cases only by these.
    """
    base = [name for name in guesses(form, dictionary) if name.endswith(SURNAMES)]
    return tuple(
        lemma for name in base for own in (name, f"{name}а") for lemma in _known_as(own, dictionary)
    )


def _known_as(form: str, dictionary: Dictionary) -> tuple[str, ...]:
    lemmas = weighed(form, dictionary) or tuple(guesses(form, dictionary))
    return (form,) if form in lemmas else lemmas
