"""Freshness is a newsroom's wish, not part of what is judged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from judged_making import write_dataset, write_lines

from searchsvc.config import Settings
from searchsvc.evaluation.corpora import indexed
from searchsvc.evaluation.dataset import read_dataset
from searchsvc.evaluation.evaluating import evaluate
from searchsvc.evaluation.measuring import Judge
from searchsvc.searching.answer import Question
from searchsvc.searching.service import Service
from searchsvc.sources.limits import SourceLimits

if TYPE_CHECKING:
    from pathlib import Path

FRESH = Settings(procs=1, freshness=50.0)


def test_an_evaluation_asks_without_it(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "dated", queries={"q1": "маяк"}, qrels={("q1", "old"): 1})
    rows = [
        {"id": "old", "title": "Маяк", "text": "Маяк погас.", "date": "2020-01-01"},
        {"id": "new", "title": "Пристань", "text": "За ней погас маяк.", "date": "2025-01-01"},
    ]
    write_lines(folder / "corpus.jsonl", rows)
    dataset = read_dataset(folder, SourceLimits.of(FRESH))
    with indexed(dataset.corpus, FRESH) as index:
        service = Service(replace(FRESH, index=index))
        served = [hit.article.id for hit in service.search(Question(text="маяк")).hits]
        service.close()
        evaluation = evaluate(dataset, Judge(dataset), index, FRESH)
    assert served == ["new", "old"]
    assert evaluation.run.rankings[0].article_ids == ("old", "new")
