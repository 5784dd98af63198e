"""In what order every engine gives its hits, page by page, and what it counts over all of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from reference import Reference
from writing import article, lemma, walked

from searchsvc.engines.protocol import Bucket, Histogram, Hit, SearchRequest, Sort
from searchsvc.query.tree import Any, Everything, Not
from searchsvc.schema import FACET_FIELDS, Field

if TYPE_CHECKING:
    from collections.abc import Callable

    from factories import Factory

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.protocol import Engine
    from searchsvc.model import Article
    from searchsvc.query.tree import Node

DATED = (
    article("мост", date="2021-05-03", title="Мост"),
    article("река", date="2021-05", title="Река"),
    article("парк", date="2020", title="Парк"),
    article("лига", date="2021-05-03T10:50", title="Лига"),
    article("тихо", title="Тихо"),
)


@pytest.fixture(scope="module")
def engine(factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return factory.built(tmp_path_factory.mktemp("dated"), DATED)


QUERIES = (Everything(), lemma("в"), Any((lemma("город"), lemma("река"), lemma("год"))))


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("node", QUERIES, ids=["everything", "one word", "three words"])
class TestOrder:
    def test_keys_never_decrease(self, seeds: Engine, node: Node, sort: Sort) -> None:
        hits = engine_hits(seeds, node, sort)
        assert len(hits) > 20
        assert [ORDERS[sort](hit.article, hit.score) for hit in hits] == sorted(
            ORDERS[sort](hit.article, hit.score) for hit in hits
        )

    def test_pages_are_slices(self, seeds: Engine, node: Node, sort: Sort) -> None:
        hits = engine_hits(seeds, node, sort)
        for size in (1, 7, 30):
            for offset in range(0, len(hits) + size, size):
                page = SearchRequest(node, limit=size, offset=offset, sort=sort)
                assert seeds.search(page).hits == tuple(hits[offset : offset + size])

    def test_cursors_lose_and_repeat_nothing(self, seeds: Engine, node: Node, sort: Sort) -> None:
        hits = engine_hits(seeds, node, sort)
        for size in (1, 7, 1000):
            assert list(walked(seeds, node, sort, size)) == hits


def engine_hits(engine: Engine, node: Node, sort: Sort) -> list[Hit]:
    return list(engine.search(SearchRequest(node, limit=1000, sort=sort)).hits)


def _newest(article: Article, _: float) -> tuple[bool, float]:
    return article.date is None, -article.date.start.timestamp() if article.date else 0


def _oldest(article: Article, _: float) -> tuple[bool, float]:
    return article.date is None, article.date.start.timestamp() if article.date else 0


ORDERS: dict[Sort, Callable[[Article, float], object]] = {
    Sort.RELEVANCE: lambda _, score: -score,
    Sort.DATE: _newest,
    Sort.DATE_ASC: _oldest,
}


class TestFacets:
    @pytest.mark.parametrize("field", FACET_FIELDS)
    def test_fields_count_what_matches(
        self, seeds: Engine, seed_articles: list[Article], analyzer: Analyzer, field: Field
    ) -> None:
        for node in (*QUERIES, Not(lemma("в"))):
            ids = Reference(seed_articles, analyzer).ids(node)
            counts = Counter(
                value
                for article in seed_articles
                if article.id in ids
                for value in {
                    Field.SOURCE: (article.source,) if article.source else (),
                    Field.TOPIC: article.topics,
                    Field.AUTHOR: article.authors,
                }[field]
            )
            expected = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            result = seeds.search(SearchRequest(node, facets=(field,)))
            assert result.facets == {field: tuple(Bucket(*pair) for pair in expected)}

    def test_a_histogram_counts_whole_spans(self, engine: Engine) -> None:
        result = engine.search(SearchRequest(Everything(), facets=tuple(Histogram)))
        assert result.facets == {
            Histogram.YEAR: (Bucket("2020", 1), Bucket("2021", 3)),
            Histogram.MONTH: (Bucket("2021-05", 3),),
            Histogram.DAY: (Bucket("2021-05-03", 2),),
        }

    def test_undated_articles_are_counted_apart(self, engine: Engine) -> None:
        assert engine.search(SearchRequest(Everything(), facets=(Histogram.YEAR,))).undated == 1
        assert engine.search(SearchRequest(lemma("река"), facets=(Histogram.YEAR,))).undated == 0
        assert engine.search(SearchRequest(lemma("тихо"), facets=(Histogram.YEAR,))).undated == 1

    def test_what_is_not_asked_is_not_counted(self, engine: Engine) -> None:
        assert engine.search(SearchRequest(Everything())).facets == {}
