"""Answers and articles → the JSON objects of the API; the command line prints the same ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from searchsvc.engines.protocol import Histogram
from searchsvc.web.explaining import explain_object
from searchsvc.web.marking import html

if TYPE_CHECKING:
    from searchsvc.engines.protocol import Bucket
    from searchsvc.highlighting.snippet import Snippet
    from searchsvc.model import Article
    from searchsvc.searching.answer import Answer, Corrected, Found, Understood
    from searchsvc.web.explaining import ExplainObject


class SnippetObject(TypedDict):
    """A fragment: plain text, ranges of code points in it, and both as HTML."""

    text: str
    marks: list[list[int]]
    html: str


class HitObject(TypedDict):
    """One hit; what is not known of an article is null; ``explain`` is there if asked for."""

    id: str
    url: str | None
    title: str
    date: str | None
    source: str | None
    topics: list[str]
    authors: list[str]
    part_of: str | None
    score: float
    title_html: str
    snippets: list[SnippetObject]
    duplicates: int
    explain: NotRequired[ExplainObject]


class BucketObject(TypedDict):
    """A value and its articles; null is "without a date" and closes a list of dates."""

    value: str | None
    count: int


def answer_object(answer: Answer) -> dict[str, object]:
    """Write an answer as the API's object, its keys in the documented order."""
    return {
        "query": _query(answer.query),
        "total": {"value": answer.total, "relation": "eq"},
        "took_ms": round(answer.took_ms, 2),
        "generation": answer.generation,
        "hits": [hit_object(found) for found in answer.hits],
        "facets": facets_object(answer),
        "next": answer.next,
    }


def hit_object(found: Found) -> HitObject:
    """Write one hit."""
    article = found.article
    hit: HitObject = {
        "id": article.id,
        "url": article.url or None,
        "title": article.title,
        "date": article.date.isoformat() if article.date else None,
        "source": article.source or None,
        "topics": list(article.topics),
        "authors": list(article.authors),
        "part_of": article.part_of or None,
        "score": round(found.score, 4),
        "title_html": html(found.title),
        "snippets": [_snippet(snippet) for snippet in found.snippets],
        "duplicates": 0,
    }
    if found.explanation is not None:
        hit["explain"] = explain_object(found.explanation)
    return hit


def article_object(article: Article) -> dict[str, object]:
    """Write a whole article."""
    return {
        "id": article.id,
        "url": article.url or None,
        "title": article.title,
        "lead": article.lead or None,
        "text": article.text,
        "date": article.date.isoformat() if article.date else None,
        "source": article.source or None,
        "topics": list(article.topics),
        "authors": list(article.authors),
        "tags": list(article.tags),
        "language": article.language,
        "part_of": article.part_of or None,
    }


def _query(query: Understood) -> dict[str, object]:
    return {
        "text": query.text,
        "interpreted": query.interpreted,
        "lemmas": list(query.lemmas),
        "corrected": corrected_object(query.corrected),
        "widened": query.widened,
        "all_words": query.all_words,
        "warnings": list(query.warnings),
    }


def corrected_object(corrected: Corrected | None) -> dict[str, object] | None:
    """Write what was probably meant."""
    if corrected is None:
        return None
    return {"text": corrected.text, "reason": corrected.reason.value, "used": corrected.used}


def _snippet(snippet: Snippet) -> SnippetObject:
    return {"text": snippet.text, "marks": list(map(list, snippet.marks)), "html": html(snippet)}


def facets_object(answer: Answer) -> dict[str, list[BucketObject]]:
    """Write the facets of an answer."""
    facets = {}
    for facet, buckets in answer.facets.items():
        facets[facet.value] = [_bucket(bucket) for bucket in buckets]
        if isinstance(facet, Histogram) and answer.undated:
            facets[facet.value].append({"value": None, "count": answer.undated})
    return facets


def _bucket(bucket: Bucket) -> BucketObject:
    return {"value": bucket.value, "count": bucket.count}
