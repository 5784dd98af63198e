"""Random trees and typed queries of every kind, out of the words of real articles.

In: articles and a seeded generator. Out: trees whose leaves mostly match something: words as they
stand in the texts, phrases taken from them whole and broken, words that stand near each other.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle, islice
from typing import TYPE_CHECKING

from searchsvc.query.tree import (
    All,
    Any,
    Constant,
    DateRange,
    Everything,
    Expansion,
    ExpansionKind,
    Near,
    Node,
    Not,
    Nothing,
    Phrase,
    Position,
    Ranked,
    Value,
    Variants,
    Word,
)
from searchsvc.schema import FACET_FIELDS, Field, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from random import Random

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.model import Article

TEXT_FIELDS = (Field.TEXT, Field.TEXT, Field.TEXT, Field.TITLE)
FUZZY_WORDS = 12
"""So many words are looked for with typos; brute force walks the vocabulary for each."""


class TreeMaker:
    """Makes random trees; the same generator gives the same trees."""

    def __init__(self, articles: Sequence[Article], analyzer: Analyzer, random: Random) -> None:
        self._articles = articles
        self._analyzer = analyzer
        self._random = random
        self._misspelled = [self._misspell(self._form()) for _ in range(FUZZY_WORDS)]

    def trees(self, count: int) -> Iterator[Node]:
        """Make trees, each kind of node at the top in its turn."""
        leaves = [self.word, self.expansion, self.phrase, self.near, self.dates, self.value]
        kinds: list[Callable[[], Node]] = [*leaves, *([self.branch] * len(leaves))]
        return (make() for make in islice(cycle(kinds), count))

    def word(self) -> Word:
        """Make a word of a text, by lemma or by form; of a field's value; or of two words."""
        return self._word(self._form(), self._random.choice(TEXT_FIELDS))

    def expansion(self) -> Expansion:
        """Make a prefix, a wildcard or a fuzzy word, with a limit that may be passed."""
        kind = self._random.choice(tuple(ExpansionKind))
        field = self._random.choice((*TEXT_FIELDS, *FACET_FIELDS))
        form = self._form() if field in TEXT_FIELDS else self._of_value(field)
        limit = self._random.choice((1, 3, 20, 200))
        if kind is ExpansionKind.FUZZY:
            pattern = self._random.choice(self._misspelled)
            return Expansion(kind, pattern, field, self._random.choice((1, 2)), limit)
        if kind is ExpansionKind.PREFIX:
            return Expansion(kind, form[: self._random.randint(1, 6)], field, limit=limit)
        return Expansion(kind, self._wildcard(form), field, limit=limit)

    def phrase(self) -> Phrase:
        """Take side by side words from a text, or from a value, and break every third phrase."""
        field = self._random.choice((*TEXT_FIELDS, Field.TOPIC, Field.AUTHOR))
        forms = self._neighbours(field, self._random.randint(2, 4))
        if self._random.random() < 1 / 3:
            self._random.shuffle(forms)
        return Phrase(tuple(self._position(form, field) for form in forms))

    def near(self) -> Near:
        """Take words that stand close together, in any order; two may be phrases."""
        field = self._random.choice(TEXT_FIELDS)
        window = self._neighbours(field, self._random.randint(4, 12))
        distance = self._random.randint(1, 12)
        if len(window) > 1 and self._random.random() < 1 / 3:
            middle = len(window) // 2
            sides = [window[:middle][:2], window[middle:][-2:]]
            self._random.shuffle(sides)
            items = tuple(self._side(side, field) for side in sides)
            return Near(items, distance)
        count = min(self._random.randint(2, 5), len(window))
        chosen = self._random.sample(window, count) if count > 1 else window * 2
        if self._random.random() < 1 / 5:
            chosen[0] = chosen[-1]
        return Near(tuple(self._position(form, field) for form in chosen), distance)

    def dates(self) -> DateRange:
        """Make a range around the dates of articles, open or closed, now and then empty."""
        days = [self._day(), self._day()]
        if self._random.random() < 0.9:
            days.sort()
        return self._random.choice(
            (DateRange(*days), DateRange(first=days[0]), DateRange(last=days[1]))
        )

    def value(self) -> Value:
        """Ask for a source, a topic or an author that is there; seldom for none."""
        field = self._random.choice(FACET_FIELDS)
        values = self._values(self._article(), field)
        return Value(field, self._random.choice(values) if values else "нет такого")

    def branch(self, depth: int = 3) -> Node:
        """Make a branch of branches and leaves."""
        children = tuple(self.node(depth - 1) for _ in range(self._random.randint(1, 4)))
        kind = self._random.choice((All, All, Any, Any, Variants, Not, Ranked, Constant))
        if kind is Not:
            return Not(children[0])
        if kind is Constant:
            return Constant(children[0], self._random.uniform(0, 9))
        if kind is Ranked:
            return Ranked(children[0], children[1:])
        if kind is All and self._random.random() < 0.5:
            return All((*children, Not(self.leaf())))
        return kind(children)

    def node(self, depth: int) -> Node:
        """Make a branch or a leaf."""
        return self.branch(depth) if depth and self._random.random() < 0.4 else self.leaf()

    def leaf(self) -> Node:
        """Make any leaf, words more often than others."""
        words = (self.word, self.word, self.word, self.field_word)
        others = (self.expansion, self.phrase, self.near, self.dates, self.value)
        return self._random.choice((*words, *others, Everything, Nothing))()

    def field_word(self) -> Word:
        """Ask for a word of a source, a topic or an author."""
        field = self._random.choice(FACET_FIELDS)
        return self._word(self._of_value(field), field)

    def _word(self, form: str, field: Field) -> Word:
        chance = self._random.random()
        if chance < 0.3:
            return Word((form,), field, Stream.FORMS)
        lemmas = self._analyzer.lemmas(form)
        other = self._analyzer.lemmas(self._form()) if chance > 0.9 else ()
        return Word(tuple(dict.fromkeys((*lemmas, *other))), field)

    def _position(self, form: str, field: Field) -> Position:
        if self._random.random() < 0.1 and len(form) > 3:
            return Expansion(ExpansionKind.PREFIX, form[:3], field)
        return self._word(form, field)

    def _side(self, forms: Sequence[str], field: Field) -> Position | Phrase:
        positions = tuple(self._position(form, field) for form in forms)
        return Phrase(positions) if len(positions) > 1 else positions[0]

    def _article(self) -> Article:
        return self._random.choice(self._articles)

    def _forms(self, text: str, *, wholes: bool) -> list[str]:
        return [token.form for token in self._analyzer.tokens(text) if wholes or token.span == 1]

    def _form(self) -> str:
        """Pick a word of some text, whole compounds too."""
        while True:
            article = self._article()
            if forms := self._forms(f"{article.title} {article.text}", wholes=True):
                return self._random.choice(forms)

    def _of_value(self, field: Field) -> str:
        values = self._values(self._article(), field)
        forms = self._forms(" ".join(values), wholes=True)
        return self._random.choice(forms) if forms else self._form()

    def _neighbours(self, field: Field, count: int) -> list[str]:
        while True:
            article = self._article()
            texts = {Field.TEXT: [article.text or article.title], Field.TITLE: [article.title]}
            text = " ".join(texts.get(field) or self._values(article, field))
            if forms := self._forms(text, wholes=False):
                start = self._random.randrange(len(forms))
                return forms[start : start + count]

    def _values(self, article: Article, field: Field) -> tuple[str, ...]:
        sources = (article.source,) if article.source else ()
        values = {Field.SOURCE: sources, Field.TOPIC: article.topics, Field.AUTHOR: article.authors}
        return values[field]

    def _wildcard(self, form: str) -> str:
        letters = list(form)
        for _ in range(self._random.randint(1, 2)):
            place = self._random.randrange(len(letters))
            letters[place] = self._random.choice("?*")
        if self._random.random() < 0.3:
            letters.append("*")
        return "".join(letters)

    def _misspell(self, form: str) -> str:
        place = self._random.randrange(len(form))
        before, letter, after = form[:place], form[place], form[place + 1 :]
        changed = (letter, "о", "", letter + "а", after[:1] + letter)
        number = self._random.randrange(len(changed))
        return before + changed[number] + (after[1:] if number == 4 else after)

    def _day(self) -> date | None:
        dated = [article.date for article in islice(self._articles, 200) if article.date]
        if not dated:
            return None
        return self._random.choice(dated).first_day + timedelta(self._random.randint(-40, 40))


