"""Suggestions while typing: what was typed, completed by the index's own words and titles.

In: the beginning of a query. Out: longer queries that begin with exactly what was typed: its last
word completed, phrases of titles that go on from there, whole titles that begin so. They are ranked
by the articles that have them; of titles the newest are looked at, so that news comes first.
"""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.analysis.dictionary import dictionary
from searchsvc.analysis.folding import fold
from searchsvc.engines.protocol import SearchRequest, Sort
from searchsvc.errors import EngineUnavailable
from searchsvc.query.lexer import FIELDS
from searchsvc.query.tree import All, Expansion, ExpansionKind, Not, Word
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from searchsvc.analysis.analyzer import Analyzer, Token
    from searchsvc.engines.protocol import Engine
    from searchsvc.query.tree import Node

LIMIT = 8
"""Suggestions given at most."""
SHORTEST_WORD = 2
"""Letters before words are completed, as of one letter every word is a guess."""
SHORTEST_IN_TITLE = 3
"""Letters before titles are looked through, as of ``здрав*`` in a query."""
CONTEXT = 3
"""Words before the last one that a title must have too."""
FORMS = 40
"""Surface forms looked at; the most frequent ones."""
TITLES = 60
"""Newest titles looked at, about 40 microseconds each."""
MANY = 20
"""Titles from which a phrase must stand in two of them."""
PHRASE_WORDS = (2, 3)
TOGETHER = 12
"""Words whose articles with the words before them are counted, some 0.2 milliseconds each."""
TELLING = 4.0
"""Times that an article with a phrase counts against one with a word: a phrase says more."""

_LAST = re.compile(r"(?:^|(?<=[\s\"(:]))[^\W_]+(?:['’\-‐‑][^\W_]+)*$")
_VALUE = re.compile(
    rf"(?:^|[\s(\-])(?:{'|'.join(name for name in FIELDS if FIELDS[name] is not Field.TITLE)})"
    r':!?(?:[^\s"()|]*|"[^"]*)$',
    re.IGNORECASE,
)
"""A value of another field than the title at the end: words of texts would find nothing there."""
_BEFORE = re.compile(r"(?<![\w!\-:*~])[^\W_]+(?:['’\-‐‑][^\W_]+)*(?![\w:*~])")


class SuggestionKind(StrEnum):
    """What of the index completes a query."""

    WORD = "word"
    PHRASE = "phrase"
    TITLE = "title"


class Suggestion(NamedTuple):
    """A query that begins with what was typed, and what it comes from."""

    text: str
    kind: SuggestionKind


class _Completion(NamedTuple):
    tail: str
    kind: SuggestionKind
    weight: float


def suggest(
    text: str, engine: Engine, analyzer: Analyzer, deadline: float
) -> tuple[Suggestion, ...]:
    """Complete the last word of a query; nothing where it ends with a space or a sign.

    ``deadline`` is a ``time.monotonic()`` moment; what is found until then is given.
    """
    match = _LAST.search(text)
    if match is None or len(match[0]) < SHORTEST_WORD or _VALUE.search(text):
        return ()
    typed = fold(match[0])
    if len(typed) != len(match[0]):
        return ()
    before = [fold(word) for word in _BEFORE.findall(text[: match.start()])[-CONTEXT:]]
    before = [form for form in before if not analyzer.is_function_word(form)]
    titles = _Titles(engine, analyzer, typed, tuple(before), deadline)
    every = _words(engine, analyzer, typed, first=not before)
    words = heapq.nlargest(TOGETHER, every, lambda word: word.weight)
    if before:
        words = list(titles.together(words))
    found = [*words, *titles.completions(text)]
    found.sort(key=lambda completion: (-completion.weight, completion.tail))
    best = dict.fromkeys((text + tail for tail, *_ in found if tail), None)
    kinds = {text + tail: kind for tail, kind, _ in reversed(found)}
    return tuple(Suggestion(line, kinds[line]) for line in list(best)[:LIMIT])


def _words(engine: Engine, analyzer: Analyzer, typed: str, *, first: bool) -> Iterator[_Completion]:
    """Complete a word to the form that most articles have; a noun that is ``first`` to its lemma.

    «собян» becomes «собянин» and «курс дол» «курс доллара».
    """
    groups: dict[str, dict[str, int]] = defaultdict(dict)
    for term, articles in ((t.term, t.articles) for t in engine.vocabulary(typed, FORMS)):
        if not analyzer.is_function_word(term):
            groups[analyzer.lemmas(term)[0]][term] = articles
    for lemma, forms in groups.items():
        named = first and lemma in forms and "NOUN" in dictionary().likeliest(lemma)
        shown = lemma if named else max(forms, key=lambda form: (forms[form], form))
        yield _Completion(shown[len(typed) :], SuggestionKind.WORD, float(sum(forms.values())))


