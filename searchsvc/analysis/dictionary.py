"""The dictionary: what pymorphy3 and its dictionary know of a folded form, without judgment.

In: a folded form. Out: readings (a lemma and how it comes about), how often each was seen, and
guesses for words that the dictionary lacks.
"""

from __future__ import annotations

import functools
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

from pymorphy3.analyzer import MorphAnalyzer, lang_dict_path
from pymorphy3.units import KnownPrefixAnalyzer, KnownSuffixAnalyzer, UnknownPrefixAnalyzer

from searchsvc.analysis import lexicon
from searchsvc.analysis.compounds import Compounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from searchsvc.analysis._lexicon import Lexicon

VERSIONS = (
    f"pymorphy3-{version('pymorphy3')}",
    f"pymorphy3-dicts-ru-{version('pymorphy3-dicts-ru')}",
)
"""What the lemmas depend on beside this package's own code."""


class Reading(NamedTuple):
    """One way to read a form: its folded normal form and OpenCorpora's grammemes.

    ``tag`` names the reading where frequencies are asked for; ``base`` tells whether the form is
    the normal form itself.
    """

    lemma: str
    grammemes: frozenset[str]
    tag: Any
    base: bool


class Bulk(NamedTuple):
    """The compiled lexicon, and OpenCorpora's tags by their numbers there."""

    lexicon: Lexicon
    tags: Sequence[Any]


Guess = tuple[str, float]
"""A normal form guessed by analogy and its share of the evidence, 0 to 1."""


