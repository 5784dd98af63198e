"""What a reader finds in the articles of ``seeds/``, one fact a line in ``cases.jsonl``.

A case names a query and what follows from reading the articles: ``finds`` and ``not`` (an id or a
part of a title), ``first``, ``total``, ``all_words``, ``widened``, ``marked`` (texts of marks in
titles and snippets), ``dates`` of articles, ``corrected`` (what the query was read as, or is
offered), ``used`` (whether the answer is to that); ``why`` says what the fact is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from searchsvc.searching.answer import Answer, Question

if TYPE_CHECKING:
    from searchsvc.model import Article
    from searchsvc.searching.service import Service

CASES: list[dict[str, Any]] = [
    json.loads(line)
    for line in Path(__file__).with_name("cases.jsonl").read_text(encoding="utf-8").splitlines()
]
KEYS = {
    "query", "finds", "not", "first", "total", "all_words", "widened", "marked", "dates", "why",
    "corrected", "used",
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"line {n}" for n in range(1, len(CASES) + 1)])
def test_search(case: dict[str, Any], seed_service: Service) -> None:
    answer = seed_service.search(Question(text=case["query"], size=100))
    found = [hit.article for hit in answer.hits]
    titles = f"{case['query']} finds {[article.title for article in found]}"

    missing = [name for name in case["finds"] if not any(_is(name, a) for a in found)]
    assert not missing, f"no {missing}: {titles}"
    unwanted = [name for name in case.get("not", ()) if any(_is(name, a) for a in found)]
    assert not unwanted, f"{unwanted}: {titles}"
    if "first" in case:
        assert _is(case["first"], found[0]), titles
    if "total" in case:
        assert answer.total == case["total"], titles
    assert _said(answer, case) == {
        key: case[key] for key in ("all_words", "widened", "corrected", "used") if key in case
    }
    assert set(case.get("marked", ())) <= _marked(answer)
    for name, date in case.get("dates", {}).items():
        assert [a.date.isoformat() for a in found if a.date and _is(name, a)] == [date]


def test_every_case_says_something_known() -> None:
    assert len(CASES) >= 120
    for case in CASES:
        assert set(case) <= KEYS, case
        assert case["why"]
        assert case["finds"] or case.get("total") == 0, case


def test_no_query_stands_twice() -> None:
    queries = [case["query"] for case in CASES]
    assert len(queries) == len(set(queries))


def _is(name: str, article: Article) -> bool:
    return name == article.id or name in article.title


def _said(answer: Answer, case: dict[str, Any]) -> dict[str, Any]:
    corrected = answer.query.corrected
    said = {
        "all_words": answer.query.all_words,
        "widened": answer.query.widened,
        "corrected": corrected and corrected.text,
        "used": corrected and corrected.used,
    }
    return {key: value for key, value in said.items() if key in case}


def _marked(answer: Answer) -> set[str]:
    return {
        snippet.text[start:end]
        for hit in answer.hits
        for snippet in (hit.title, *hit.snippets)
        for start, end in snippet.marks
    }