class QueryMaker:
    """Types random queries: clauses of the query language over words of real articles."""

    def __init__(self, articles: Sequence[Article], analyzer: Analyzer, random: Random) -> None:
        self._articles = articles
        self._analyzer = analyzer
        self._random = random

    def queries(self, count: int) -> Iterator[str]:
        """Type queries of one to four clauses."""
        for _ in range(count):
            clauses = [self._clause() for _ in range(self._random.randint(1, 4))]
            yield self._random.choice((" ", " ", " ", " | ")).join(clauses)

    def _clause(self) -> str:
        words = self._words(4)
        one, two, rest = words[0], words[1], " ".join(words[2:])
        article = self._random.choice(self._articles)
        date = article.date.isoformat()[:7] if article.date else "2021-02"
        field = self._random.choice(("заголовок", "источник", "рубрика", "автор"))
        clauses = (
            *(one, f"{one} {two}", f"{one} {rest}", f'"{one} {two}"', f'"{" ".join(words)}"'),
            *(f'"{one} {rest}"~5', f"{one} NEAR/4 {two}", f'({one} | "{two} {rest}") NEAR/3 {two}'),
            *(f"!{one}", f'!"{one} {two}"', f"-{one}", f"({one} | {two})", f"({one} -{two})"),
            *(f"{one[:4]}*", f"{one[:2]}?{one[3:]}", f"{self._plain(one)}~", f"{one[:3]}*-"),
            *(f"заголовок:{one}", f'{field}:"{article.source}"', f"{field}:{one}"),
            *(f"дата:{date}", f"после:{date}", f"до:{date}", f"НЕ {one}"),
        )
        return self._random.choice(clauses)

    def _plain(self, word: str) -> str:
        """Give one of few words, so that few fuzzy words are looked for."""
        return self._random.choice(("москвы", "губернатр", "пострадвшие", word[:0] + "дороги"))

    def _words(self, count: int) -> list[str]:
        """Cut words out of a text as they are typed there."""
        while True:
            article = self._random.choice(self._articles)
            words = [t.text for t in self._analyzer.tokens(article.text[:3000])]
            if len(words) >= count:
                start = self._random.randrange(len(words) - count + 1)
                return words[start : start + count]
