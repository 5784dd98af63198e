"""The analyzer: from text to tokens with positions and offsets, from a form to its lemmas.

Articles and queries go through the same analysis. Every word is indexed, function words too.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from searchsvc.analysis import morphology
from searchsvc.analysis.dictionary import dictionary
from searchsvc.analysis.scanner import Scanner
from searchsvc.analysis.tokenizer import MAX_FORM, PIECE, Compound, read_piece

if TYPE_CHECKING:
    from searchsvc.analysis.lemmatising import Lemmatised
    from searchsvc.analysis.scanner import Quick
    from searchsvc.analysis.terms import Term

_Value = TypeVar("_Value")

ANALYSIS_VERSION = 2
"""To be raised with every change of folding, tokenizer or lemmas that alters a result."""

CACHED = 200_000
"""Entries a cache holds before it starts anew; about 250 bytes each."""


class Token(NamedTuple):
    """One word of a text; ``text`` is ``text[start:end]`` of the analysed text, code points.

    ``position`` counts from 0. A whole compound stands at the position of its first part and
    spans as many positions as it has parts; any other token spans one. ``form`` is folded.
    """

    text: str
    start: int
    end: int
    position: int
    span: int
    form: str


@dataclass(frozen=True, slots=True)
class AnalysedText:
    """A text as parallel lists by position, and its whole compounds as (position, form).

    ``forms`` are folded surface forms, ``starts`` and ``ends`` code points of the text.
    """

    forms: list[str]
    starts: list[int]
    ends: list[int]
    compounds: list[tuple[int, str]]


class ExplainedToken(NamedTuple):
    """One token and every term it is indexed under."""

    text: str
    start: int
    end: int
    terms: tuple[Term, ...]


class Analyzer:
    """Analyses texts; may be shared by threads and is made anew when pickled.

    The dictionary is loaded at the first need of a lemma, once in a process.
    """

    def __init__(self) -> None:
        self._pieces: dict[str, str | Compound] = {}
        self._lemmas: dict[str, tuple[str, ...]] = {}
        self._scanner: Scanner | None = None

    def __reduce__(self) -> tuple[type[Analyzer], tuple[()]]:
        return Analyzer, ()

    def load(self) -> None:
        """Load the dictionary (0.1 s): processes that are forked afterwards share it."""
        dictionary()

    @property
    def fingerprint(self) -> str:
        """What the results depend on: two analyzers that share it give the same terms."""
        return " ".join((f"analysis-{ANALYSIS_VERSION}", *morphology.VERSIONS))

    def tokens(self, text: str) -> list[Token]:
        """List the tokens by position, a whole compound right before its parts."""
        tokens: list[Token] = []
        position = 0
        for match in PIECE.finditer(text):
            piece, (start, end) = self._piece(match[0]), match.span()
            if isinstance(piece, str):
                tokens.append(Token(match[0], start, end, position, 1, piece))
                position += 1
                continue
            span = len(piece.parts)
            tokens.append(Token(match[0], start, end, position, span, piece.form))
            for offset, (first, last, form) in enumerate(piece.parts):
                surface = text[start + first : start + last]
                place = position + offset
                tokens.append(Token(surface, start + first, start + last, place, 1, form))
            position += span
        return tokens

    def analyse(self, text: str) -> AnalysedText:
        """Give what ``tokens`` gives as parallel lists, fast: the speed of indexing hangs on it."""
        forms: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        compounds: list[tuple[int, str]] = []
        cached = self._pieces.get
        for match in PIECE.finditer(text):
            surface = match[0]
            piece = cached(surface) or self._piece(surface)
            start, end = match.span()
            if piece.__class__ is str:
                forms.append(piece)
                starts.append(start)
                ends.append(end)
                continue
            assert isinstance(piece, Compound)  # noqa: S101 - narrows the type at no cost
            compounds.append((len(forms), piece.form))
            for first, last, form in piece.parts:
                forms.append(form)
                starts.append(start + first)
                ends.append(start + last)
        return AnalysedText(forms, starts, ends, compounds)

    def offsets(
        self, text: str, most: int = sys.maxsize
    ) -> tuple[memoryview[int], memoryview[int]]:
        """Give where the token of each position starts and ends, as in ``analyse``, much faster.

        Of the first ``most`` tokens at least: the rest of the text is not read.
        """
        return self._places.places(text, most)

    @property
    def quick_offsets(self) -> Quick:
        """Give what gives ``offsets`` of some tokens alone: ``Scanner.quick``."""
        return self._places.quick

    @property
    def _places(self) -> Scanner:
        if self._scanner is None:
            self._scanner = Scanner()
        return self._scanner

    def lemmas(self, form: str) -> tuple[str, ...]:
        """Give every lemma of a folded form that is kept, the likeliest first; never none.

        A word that the dictionary lacks is its own lemma too, beside guesses and stems: «зрюмову»
        → зрюмов, зрюмову. What is no Russian word is itself only.
        """
        lemmas = self._lemmas.get(form)
        if lemmas is None:
            lemmas = morphology.lemmas(form)
            _remember(self._lemmas, form, lemmas)
        return lemmas

    def lemmas_of_lines(self, lines: bytes) -> Lemmatised:
        """Give what ``lemmas`` gives for many forms, lines of UTF-8, and remember nothing."""
        return morphology.lemmas_of_lines(lines)

    def sought(self, token: Token) -> tuple[str, ...]:
        """Give the lemmas that a query looks for: those of the form that the word may mean."""
        return morphology.sought_lemmas(token.text, token.form, self.lemmas(token.form))

    def sought_author(self, token: Token) -> tuple[str, ...]:
        """Give the lemmas that a query looks for where authors are named."""
        return tuple(dict.fromkeys((*self.sought(token), *morphology.surnames_of(token.form))))

    def name_forms(self, token: Token) -> tuple[str, ...]:
        """List the forms that a capitalised word has as a name and as nothing else, or none."""
        return morphology.forms_of_name(token.text, token.form)

    def is_acronym(self, token: Token) -> bool:
        """Tell whether capitals make an acronym of another word's form: «МОК»."""
        return morphology.is_acronym(token.text, token.form)

    def known(self, form: str) -> bool:
        """Tell whether the dictionary has a folded form."""
        return morphology.is_known(form)

    def is_function_word(self, form: str) -> bool:
        """Tell whether a folded form is a preposition, conjunction, particle, pronoun and so on."""
        return morphology.is_function_word(form)

    def explain(self, text: str) -> list[ExplainedToken]:
        """List the tokens with the terms they are indexed under."""
        return [
            ExplainedToken(token.text, token.start, token.end, morphology.read(token.form).terms)
            for token in self.tokens(text)
        ]

    def _piece(self, surface: str) -> str | Compound:
        piece = self._pieces.get(surface)
        if piece is None:
            piece = read_piece(surface)
            if len(surface) <= MAX_FORM:
                _remember(self._pieces, surface, piece)
        return piece


def _remember(cache: dict[str, _Value], key: str, value: _Value) -> None:
    if len(cache) >= CACHED:
        cache.clear()
    cache[key] = value
