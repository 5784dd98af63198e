"""`searchsvc search --explain`: a table under each hit, or the API's object."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from running import ran_json, run

from searchsvc.cli.explaining import explanation_lines
from searchsvc.config import Settings
from searchsvc.engines.explanation import Explanation, Gain, SignalKind
from searchsvc.schema import Field
from searchsvc.web.app import create_app

if TYPE_CHECKING:
    from pathlib import Path


def test_each_hit_has_a_table(root: Path) -> None:
    text = run("search", "сообщение", "--index", root, "--limit", 2, "--explain").stdout
    assert len(re.findall(r"^   score \d+\.\d{4} of both passes; \d+ tokens", text, re.M)) == 2
    rows = re.findall(r"^   сообщение  words +(\d+\.\d{4})  1 × idf [\d.]+, text 1: ", text, re.M)
    assert len(rows) == 2


def test_the_rows_add_up(root: Path) -> None:
    text = run("search", "сообщение номер", "--index", root, "--limit", 1, "--explain").stdout
    score = float(re.search(r"score (\d+\.\d+)", text)[1])
    rows = re.findall(r"^   .*? (?:words|forms|related|lead|closeness) +(\d+\.\d{4})", text, re.M)
    assert len(rows) > 4
    assert sum(map(float, rows)) == pytest.approx(score, abs=1e-3)


def test_without_it_there_is_no_table(root: Path) -> None:
    assert "idf" not in run("search", "сообщение", "--index", root).stdout


def test_json_is_what_the_api_answers(root: Path) -> None:
    printed = ran_json("search", "сообщение", "--index", root, "--json", "--explain")
    client = create_app(Settings(index=root)).test_client()
    with client.get("/api/v1/search", query_string={"q": "сообщение", "explain": 1}) as got:
        assert got.get_json()["hits"] == printed["hits"]
    assert all(hit["explain"]["gains"] for hit in printed["hits"])


def test_a_table_is_as_wide_as_a_terminal() -> None:
    terms = tuple(f"слово{number}" for number in range(9))
    gains = (
        Gain("очень " * 40, SignalKind.TOGETHER, 0.0),
        Gain("слово*\n", SignalKind.WORDS, 2.5, 1.0, 2.0, ((Field.TEXT, 9),), terms),
        Gain("слово*\n", SignalKind.LEAD, 0.25, 0.4, 2.0, ((Field.TITLE, 0), (Field.TEXT, 1))),
        Gain("-мост", SignalKind.FILTER, 0.0),
    )
    head, *rows = explanation_lines(Explanation(gains, 30, 41.4), 2.75)
    assert head == "score 2.7500 of the first pass; 30 tokens (on average 41)"
    assert [len(row.split("  ")[0]) for row in rows] == [32, 6, 0, 5]
    assert rows[0].endswith("before all that has only some of the words")
    assert rows[1].endswith(
        "1 × idf 2.00, text 9: слово0, слово1, слово2, слово3, слово4, слово5 …"
    )
    assert rows[2].split() == ["lead", "0.2500", "0.4", "×", "idf", "2.00,", "text", "1"]
    assert rows[3].split() == ["-мост", "filter", "0.0000"]
