"""What readers ask a service, made at random: few words of titles, neighbours, names, questions.

In: articles and a seeded generator. Out: the very requests that a service makes of each question,
strict and widened, with filters, and in several sizes of pages. Near copies of some articles make
scores that hardly differ.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from corpora import marker
from meaning import understand

from searchsvc.query.limits import Limits
from searchsvc.query.synonyms import SHIPPED, Synonyms
from searchsvc.searching.answer import Question
from searchsvc.searching.asking import requested

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.protocol import SearchRequest
    from searchsvc.model import Article

COPIED, COPIES = 12, 80
"""More copies of one article than the second pass orders."""
FREQUENT = ("год", "петербург", "Россия", "день", "человек", "новый", "город", "сообщает", "тысяч")
ASKED = ("кто", "где", "когда", "почему", "как", "сколько")
SIZES = (1, 5, 10, 10, 10, 20, 47, 48, 49, 100)


class Asked(NamedTuple):
    """What a service asks an engine, and the question."""

    request: SearchRequest
    origin: str


def with_near_copies(articles: Sequence[Article], random: Random) -> list[Article]:
    """Add copies of some articles, most of them not quite the same, and put all in any order."""
    copied = random.sample([article for article in articles if article.title], COPIED)
    copies = [_copy(one, f"{one.id}-{n}", random) for one in copied for n in range(COPIES)]
    every = [*articles, *copies]
    random.shuffle(every)
    return every


def _copy(article: Article, article_id: str, random: Random) -> Article:
    authors = (*article.authors[:-1], marker(article_id))
    title, text = article.title.split(), article.text.split()
    way = random.randrange(7)
    if way == 1:
        random.shuffle(title)
    elif way == 2:
        title = title[random.randint(0, 1) : len(title) - random.randint(0, 1)]
    elif way == 3:
        title.insert(random.randint(0, len(title)), random.choice(("и", "год", "новый")))
    elif way == 4:
        text.insert(random.randint(0, len(text)), random.choice(title or ["год"]))
    elif way == 5:
        text = text[len(text) // 2 :] + text[: len(text) // 2]
    elif way == 6:
        return replace(article, id=article_id, authors=authors, title="", title_made=False)
    made = article.title_made and not way
    return replace(
        article,
        id=article_id,
        authors=authors,
        title=" ".join(title) if way else article.title,
        text=" ".join(text) if way else article.text,
        title_made=made,
    )


class QuestionMaker:
    """Asks as readers do."""

    def __init__(self, articles: Sequence[Article], analyzer: Analyzer, random: Random) -> None:
        self._articles = articles
        self._copies = [article for article in articles if "-" in article.id]
        self._analyzer = analyzer
        self._random = random
        self._synonyms = Synonyms.read(SHIPPED, analyzer)

    def requests(self, count: int) -> Iterator[Asked]:
        """Make so many requests, strict and widened ones in turn where there are both."""
        for number in range(count):
            text = self._text()
            meant = understand(text, self._analyzer, Limits(), self._synonyms)
            question = self._filtered(Question(text=text, size=self._random.choice(SIZES)))
            node = meant.widened if number % 2 and meant.widened else meant.node
            freshness = self._random.choice((0.0, 0.0, 1.5))
            request = requested(question, node, meant, deadline=inf, freshness=freshness)
            yield Asked(request, f"{question} widened: {node is meant.widened}")

    def _text(self) -> str:
        chance = self._random
        size = chance.choice((1, 1, 2, 2, 2, 3, 3, 3, 5, 7))
        ways = (
            lambda: self._beside(size),
            lambda: self._beside(size),
            lambda: self._apart(size),
            self._names,
            lambda: [*self._beside(1), chance.choice(FREQUENT)],
            lambda: chance.sample(FREQUENT, min(size, 3)),
            lambda: [chance.choice(ASKED), *self._beside(min(size, 3))],
            lambda: [*self._beside(min(size, 3)), self._operator()],
        )
        words = chance.choice(ways)()
        if chance.random() < 0.15:
            words.reverse()
        return " ".join(words) or "город"

    def _words(self) -> list[str]:
        """Give the words of a title, or of some text, as they are written."""
        some = self._copies if self._random.random() < 0.3 else self._articles
        article = self._random.choice(some)
        text = article.title if self._random.random() < 0.5 else article.text
        return [token.text for token in self._analyzer.tokens(text[:2000]) if token.span == 1]

    def _beside(self, size: int) -> list[str]:
        words = self._words()
        start = self._random.randrange(max(len(words) - size, 0) + 1)
        return words[start : start + size]

    def _apart(self, size: int) -> list[str]:
        words = self._words()
        return self._random.sample(words, min(size, len(words)))

    def _names(self) -> list[str]:
        """Take capitalised words, side by side as far as there are such."""
        words = self._words()
        starts = [place for place, word in enumerate(words) if word[0].isupper()]
        if not starts:
            return words[:1]
        start = self._random.choice(starts)
        second = words[start + 1 : start + 2]
        return [words[start], *(word for word in second if word[0].isupper())]

    def _operator(self) -> str:
        word, year = (self._beside(1) or ["город"])[0], self._random.randint(2008, 2018)
        return self._random.choice(
            (f"-{word}", f"заголовок:{word}", f'"{word}"', f"!{word}", f"{word}~", f"после:{year}")
        )

    def _filtered(self, question: Question) -> Question:
        article = self._random.choice(self._articles)
        way = self._random.randrange(12)
        if way == 0:
            return question._replace(source=article.source)
        if way == 1 and article.topics:
            return question._replace(topic=article.topics[0])
        if way == 2 and article.date:
            return question._replace(first=article.date.first_day)
        if way == 3 and article.date:
            return question._replace(last=article.date.last_day)
        return question
