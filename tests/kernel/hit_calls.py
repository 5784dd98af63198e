"""Calls of what writes answers as JSON: marks that are none, letters that UTF-8 lacks."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from searchsvc.highlighting.snippet import Snippet
from searchsvc.model import Article, ArticleDate, Precision
from searchsvc.searching.answer import Answer, Found, Understood
from searchsvc.web.answering import DATES, NO_FACETS, NOTHING
from searchsvc.web.rendering import answer_object
from searchsvc.web.writing import to_bytes

if TYPE_CHECKING:
    from random import Random
    from types import ModuleType

LETTERS = "аЯё e<>&\"'\\\n\x00\x1f語😀"
LONE = "\ud800"
ODD = (None, 5, 1 << 70, -1, (), ("край",), ((0, 1),), LONE, 2.5, float("inf"))


def write_hits(module: ModuleType, cases: int, chance: Random) -> int:
    """Write answers, sound ones as Python does; give how many bytes there were."""
    count = 0
    for _ in range(cases):
        answer = an_answer(chance)
        written = module.written(answer, NOTHING, NO_FACETS, *DATES)
        assert to_bytes(answer_object(answer)) == written, answer
        count += len(written)
        odd = answer._replace(hits=(damaged(a_hit(chance), chance),))
        module.written(odd, NOTHING, NO_FACETS, *DATES)
        module.written(mixed(answer, chance), NOTHING, NO_FACETS, *DATES)
    return count


def an_answer(chance: Random) -> Answer:
    """Make an answer with some hits."""
    hits = tuple(a_hit(chance) for _ in range(chance.choice((0, 1, 10, 40))))
    query = Understood(
        a_text(chance), a_text(chance), (a_text(chance),), warnings=(a_text(chance),)
    )
    return Answer(
        query, chance.randrange(1 << 40), chance.uniform(0, 3), 1, hits, next=a_text(chance)
    )


def mixed(answer: Answer, chance: Random) -> tuple[object, ...]:
    """Put something odd into the query of an answer, and into the answer."""
    query, values = list(answer.query), list(answer)
    query[chance.randrange(len(query))] = chance.choice(ODD)
    values[0] = tuple(query)
    values[chance.randrange(len(values))] = chance.choice(ODD)
    return tuple(values)


def a_hit(chance: Random) -> Found:
    """Make a hit, every tenth with a very long text."""
    title, *shown = (a_snippet(chance) for _ in range(chance.randint(1, 4)))
    topics, date = (a_text(chance),), a_date(chance)
    article = Article(id=a_text(chance), title=title.text, text="", topics=topics, date=date)
    return Found(article, chance.uniform(-2, 600), title, tuple(shown))


def a_date(chance: Random) -> ArticleDate | None:
    """Draw a moment of 2,100 years, known more or less exactly, or none."""
    start = datetime(1, 1, 1) + timedelta(minutes=chance.randrange(2_100 * 365 * 24 * 60))
    precision = chance.choice((None, *Precision))
    return precision and ArticleDate(start, precision)


def a_snippet(chance: Random) -> Snippet:
    """Make a snippet with sorted, disjoint marks."""
    text = a_text(chance)
    cuts = sorted(chance.sample(range(len(text) + 1), min(len(text) // 2, 8)))
    return Snippet(text, tuple(zip(cuts[::2], cuts[1::2], strict=False)))


def a_text(chance: Random) -> str:
    """Draw letters."""
    return "".join(
        chance.choices(LETTERS, k=chance.choice((0, 1, 5, 5, 20, 20, 20, 20, 20, 2_000)))
    )


def damaged(hit: Found, chance: Random) -> Found:
    """Put something odd into a hit."""
    odd = chance.choice(ODD)
    match chance.randrange(6):
        case 0:
            return hit._replace(title=hit.title._replace(text=odd))
        case 1:
            return hit._replace(title=hit.title._replace(marks=((odd, 2), (1, odd))))
        case 2:
            return hit._replace(snippets=(hit.title, odd))
        case 3:
            return hit._replace(score=odd)
        case 4:
            marks = ((chance.randint(-2, 30), chance.randint(-2, 3_000)), (0, 1))
            return hit._replace(title=hit.title._replace(marks=marks))
    topics = (re.sub("а", LONE, hit.article.id), odd)
    return hit._replace(article=replace(hit.article, topics=topics, source=odd))
