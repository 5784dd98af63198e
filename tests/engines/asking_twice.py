"""How answers to what a service asks are held against the reference, near ties included.

In: engines, a reference, requests with typed words. What stands in the first pass so near to the
last place that the second pass orders may be among those it orders, or not; all else is exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.protocol import Sort
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from ranked_reference import RankedReference
    from typed_questions import Asked

    from searchsvc.engines.protocol import Engine, Hit, SearchRequest
    from searchsvc.model import Article

    Scores = NDArray[np.float64]

TWICE = 48
"""Articles that the second pass orders."""
NEAR = 2e-4
TOLD = 200


class Expected(NamedTuple):
    """What matches, what it scores at first, and what those in front score after that."""

    total: int
    first: Scores
    twice: dict[int, float]
    certain: frozenset[int]
    """Those that the second pass orders whatever the last digits of their scores are."""


def prove_asked(
    engines: Sequence[Engine], reference: RankedReference, asked: Sequence[Asked]
) -> None:
    """Hold every engine's answers against the reference, and engines against each other."""
    numbers = {reference.articles[number].id: number for number in np.flatnonzero(reference.alive)}
    edges = shown = 0
    for number, (request, origin) in enumerate(asked, 1):
        for way in (request, request._replace(signals=(), freshness=0.0)):
            expected = expect(reference, way)
            answers = [check(engine, way, expected, numbers, origin) for engine in engines]
            assert answers.count(answers[0]) == len(answers), f"kernels differ: {origin}"
            edges += 0 < len(expected.certain) < len(expected.twice)
            shown += len(answers[0])
        if not number % 4:
            for engine in engines:
                check_pages(engine, request, origin)
        if not number % TOLD:
            print(f"{number} of {len(asked)} questions are answered alike", flush=True)
    print(f"{len(asked)} questions, {shown} hits, {edges} with near ties at the edge")
    assert shown > len(asked)


def expect(reference: RankedReference, request: SearchRequest) -> Expected:
    """Work out what an answer should be."""
    found = reference.evaluate(request.node)
    first = np.where(found.matching, found.scores, -np.inf)
    total = int(found.matching.sum())
    if not (request.signals or request.freshness) or request.sort is not Sort.RELEVANCE:
        return Expected(total, first, {}, frozenset())
    edge = np.sort(first)[::-1][min(TWICE, total) - 1] if total else np.inf
    apart = near(edge)
    some = np.flatnonzero(first >= edge - apart).tolist() if total else []
    gains = reference.gains(some, request.signals, request.freshness)
    twice = dict(zip(some, (first[some] + gains).tolist(), strict=True))
    sure = some if len(some) <= TWICE else np.flatnonzero(first > edge + apart).tolist()
    return Expected(total, first, twice, frozenset(sure))


def near(score: float) -> float:
    """Give how far from a score what the engine adds up in single precision may be."""
    return NEAR + 2e-6 * abs(score)


def check(
    engine: Engine,
    request: SearchRequest,
    expected: Expected,
    numbers: dict[str, int],
    origin: str,
) -> list[tuple[str, float]]:
    """Hold a page against what is expected; give its ids and scores."""
    result = engine.search(request._replace(facets=(Field.AUTHOR,)))
    assert result.total == expected.total, origin
    own = {bucket.value for bucket in result.facets[Field.AUTHOR]}
    assert {f"Автор-{hit.article.id}" for hit in result.hits} <= own, origin
    hits = [(numbers[hit.article.id], hit.score) for hit in result.hits]
    assert len({number for number, _ in hits}) == len(hits) == min(request.limit, result.total)
    if request.sort is Sort.RELEVANCE:
        ahead = TWICE if expected.twice else 0
        check_ahead(hits[:ahead], expected, origin)
        check_behind(hits, ahead, expected, origin)
    plain = engine.search(request)
    assert plain.hits == result.hits, origin
    return [(hit.article.id, hit.score) for hit in result.hits]


def check_ahead(hits: Sequence[tuple[int, float]], expected: Expected, origin: str) -> None:
    """Hold those ordered twice: each scores what it should, and none that scores more is left."""
    for number, score in hits:
        assert abs(score - expected.twice.get(number, np.nan)) <= near(score), origin
    scores = [score for _, score in hits]
    assert scores == sorted(scores, reverse=True), origin
    last = scores[-1] if scores else np.inf
    left = expected.certain - {number for number, _ in hits}
    assert not hits or all(expected.twice[number] <= last + near(last) for number in left), origin


def check_behind(
    hits: Sequence[tuple[int, float]], ahead: int, expected: Expected, origin: str
) -> None:
    """Hold those behind, which are in the order of the first pass."""
    best = np.sort(expected.first)[::-1][ahead : len(hits)]
    for (number, score), most in zip(hits[ahead:], best, strict=True):
        assert abs(score - most) <= near(most), origin
        assert abs(score - expected.first[number]) <= near(most), origin


def check_pages(engine: Engine, request: SearchRequest, origin: str) -> None:
    """A long page is what short ones give one after another, by number and by cursor."""
    every = _hits(engine, request._replace(limit=100))
    by_number = [
        hit
        for place in range(0, 100, 20)
        for hit in _hits(engine, request._replace(limit=20, offset=place))
    ]
    assert by_number == every, origin
    by_cursor: list[tuple[Article, float]] = []
    onward: SearchRequest | None = request._replace(limit=35)
    while onward and len(by_cursor) < 100:
        result = engine.search(onward)
        by_cursor += map(_shown, result.hits)
        onward = onward._replace(after=result.hits[-1].cursor) if result.more else None
    assert by_cursor[:100] == every, origin


def _hits(engine: Engine, request: SearchRequest) -> list[tuple[Article, float]]:
    return list(map(_shown, engine.search(request).hits))


def _shown(hit: Hit) -> tuple[Article, float]:
    return hit.article, hit.score
