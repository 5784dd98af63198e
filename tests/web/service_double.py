"""A service over articles in memory: a word finds what begins as it does, its end aside."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from searchsvc.engines.protocol import Bucket, EngineStats, Histogram, Sort
from searchsvc.errors import NotFound, QueryError
from searchsvc.highlighting.snippet import Snippet
from searchsvc.model import Article, ArticleDate, Precision
from searchsvc.schema import Field
from searchsvc.searching.answer import Answer, Found, ShownArticle, Understood
from searchsvc.searching.suggesting import Suggestion, SuggestionKind

FAR_PAST = datetime(1, 1, 1)


def minute(*parts: int) -> ArticleDate:
    return ArticleDate(datetime(*parts), Precision.MINUTE)


@dataclass
class ServiceDouble:
    """Answers like the real one, as far as the web can tell; ``failure`` is raised when set."""

    articles: list[Article]
    failure: Exception | None = None
    understood: dict[str, object] = field(default_factory=dict)
    closed: bool = False

    def search(self, question):
        self._fail()
        if len(question.text) > 500:
            raise QueryError("q is too long", parameter="q", limit=500, value=len(question.text))
        matching = [a for a in self.articles if self._fits(a, question)]
        matching.sort(
            key=lambda a: a.date.start if a.date else FAR_PAST,
            reverse=question.sort is not Sort.DATE_ASC,
        )
        start = (question.page - 1) * question.size
        if question.cursor is not None:
            start = int(question.cursor.removeprefix("c"))
        end = start + question.size
        pattern = words_pattern(question.text)
        said = {"text": question.text, "interpreted": question.text.casefold()} | self.understood
        return Answer(
            query=Understood(**said),
            total=len(matching),
            took_ms=3.14159,
            generation=7,
            hits=tuple(found(article, pattern) for article in matching[start:end]),
            facets={facet: buckets(matching, facet) for facet in question.facets},
            undated=sum(article.date is None for article in matching),
            next=f"c{end}" if end < len(matching) else None,
        )

    def article(self, article_id, text=""):
        self._fail()
        for article in self.articles:
            if article.id == article_id:
                pattern = words_pattern(text)
                return ShownArticle(
                    article, mark(article.title, pattern), mark(article.text, pattern)
                )
        raise NotFound(f"there is no article {article_id!r}")

    def suggest(self, text):
        self._fail()
        if len(text) > 500:
            raise QueryError("q is too long", parameter="q", limit=500, value=len(text))
        tails = ("ая", "изация здравоохранения") if text.endswith("цифров") else ()
        return tuple(Suggestion(text + tail, SuggestionKind.WORD) for tail in tails)

    def ready(self):
        self._fail()
        return EngineStats(len(self.articles), 1, 1, 1000, 7)

    def close(self):
        self.closed = True

    def _fail(self):
        if self.failure is not None:
            raise self.failure

    def _fits(self, article, question):
        pattern = words_pattern(question.text)
        if pattern and not pattern.search(f"{article.title}\n{article.text}"):
            return False
        if question.first and not (article.date and question.first <= article.date.first_day):
            return False
        if question.last and not (article.date and article.date.last_day <= question.last):
            return False
        wanted = (question.source, question.topic, question.author)
        has = ((article.source,), article.topics, article.authors)
        return all(
            value is None or value in values for value, values in zip(wanted, has, strict=True)
        )


def words_pattern(text):
    stems = [re.escape(w[:-2] or w) for w in re.findall(r"\w+", text)]
    return re.compile(rf"\b(?:{'|'.join(stems)})\w*", re.IGNORECASE) if stems else None


def mark(text, pattern):
    return Snippet(text, tuple(m.span() for m in pattern.finditer(text)) if pattern else ())


def found(article, pattern):
    piece = mark(article.text[:160], pattern)
    cut = Snippet(piece.text, piece.marks, cut_after=len(article.text) > 160)
    return Found(article, 1.23456, mark(article.title, pattern), (cut,))


def buckets(articles, facet):
    counts = Counter(value for article in articles for value in values(article, facet))
    return tuple(Bucket(*pair) for pair in counts.most_common())


def values(article, facet):
    if isinstance(facet, Histogram):
        length = {Histogram.YEAR: 4, Histogram.MONTH: 7, Histogram.DAY: 10}[facet]
        written = article.date.isoformat() if article.date else ""
        return [written[:length]] if len(written) >= length else []
    return {
        Field.SOURCE: (article.source,) if article.source else (),
        Field.TOPIC: article.topics,
        Field.AUTHOR: article.authors,
    }[facet]
