"""Queries: what readers might ask of a corpus, drawn from its titles, the same every time.

In: a corpus. Out: for each shape a list of queries; each is words, their first lemmas as terms, and
where it applies a range of days. Function words are left out: they are in every engine's way.
"""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from bench.corpus import REAL, rows, term
from searchsvc.analysis.analyzer import Analyzer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

SEED = 4

DISTANCE = 5
"""Token positions two words of a proximity may be apart."""

_WORD = re.compile(r"[а-яёА-ЯЁ]{3,}")


class Shape(StrEnum):
    """What is asked."""

    AND = "and"
    OR = "or"
    PHRASE = "phrase"
    NEAR = "near"
    PREFIX = "prefix"
    DATED = "dated"
    FACETS = "facets"
    BY_DATE = "by date"


class Query(NamedTuple):
    """One question; ``forms`` are folded words, ``terms`` their first lemmas (or a prefix)."""

    shape: Shape
    forms: tuple[str, ...]
    terms: tuple[str, ...]
    first: date | None = None
    last: date | None = None


class Title(NamedTuple):
    """A title's content words as (position, folded form), and its article's day."""

    words: tuple[tuple[int, str], ...]
    day: date | None


def drawn(words: Path, count: int) -> dict[Shape, list[Query]]:
    """Draw ``count`` queries of each shape from the corpus file of whole articles."""
    analyzer = Analyzer()
    titles = _titles(words, analyzer)
    questions: dict[Shape, list[Query]] = {}
    for shape, draw in _DRAWS.items():
        chance = random.Random(f"{SEED} {shape}")
        found: dict[Query, None] = {}
        while len(found) < count:
            query = draw(chance.choice(titles), len(found), chance)
            if query is not None:
                found[_with_terms(query, analyzer)] = None
        questions[shape] = list(found)
    return questions


def _titles(words: Path, analyzer: Analyzer) -> list[Title]:
    titles = []
    for number, row in enumerate(rows(words)):
        if number >= REAL:
            break
        found = tuple(
            (token.position, token.form)
            for token in analyzer.tokens(row.title)
            if _WORD.fullmatch(token.text) and not analyzer.is_function_word(token.form)
        )
        day = date.fromisoformat(row.date[:10]) if row.date else None
        if len(found) >= 5:
            titles.append(Title(found, day))
    return titles


def _with_terms(query: Query, analyzer: Analyzer) -> Query:
    if query.shape is Shape.PREFIX:
        return query
    return query._replace(terms=tuple(term(analyzer.lemmas(form)[0]) for form in query.forms))


def _some(title: Title, count: int, chance: random.Random) -> tuple[str, ...]:
    forms = list(dict.fromkeys(form for _, form in title.words))
    return tuple(chance.sample(forms, min(count, len(forms))))


def _boolean(shape: Shape, most: int) -> Callable[[Title, int, random.Random], Query]:
    def draw(title: Title, number: int, chance: random.Random) -> Query:
        return Query(shape, _some(title, 1 + number % most, chance), ())

    return draw


def _phrase(title: Title, number: int, chance: random.Random) -> Query | None:
    length = 2 + number % 2
    runs = [
        run
        for start in range(len(title.words) - length + 1)
        if (run := title.words[start : start + length])[-1][0] - run[0][0] == length - 1
    ]
    return Query(Shape.PHRASE, _forms(chance.choice(runs)), ()) if runs else None


def _near(title: Title, _: int, chance: random.Random) -> Query | None:
    one, two = sorted(chance.sample(title.words, 2))
    if two[0] - one[0] > DISTANCE or one[1] == two[1]:
        return None
    return Query(Shape.NEAR, _forms((one, two)), ())


def _prefix(title: Title, _: int, chance: random.Random) -> Query | None:
    form = chance.choice(title.words)[1]
    if len(form) < 7:
        return None
    start = form[: max(4, len(form) - 3)]
    return Query(Shape.PREFIX, (start,), (start,))


def _dated(title: Title, number: int, chance: random.Random) -> Query | None:
    if title.day is None:
        return None
    first = title.day - timedelta(days=chance.randrange(30, 180))
    last = title.day + timedelta(days=chance.randrange(30, 180))
    return Query(Shape.DATED, _some(title, 1 + number % 3, chance), (), first, last)


def _forms(words: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    return tuple(form for _, form in words)


_DRAWS: dict[Shape, Callable[[Title, int, random.Random], Query | None]] = {
    Shape.AND: _boolean(Shape.AND, 5),
    Shape.OR: _boolean(Shape.OR, 5),
    Shape.PHRASE: _phrase,
    Shape.NEAR: _near,
    Shape.PREFIX: _prefix,
    Shape.DATED: _dated,
    Shape.FACETS: _boolean(Shape.FACETS, 2),
    Shape.BY_DATE: _boolean(Shape.BY_DATE, 2),
}
