"""Every row of real corpora of news comes out as an article."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from searchsvc.model import Place, Precision
from searchsvc.parsing.records import parse_record

pytestmark = pytest.mark.prove
DAY_OR_BETTER = {Precision.DAY, Precision.MINUTE}


@pytest.mark.parametrize(
    ("corpus", "rows", "undated", "made", "precisions"),
    [
        ("fontanka", 46_695, 0, 0, {Precision.MINUTE}),
        ("lenta", 9_876, 125, 0, DAY_OR_BETTER),
        ("ria", 4_362, 20, 58, DAY_OR_BETTER),
        ("rucoco", 3_075, 0, 0, {Precision.YEAR}),
        ("channel1_headlines", 141_180, 0, 0, {Precision.DAY}),
    ],
)
def test_every_row_is_an_article(
    corpus: str, rows: int, undated: int, made: int, precisions: set[Precision]
) -> None:
    path = Path(os.environ.get("SEARCHSVC_DATA", "")) / "news" / f"{corpus}.jsonl.gz"
    if not path.is_file():
        pytest.skip(f"SEARCHSVC_DATA must name the folder that holds news/{path.name}")
    articles = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            articles += parse_record(json.loads(line), Place(path.name, (), number)).articles
    assert len(articles) == rows
    assert sum(article.date is None for article in articles) == undated
    assert sum(article.title_made for article in articles) == made
    assert {article.date.precision for article in articles if article.date} == precisions
    assert all(article.source for article in articles)
