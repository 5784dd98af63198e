"""A short notation for the engine's tests: articles, words, and what an engine answers."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING

from searchsvc.engines.protocol import SearchRequest
from searchsvc.model import Article, ArticleDate, Precision
from searchsvc.query.tree import Near, Phrase, Position, Word
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from searchsvc.engines.protocol import Engine, Hit, Sort, Zone
    from searchsvc.query.tree import Node

LENGTHS = {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY, 16: Precision.MINUTE}


def day(text: str) -> ArticleDate:
    """Read ``2021``, ``2021-02``, ``2021-02-19``, ``2021-02-19T10:50``."""
    full = text + "-01-01"[len(text) - 4 :] if len(text) < 10 else text
    return ArticleDate(datetime.fromisoformat(full), LENGTHS[len(text)])


def article(
    article_id: str, text: str = "", title: str = "", date: str = "", **others: object
) -> Article:
    """Write an article; the date as in ``day``."""
    when = day(date) if date else None
    return Article(id=article_id, title=title, text=text, date=when, **others)  # type: ignore[arg-type]


def lemma(*terms: str, field: Field = Field.TEXT) -> Word:
    """A position that holds a form of these."""
    return Word(terms, field)


def form(text: str, field: Field = Field.TEXT) -> Word:
    """A position that holds exactly this form."""
    return Word((text,), field, Stream.FORMS)


def phrase(text: str, field: Field = Field.TEXT) -> Phrase:
    """Forms side by side."""
    return Phrase(tuple(form(word, field) for word in text.split()))


def near(text: str, distance: int, field: Field = Field.TEXT) -> Near:
    """Forms close together; ``а_б`` is a phrase."""
    items: list[Position | Phrase] = [
        phrase(word.replace("_", " "), field) if "_" in word else form(word, field)
        for word in text.split()
    ]
    return Near(tuple(items), distance)


def found(engine: Engine, node: Node) -> set[str]:
    """The ids of all hits, which are as many as the total says and none twice."""
    result = engine.search(SearchRequest(node, limit=100_000))
    ids = [hit.article.id for hit in result.hits]
    assert len(ids) == len(set(ids)) == result.total
    return set(ids)


def scores(engine: Engine, node: Node) -> dict[str, float]:
    """The score of each hit by id."""
    hits = engine.search(SearchRequest(node, limit=100_000)).hits
    return {hit.article.id: hit.score for hit in hits}


def walked(engine: Engine, node: Node, sort: Sort, size: int) -> Iterator[Hit]:
    """All hits by cursor, ``size`` at a time."""
    after = None
    for _ in count():
        hits = engine.search(SearchRequest(node, limit=size, after=after, sort=sort)).hits
        yield from hits
        if len(hits) < size:
            return
        after = hits[-1].cursor


def cut(engine: Engine, node: Node, article_id: str, zone: Zone) -> list[str]:
    """The texts that the matches of a tree cut out of one zone of an article."""
    stored = engine.article(article_id)
    text = {"title": stored.title, "text": stored.text}[zone.value]
    return [
        text[match.start : match.end]
        for match in engine.matches(node, article_id)
        if match.zone is zone
    ]