class Dictionary:
    """A loaded dictionary; reading it changes nothing, threads may share it.

    With ``portable`` pymorphy3's own objects are asked about everything.
    """

    def __init__(self, *, portable: bool = False) -> None:
        # An explicit path: PYMORPHY2_DICT_PATH would change the lemmas behind the fingerprint.
        self._morph: Any = MorphAnalyzer(path=lang_dict_path("ru"), result_type=None)
        self._similar: Callable[..., Any] = self._morph.dictionary.words.similar_items
        self._tags: list[Any] = self._morph.dictionary.gramtab
        self._numbered: dict[frozenset[str], frozenset[int]] = {}
        self._yo: Any = self._morph.char_substitutes
        units: dict[type, Any] = {type(unit): unit for unit, _ in self._morph._units}
        behind = units[KnownPrefixAnalyzer]
        self._prefixes: Callable[[str], Any] = behind.possible_splits
        self._by_part = units[UnknownPrefixAnalyzer].parse
        self._by_ending = units[KnownSuffixAnalyzer].parse
        self._seen: Callable[[str, int], int] = self._morph.prob_estimator.p_t_given_w.get
        self._compiled = (
            None if portable else lexicon.opened(self._morph.dictionary, behind.known_prefixes)
        )
        self._compounds = None if self._compiled is None else Compounds(self._morph, self._compiled)

    def lemmas(self, form: str) -> tuple[str, ...]:
        """Give the distinct normal forms of a known form in the dictionary's order, or none."""
        found = self._compiled.lemmas(form) if self._compiled is not None else None
        if found is not None:
            return found
        normal = self._morph.dictionary.build_normal_form
        lemmas: dict[str, None] = {}
        for word, places in self._similar(form, self._yo):
            for paradigm, index in places:
                lemma = normal(paradigm, index, word) if index else word
                lemmas[lemma.replace("ё", "е")] = None
        return tuple(lemmas)

    @property
    def bulk(self) -> Bulk | None:
        """What lemmatises many forms at once; nothing without ``_lexicon``."""
        return None if self._compiled is None else Bulk(self._compiled, self._tags)

    def readings(self, form: str) -> list[Reading]:
        """List every reading of a known form, nothing for an unknown one."""
        found = self._compiled.readings(form) if self._compiled is not None else None
        if found is None:
            return self._portable_readings(form)
        tags = self._tags
        return [
            Reading(lemma, (tag := tags[number]).grammemes, tag, base)
            for lemma, number, base in found
        ]

    def may_be(self, form: str, grammemes: frozenset[str]) -> bool:
        """Tell whether some reading of a known form has any of grammemes."""
        found = self._compiled.readings(form) if self._compiled is not None else None
        if found is None:
            every = self._portable_readings(form)
            return any(not grammemes.isdisjoint(reading.grammemes) for reading in every)
        return not self._numbers(grammemes).isdisjoint([number for _, number, _ in found])

    def forms(self, form: str, grammemes: frozenset[str]) -> tuple[str, ...]:
        """List the folded forms of the words that a form may be, read with any of grammemes."""
        dictionary = self._morph.dictionary
        found: dict[str, None] = {}
        for word, places in self._similar(form, self._yo):
            for paradigm, index in places:
                if grammemes.isdisjoint(dictionary.build_tag_info(paradigm, index).grammemes):
                    continue
                stem = dictionary.build_stem(dictionary.paradigms[paradigm], index, word)
                for prefix, _, suffix in dictionary.build_paradigm_info(paradigm):
                    found[(prefix + stem + suffix).replace("ё", "е")] = None
        return tuple(found)

    def knows(self, form: str) -> bool:
        """Tell whether the dictionary has a form."""
        return bool(self.lemmas(form))

    def counted(self, form: str) -> bool:
        """Tell whether any ``share`` of a form may be more than 0."""
        return self._compiled is None or self._compiled.counted(form) is not False

    def share(self, form: str, reading: Reading) -> float:
        """Give P(tag | form) as OpenCorpora counts it, smoothed; 0 where it never told any."""
        return self._seen(f"{form}:{reading.tag}", 0) / 1_000_000

    def likeliest(self, form: str) -> frozenset[str]:
        """Give the grammemes of the likeliest reading of a form."""
        grammemes: frozenset[str] = self._morph.tag(form)[0].grammemes
        return grammemes

    def guesses(self, form: str) -> list[Guess]:
        """Guess normal forms of an unknown word by its prefix and ending, the likeliest first.

        A word of hyphens is taken apart by all of pymorphy3, which takes time that doubles with
        each prefix («недо» is «не» and «до» too): callers bound its parts.
        """
        if "-" in form:
            return _ranked(_summed(self._parsed(form)))
        found = self._compiled.guesses(form) if self._compiled is not None else None
        if found is not None:
            return found
        return _ranked(_summed(self._prefixed(form)) or _summed(self._analogous(form)))

    def _numbers(self, grammemes: frozenset[str]) -> frozenset[int]:
        """Give the numbers of the tags that have any of grammemes, kept for each set of them."""
        found = self._numbered.get(grammemes)
        if found is None:
            pairs = enumerate(self._tags)
            found = frozenset(i for i, tag in pairs if not grammemes.isdisjoint(tag.grammemes))
            self._numbered[grammemes] = found
        return found

    def _portable_readings(self, form: str) -> list[Reading]:
        dictionary = self._morph.dictionary
        found = []
        for word, places in self._similar(form, self._yo):
            for paradigm, index in places:
                tag = dictionary.build_tag_info(paradigm, index)
                lemma = dictionary.build_normal_form(paradigm, index, word).replace("ё", "е")
                found.append(Reading(lemma, tag.grammemes, tag, index == 0))
        return found

    def _parsed(self, form: str) -> Iterable[tuple[str, float]]:
        """Parse a word by all of pymorphy3's units."""
        if self._compounds is not None and self._compounds.reads(form):
            return self._compounds.scores(form)
        return ((parse[2].lower(), parse[3]) for parse in self._morph.parse(form))

    def _prefixed(self, form: str) -> Iterator[tuple[str, float]]:
        """Find a known word after a known prefix; pymorphy3 would go on guessing at the rest."""
        for prefix, rest in self._prefixes(form):
            for reading in self.readings(rest):
                if reading.tag.is_productive():
                    yield prefix + reading.lemma, 1.0

    def _analogous(self, form: str) -> Iterator[tuple[str, float]]:
        """Read the form as pymorphy3 does: a known word behind letters, words that end so."""
        seen: set[Any] = set()
        parses = [*self._by_part(form, form, seen), *self._by_ending(form, form, seen)]
        return ((parse[2], parse[3]) for parse in parses)


def _summed(scores: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Sum the scores of each normal form, folded."""
    sums: dict[str, float] = {}
    for normal, score in scores:
        lemma = normal.replace("ё", "е")
        sums[lemma] = sums.get(lemma, 0.0) + score
    return sums


def _ranked(scores: dict[str, float]) -> list[Guess]:
    """Give each normal form its share, the likeliest first."""
    total = 0.0
    for score in scores.values():  # sum() rounds otherwise from Python 3.12 on
        total += score
    ordered = sorted(scores.items(), key=lambda item: -item[1])
    return [(lemma, score / total) for lemma, score in ordered]


@functools.cache
def dictionary() -> Dictionary:
    """Load the dictionary, once in a process."""
    return Dictionary()
