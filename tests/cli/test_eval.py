"""The command `eval`: figures as a table and as JSON, runs, comparisons, what does not go."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from judged_making import ARTICLES, write_dataset, write_lines
from running import ran_json, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "small")


class TestFigures:
    def test_json_is_an_object_a_data_set(self, folder: Path) -> None:
        figures = ran_json("eval", folder, "--json")
        assert list(figures) == [
            "dataset", "queries", "articles", "metrics", "latency_ms", "empty", "cut", "unindexed"
        ]  # fmt: skip
        assert (figures["dataset"], figures["queries"], figures["articles"]) == ("small", 2, 2)
        names = ("nDCG@10", "MRR@10", "MAP@10", "R@10", "R@100")
        assert figures["metrics"] == dict.fromkeys(names, 1)
        assert set(figures["latency_ms"]) == {"mean", "p95"}

    def test_several_data_sets_are_a_line_each(self, folder: Path, tmp_path: Path) -> None:
        other = write_dataset(tmp_path / "other")
        lines = run("eval", folder, other, "--json").stdout.splitlines()
        assert [json.loads(line)["dataset"] for line in lines] == ["small", "other"]

    def test_a_table_for_a_reader(self, folder: Path) -> None:
        head, row = run("eval", folder).stdout.splitlines()
        assert head.split()[:4] == ["data", "set", "queries", "nDCG@10"]
        assert row.split()[:4] == ["small", "2", "1.0000", "1.0000"]

    def test_what_was_cut_and_what_is_missing_is_said(self, tmp_path: Path) -> None:
        folder = write_dataset(
            tmp_path / "odd",
            queries={"q1": "маяк " * 40},
            qrels={("q1", "a"): 1, ("q1", "gone"): 1},
        )
        printed = run("eval", folder).stdout
        assert "odd: queries cut to what the service accepts: 1" in printed
        assert "odd: relevant articles that are not in the index: 1" in printed


class TestArticles:
    def test_a_corpus_from_elsewhere(self, folder: Path, tmp_path: Path) -> None:
        (folder / "corpus.jsonl").unlink()
        rows = [{"id": name, "headline": t, "body": b} for name, (t, b) in ARTICLES.items()]
        write_lines(tmp_path / "news.jsonl", rows)
        figures = ran_json("eval", folder, "--corpus", tmp_path / "news.jsonl", "--json")
        assert figures["metrics"]["nDCG@10"] == 1

    def test_without_titles(self, tmp_path: Path) -> None:
        folder = write_dataset(tmp_path / "d", queries={"q1": "маяк"}, qrels={("q1", "a"): 1})
        assert ran_json("eval", folder, "--json")["metrics"]["R@10"] == 1
        without = ran_json("eval", folder, "--without-titles", "--json")
        assert (without["metrics"]["R@10"], without["empty"]) == (0, 1)

    def test_a_kept_index_is_asked_again(self, folder: Path, tmp_path: Path) -> None:
        kept = tmp_path / "kept"
        first = ran_json("eval", folder, "--index", kept, "--json")
        (folder / "corpus.jsonl").unlink()
        again = ran_json("eval", folder, "--index", kept, "--json")
        assert first["metrics"] == again["metrics"]

    def test_the_index_that_is_served_is_left_alone(self, folder: Path, root: Path) -> None:
        result = run("eval", folder, "--json", SEARCHSVC_INDEX=str(root))
        assert json.loads(result.stdout)["articles"] == 2


class TestRuns:
    def test_a_run_compared_with_itself(self, folder: Path, tmp_path: Path) -> None:
        path = tmp_path / "now.run"
        run("eval", folder, "--run", path)
        figures = ran_json("eval", folder, "--compare", path, "--json")
        assert figures["compared_with"] == "now"
        nothing = {"difference": 0, "interval": [0, 0], "wins": 0, "losses": 0}
        assert figures["comparison"]["nDCG@10"] == nothing

    def test_a_worse_run_loses(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "bad.run").write_text("q1 Q0 b 1 1 bad\n", encoding="utf-8")
        printed = run("eval", folder, "--compare", tmp_path / "bad.run").stdout
        assert "nDCG@10 against bad +1.0000 [+1.0000, +1.0000], 2 wins, 0 losses" in printed


class TestWhatDoesNotGo:
    @pytest.mark.parametrize("option", ["--corpus", "--index", "--run", "--compare"])
    def test_what_belongs_to_one_data_set(self, folder: Path, option: str) -> None:
        result = run("eval", folder, folder, option, folder / "x")
        assert result.exit_code == 2
        assert f"{option} goes with one DATASET" in result.stderr

    def test_no_data_set(self) -> None:
        assert run("eval").exit_code == 2

    def test_a_folder_of_something_else(self, tmp_path: Path) -> None:
        result = run("eval", tmp_path)
        assert result.exit_code == 2
        assert "has no qrels.tsv" in result.stderr

    def test_without_the_library(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "ir_measures", None)
        result = run("eval", folder)
        assert result.exit_code == 2
        assert "pip install 'searchsvc[eval]'" in result.stderr