class _Titles(NamedTuple):
    """The newest titles with a word that begins as typed, and with the words before it."""

    engine: Engine
    analyzer: Analyzer
    typed: str
    before: tuple[str, ...]
    deadline: float

    def completions(self, text: str) -> Iterator[_Completion]:
        if len(self.typed) < SHORTEST_IN_TITLE:
            return
        try:
            total, titles = self._found()
            share = total / max(1, len(titles))
            yield from self._phrases(titles, share)
        except EngineUnavailable:
            return
        for title in titles:
            if fold(title).startswith(fold(text)) and len(fold(title)) == len(title):
                yield _Completion(title[len(text) :], SuggestionKind.TITLE, share)

    def together(self, words: Sequence[_Completion]) -> Iterator[_Completion]:
        """Keep the words that articles have with those before, weighed by how many do."""
        before = [Word(self.analyzer.lemmas(form)) for form in self.before]
        for word in words:
            wanted = Word(self.analyzer.lemmas(self.typed + word.tail))
            request = SearchRequest(All((*before, wanted)), limit=1, deadline=self.deadline)
            try:
                total = self.engine.search(request).total
            except EngineUnavailable:
                return
            if total:
                yield word._replace(weight=float(total))

    def _found(self) -> tuple[int, list[str]]:
        words: list[Node] = [Word(self.analyzer.lemmas(form), Field.TITLE) for form in self.before]
        begun = Expansion(ExpansionKind.PREFIX, self.typed, Field.TITLE, limit=FORMS)
        # What stands under a Not is not looked for in the titles again: three times as fast.
        node = Not(Not(All((*words, begun))))
        request = SearchRequest(node, limit=TITLES, sort=Sort.DATE, deadline=self.deadline)
        result = self.engine.search(request)
        return result.total, list(dict.fromkeys(hit.article.title for hit in result.hits))

    def _phrases(self, titles: Sequence[str], share: float) -> Iterator[_Completion]:
        """Give the phrases of titles, one for all forms of its words, the nominative if it is."""
        variants: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for title in titles:
            for phrase, forms in self._in_title(title):
                variants[tuple(self.analyzer.lemmas(form)[0] for form in forms)].append(phrase)
        least = 2 if len(titles) >= MANY else 1
        told = [group for group in variants.items() if len(group[1]) >= least]
        for lemmas, phrases in heapq.nlargest(LIMIT, told, lambda group: len(group[1])):
            phrase = self._shown(lemmas[0], phrases)
            weight = TELLING * share * len(phrases) * len(lemmas) / PHRASE_WORDS[0]
            yield _Completion(phrase[len(self.typed) :], SuggestionKind.PHRASE, weight)

    def _in_title(self, title: str) -> Iterator[tuple[str, list[str]]]:
        tokens = [token for token in self.analyzer.tokens(title) if token.span == 1]
        for at, token in enumerate(tokens):
            if token.form.startswith(self.typed) and len(token.form) == len(token.text):
                for count in PHRASE_WORDS:
                    words = tokens[at : at + count]
                    if len(words) == count and self._is_phrase(title, words):
                        forms = [word.form for word in words]
                        yield title[token.start : words[-1].end], forms

    def _is_phrase(self, title: str, words: Sequence[Token]) -> bool:
        apart = all(title[a.end : b.start].isspace() for a, b in pairwise(words))
        once = len({word.form for word in words} | set(self.before)) == len(words) + len(
            self.before
        )
        return apart and once and not self.analyzer.is_function_word(words[-1].form)

    def _shown(self, lemma: str, phrases: Sequence[str]) -> str:
        """Choose the form of a phrase, the nominative before what most titles have.

        «цифровизации здравоохранения» becomes «цифровизация здравоохранения»: a noun with a noun
        in the genitive after it keeps it in any case.
        """
        nominative = [phrase for phrase in phrases if fold(phrase.split()[0]) == lemma]
        shown = max(nominative or phrases, key=phrases.count)
        head, *rest = shown.split()
        if (
            nominative
            or not lemma.startswith(self.typed)
            or not _governs(fold(head), fold(rest[0]))
        ):
            return shown
        return " ".join((lemma, *rest))


def _governs(head: str, dependent: str) -> bool:
    """Tell whether two words, likeliest read, are a noun and a noun in the genitive."""
    words = dictionary()
    after = words.likeliest(dependent)
    return "NOUN" in words.likeliest(head) and {"NOUN", "gent"} <= after
