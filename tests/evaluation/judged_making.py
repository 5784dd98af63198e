"""Small data sets of the BEIR layout, written for a test."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ARTICLES = {
    "a": ("Маяк погас", "На мысе перегорела лампа, смотритель зажёг керосиновый фонарь."),
    "b": ("Ярмарка", "Гончары привезли кувшины, а пасечники мёд."),
}
QUERIES = {"q1": "смотрители маяка", "q2": "кувшины гончаров", "q3": "никем не оценённый вопрос"}
QRELS = {("q1", "a"): 1, ("q2", "b"): 2, ("q3", "b"): 0}


def write_dataset(
    folder: Path,
    *,
    articles: Mapping[str, tuple[str, str]] = ARTICLES,
    queries: Mapping[str, str] = QUERIES,
    qrels: Mapping[tuple[str, str], int] = QRELS,
) -> Path:
    """Write corpus, queries and judgments into a folder."""
    folder.mkdir()
    rows = [{"_id": name, "title": t, "text": text} for name, (t, text) in articles.items()]
    write_lines(folder / "corpus.jsonl", rows)
    write_lines(folder / "queries.jsonl", [{"_id": n, "text": t} for n, t in queries.items()])
    judged = [f"{query}\t{article}\t{grade}\n" for (query, article), grade in qrels.items()]
    header = "query-id\tcorpus-id\tscore\n"
    (folder / "qrels.tsv").write_text(header + "".join(judged), encoding="utf-8")
    return folder


def write_lines(path: Path, rows: list[dict[str, str]]) -> None:
    """Write rows as JSON lines."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
