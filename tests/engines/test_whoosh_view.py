"""Whoosh's own view: what it opens is an index of its own, and its queries are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from factories import FACTORIES
from reference import Reference
from whoosh.index import open_dir
from whoosh.query import And, Every, Or, Phrase, Prefix, Query, Term
from writing import form, lemma, phrase

from searchsvc.engines.generations import Generations
from searchsvc.query import tree
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from whoosh.searching import Searcher

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.model import Article

ASKED: dict[str, tuple[Query, tree.Node]] = {
    "a lemma": (Term("text", "город"), lemma("город")),
    "a form": (Term("text_forms", "города"), form("города")),
    "a word of a topic": (Term("topic", "спорт"), lemma("спорт", field=Field.TOPIC)),
    "no such word": (Term("text", "щщщщ"), lemma("щщщщ")),
    "all": (
        And([Term("text", "город"), Term("text", "год")]),
        tree.All((lemma("город"), lemma("год"))),
    ),
    "any": (
        Or([Term("text", "город"), Term("text", "река")]),
        tree.Any((lemma("город"), lemma("река"))),
    ),
    "a phrase": (Phrase("text_forms", ["до", "конца"]), phrase("до конца")),
    "a prefix": (
        Prefix("text_forms", "горо"),
        tree.Expansion(tree.ExpansionKind.PREFIX, "горо", limit=10_000),
    ),
    "everything": (Every(), tree.Everything()),
}


@pytest.fixture(scope="module", params=["as built", "after deletions"])
def searched(
    request: pytest.FixtureRequest,
    seed_articles: list[Article],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Searcher, list[Article]]]:
    """Whoosh's searcher over a generation, and the articles it should find."""
    root: Path = tmp_path_factory.mktemp("whoosh")
    engine = FACTORIES["whoosh"].built(root, seed_articles)
    kept = seed_articles
    if request.param == "after deletions":
        kept = seed_articles[::2]
        engine = FACTORIES["whoosh"].updated(root, kept[:3], [a.id for a in seed_articles[1::2]])
        assert engine.stats().segments == 2
    folder = Generations(root).folder(engine.generation)
    with open_dir(str(folder)).searcher() as searcher:
        yield searcher, kept


@pytest.mark.parametrize("fact", ASKED)
def test_it_finds_the_same(
    searched: tuple[Searcher, list[Article]], analyzer: Analyzer, fact: str
) -> None:
    searcher, articles = searched
    query, node = ASKED[fact]
    expected = Reference(articles, analyzer).ids(node)
    ids = [hit["id"] for hit in searcher.search(query, limit=None)]
    assert sorted(ids) == sorted(expected)
    assert expected or fact == "no such word"


def test_it_finds_an_article_by_id(searched: tuple[Searcher, list[Article]]) -> None:
    searcher, articles = searched
    for article in articles:
        stored = searcher.document(id=article.id)
        assert stored["title"] == article.title
        assert stored["body"] == article.text


def test_it_counts_the_living(searched: tuple[Searcher, list[Article]]) -> None:
    searcher, articles = searched
    assert searcher.doc_count() == len(articles)
    assert searcher.reader().doc_frequency("text", "город") >= 1


def test_its_terms_are_in_order(searched: tuple[Searcher, list[Article]]) -> None:
    reader = searched[0].reader()
    terms = list(reader.lexicon("text_forms"))
    assert terms == sorted(set(terms))
    assert b"\xd0\xb2" in terms
