"""Whoosh's writer over segments of articles written in bulk: it lists them, and can merge them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from factories import FACTORIES
from whoosh.index import open_dir
from whoosh.query import Phrase, Prefix, Query, Term

from searchsvc.engines.generations import Generations
from searchsvc.engines.whoosh.codec import ArrayCodec, ArraySegment

if TYPE_CHECKING:
    from pathlib import Path

    from searchsvc.model import Article

ASKED: tuple[Query, ...] = (
    Term("text", "город"),
    Phrase("text_forms", ["до", "конца"]),
    Prefix("text_forms", "горо"),
    Term("topic", "спорт"),
)


@pytest.fixture
def articles(seed_articles: list[Article], tmp_path: Path) -> Path:
    """A folder with a copy of an index of the product: two segments with deletions."""
    root = tmp_path / "root"
    FACTORIES["whoosh"].built(root, seed_articles)
    engine = FACTORIES["whoosh"].updated(
        root, seed_articles[:3], [article.id for article in seed_articles[1::2]]
    )
    folder = tmp_path / "copy"
    shutil.copytree(Generations(root).folder(engine.generation), folder)
    return folder


def hits(folder: Path) -> list[list[str]]:
    """Ask what the articles have."""
    with open_dir(folder).searcher() as searcher:
        return [sorted(hit["id"] for hit in searcher.search(q, limit=None)) for q in ASKED]


def test_whoosh_publishes_segments_written_out_of_its_band(articles: Path) -> None:
    before, listed = hits(articles), {path.name for path in articles.iterdir()}
    writer = open_dir(articles).writer(codec=ArrayCodec())
    writer.commit(mergetype=lambda _, segments: segments)
    left = {path.name for path in articles.iterdir() if path.suffix not in {".toc", ".tmp"}}
    assert left - {"MAIN_WRITELOCK"} == {name for name in listed if not name.endswith(".toc")}
    assert hits(articles) == before
    assert all(before[:3])


def test_whoosh_merges_articles_written_in_bulk(articles: Path) -> None:
    before = hits(articles)
    open_dir(articles).writer(codec=ArrayCodec()).commit(optimize=True)
    index = open_dir(articles)
    with index.reader() as reader:
        assert not isinstance(reader.segment(), ArraySegment)
        assert len(set(reader.lexicon("id"))) == reader.doc_count()
    assert hits(articles) == before
