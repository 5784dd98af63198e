"""Articles whose title and text are bytes: made ready and stored as the same ones with texts."""

from __future__ import annotations

from datetime import datetime

import pytest

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.whoosh.digest import Number, Preparer
from searchsvc.engines.whoosh.packing_articles import pack_article
from searchsvc.engines.whoosh.packing_narrow import pack_narrow
from searchsvc.engines.whoosh.stored import unpack_article
from searchsvc.model import ArticleDate, NarrowArticle

SNOW = NarrowArticle(
    id="снег-1",
    title='Снег "\\" и лёд'.encode("cp1251"),
    text="Снег выпал в Санкт-Петербурге.\n«Лёд», — 5,5 см…".encode("cp1251"),
    url="https://news.example/1",
    date=ArticleDate.of(datetime(2022, 1, 1, 9, 50)),
    source="Пример",
    topics=("Погода", "Город", "Погода"),
    authors=('А. "Снегов"',),
    tags=("зима",),
    language="ru",
    origin="a.jsonl",
)
OTHERS = [
    SNOW._replace(url="", date=None, source="", topics=(), authors=(), tags=(), origin=""),
    SNOW._replace(language="uk"),
    SNOW._replace(source="日本"),
    SNOW._replace(title=b"1234567", text=b"... !"),
]


@pytest.mark.parametrize("article", [SNOW, *OTHERS])
def test_an_article_of_bytes_is_stored_as_one_of_texts(article: NarrowArticle) -> None:
    packed = pack_narrow(article)
    assert packed == pack_article(article.widened())
    assert unpack_article(packed, "снег-1") == article.widened()


def test_an_article_of_bytes_is_made_ready_as_one_of_texts() -> None:
    articles = [SNOW, *OTHERS]
    ready = Preparer(Analyzer()).together(articles)
    other = Preparer(Analyzer()).together([article.widened() for article in articles])
    assert list(ready) == list(other)
    assert ready[0].numbers[Number.COMPOUNDS] == 1
