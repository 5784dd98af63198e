"""Compounds: words of hyphens and prefixes taken apart as pymorphy3 does, over the lexicon.

In: an unknown Russian form with hyphens. Out: normal forms with pymorphy3's scores, in its order.
pymorphy3's units say where a word may be parted and what their parts are worth; what takes long,
the parses of the parts, comes from ``_lexicon``, and those of the last parts are remembered.
"""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from pymorphy3.units import (
    HyphenAdverbAnalyzer,
    HyphenatedWordsAnalyzer,
    HyphenSeparatedParticleAnalyzer,
    KnownPrefixAnalyzer,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from searchsvc.analysis._lexicon import Lexicon

REMEMBERED = 1_000
"""Parts whose parses are kept, about 1 kB each: «санкт», «северо», «экс»."""


Parse = tuple[str, int, float, int, Any]
"""pymorphy3's parse: normal form, number of the tag, score, a bit for each «ё» from the last
letter, origin (a paradigm, the parse of a compound's last part, or nothing). Plain tuples, as the
lexicon gives them: with names they take twice the time."""


class Compounds:
    """Parses words of hyphens; may be shared by threads."""

    def __init__(self, morph: Any, lexicon: Lexicon) -> None:
        self._morph = morph
        self._lexicon = lexicon
        units: dict[type, Any] = {type(unit): unit for unit, _ in morph._units}
        self._particle = units[HyphenSeparatedParticleAnalyzer]
        self._adverb = units[HyphenAdverbAnalyzer]
        self._hyphen = units[HyphenatedWordsAnalyzer]
        self._prefix = units[KnownPrefixAnalyzer]
        tags = morph.dictionary.gramtab
        self._tags: list[Any] = [*tags, morph.TagClass("ADVB"), morph.TagClass("UNKN")]
        self._adverbial, self._unknown = len(tags), len(tags) + 1
        self._seen: Callable[[str, int], int] = morph.prob_estimator.p_t_given_w.get
        self._features = lru_cache(None)(self._features_of)
        self._parts = lru_cache(REMEMBERED)(self._parses)

    def reads(self, form: str) -> bool:
        """Tell whether the lexicon reads such forms; others are left to pymorphy3."""
        return self._lexicon.counted(form) is not None

    def scores(self, form: str) -> list[tuple[str, float]]:
        """Give the normal forms of a form, folded, and their scores."""
        return [(lemma, score) for lemma, _, score, _, _ in self._parses(form)]

    def _parses(self, form: str) -> list[Parse]:
        """Parse a word by the first of pymorphy3's units that can."""
        found: list[Parse] = (
            self._lexicon.parses(form)
            or self._distinct(self._before_particle(form))
            or self._adverbs(form)
            or list(self._joined(form))
            or self._distinct(self._behind_prefix(form))
            or self._lexicon.guessed(form)
            or [(form, self._unknown, 1.0, 0, None)]
        )
        return self._weighed(form, found)

    def _before_particle(self, form: str) -> Iterator[Parse]:
        """Смотри-ка: only one particle is taken off."""
        for rest, particle in self._particle.possible_splits(form):
            for lemma, tag, score, dots, origin in self._parts(rest):
                worth = score * self._particle.score_multiplier
                yield lemma + particle, tag, worth, dots << len(particle), origin
            return

    def _adverbs(self, form: str) -> list[Parse]:
        """По-западному."""
        if not self._adverb.should_parse(form):
            return []
        return [(form, self._adverbial, self._adverb.score_multiplier, 0, None)]

    def _joined(self, form: str) -> Iterator[Parse]:
        """Человека-горы → человек-гора where both are in one case; онлайн-урока → онлайн-урок."""
        if not self._hyphen._should_parse(form):
            return
        left, _, right = form.partition("-")
        shift, worth = len(right) + 1, self._hyphen.score_multiplier
        ends = [(self._features(parse[1]), parse) for parse in self._parts(right)]
        for first, tag, score, ahead, _ in self._parts(left):
            features = self._features(tag)
            for number, (others, (last, _, _, dots, _)) in enumerate(ends):
                if features == others and features is not None:
                    origin = right, number
                    yield f"{first}-{last}", tag, score * worth, ahead << shift | dots, origin
        for number, (features, (last, tag, score, dots, _)) in enumerate(ends):
            if features is not None:
                yield f"{left}-{last}", tag, score * worth, dots, (right, number)

    def _behind_prefix(self, form: str) -> Iterator[Parse]:
        """Вице-спикером."""
        for prefix, rest in self._prefix.possible_splits(form):
            for lemma, tag, score, dots, origin in self._parts(rest):
                if self._tags[tag].is_productive():
                    worth = score * self._prefix.score_multiplier
                    yield prefix + lemma, tag, worth, dots, origin

    def _distinct(self, parses: Iterator[Parse]) -> list[Parse]:
        """Leave out parses of the same word with an equal tag and the same origin."""
        found: dict[Hashable, Parse] = {}
        for parse in parses:
            found.setdefault((self._tags[parse[1]], *parse[3:]), parse)
        return list(found.values())

    def _features_of(self, tag: int) -> frozenset[str] | None:
        """Give what both parts of a compound must agree in; nothing for what is no word."""
        own = self._tags[tag]
        return None if own._is_unknown() else frozenset(self._hyphen._similarity_features(own))

    def _weighed(self, form: str, parses: list[Parse]) -> list[Parse]:
        """Let counts decide where there are any, as pymorphy3 does; else scores add up to 1."""
        shares = [0.0]
        if self._lexicon.counted(form):
            keys = (f"{form}:{self._tags[tag]}" for _, tag, _, _, _ in parses)
            shares = [self._seen(key, 0) / 1_000_000 for key in keys]
        if not sum(shares):
            worth = 1.0 / sum(score for _, _, score, _, _ in parses)
            return [
                (lemma, tag, score * worth, dots, origin)
                for lemma, tag, score, dots, origin in parses
            ]
        weighed = [
            (lemma, tag, share, dots, origin)
            for (lemma, tag, _, dots, origin), share in zip(parses, shares, strict=True)
        ]
        return sorted(weighed, key=itemgetter(2), reverse=True)
