"""What each command prints, for a reader and as JSON."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from invented import indexed, record, records, write
from running import ran_json, run

from searchsvc.config import Settings
from searchsvc.web.app import create_app

if TYPE_CHECKING:
    from pathlib import Path


class TestIndex:
    def test_the_report_as_json(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.jsonl", [record(1), record(1), record(2, id="n1")])
        with path.open("ab") as file:
            file.write(b"{broken\n")
        report = ran_json("index", path, "--index", tmp_path / "i", "--procs", 1, "--json")
        counts = {name: report[name] for name in ("read", "kept", "skipped", "failed", "replaced")}
        assert counts == {"read": 3, "kept": 2, "skipped": 0, "failed": 1, "replaced": 1}
        (failure,) = report["failures"]
        assert failure["place"] == f"{path}:4"
        assert failure["reason"]
        assert report["renamed"][0][0] == "n1"
        assert report["languages"] == [["ru", 3]]

    def test_an_update_of_nothing_new_says_so(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.jsonl", [record(1)])
        command = ("index", path, "--index", tmp_path / "i", "--procs", 1)
        run(*command)
        text = run(*command, "--update").stdout
        assert "nothing changed, generation 1 stays: 1 article (1 before)" in text

    def test_the_report_as_text(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.jsonl", [record(1)])
        with path.open("ab") as file:
            file.write(b"{broken\n" * 30)
        text = run("index", path, "--index", tmp_path / "i", "--procs", 1).stdout
        assert "generation 1: 1 article (0 before)" in text
        assert "read 1, kept 1, skipped 0, failed 30" in text
        assert f"failed {path}:2: " in text
        assert "… and 10 more" in text

    def test_failed_inputs_matter_only_under_strict(self, tmp_path: Path) -> None:
        write(tmp_path / "a.jsonl", [record(1), {"no": "article"}])
        command = ("index", tmp_path / "a.jsonl", "--index", tmp_path / "i", "--procs", 1)
        assert run(*command).exit_code == 0
        assert run(*command, "--strict").exit_code == 1

    def test_strict_is_content_when_nothing_failed(self, seeds: Path, tmp_path: Path) -> None:
        command = ("index", seeds, "--index", tmp_path / "i", "--procs", 1, "--strict")
        assert run(*command).exit_code == 0

    def test_an_update_reads_what_is_new(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "s" / "a.jsonl", records(3)).parent
        command = ("index", folder, "--index", tmp_path / "i", "--procs", 1, "--json")
        ran_json(*command)
        write(folder / "b.jsonl", [record(9)])
        report = ran_json(*command, "--update")
        assert (report["read"], report["unchanged"], report["kept"]) == (1, 1, 4)

    def test_a_shrunken_build_is_refused_with_both_counts(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.jsonl", records(10))
        command = ("index", path, "--index", tmp_path / "i", "--procs", 1)
        run(*command)
        write(path, records(2))
        refused = run(*command)
        assert refused.exit_code == 1
        assert re.search(r"2 articles .* 10.*--allow-shrink", refused.stderr)
        write(path, records(1))
        assert "only 1 article where the current index has 10" in run(*command).stderr
        assert run(*command, "--allow-shrink").exit_code == 0

    def test_an_absent_path_is_named(self, tmp_path: Path) -> None:
        result = run("index", tmp_path / "nowhere", "--index", tmp_path / "i")
        assert result.exit_code == 1
        assert "no article" in result.stderr
        assert str(tmp_path / "nowhere") in result.stderr

    def test_an_absent_path_among_others_is_a_failure(self, seeds: Path, tmp_path: Path) -> None:
        command = ("index", seeds, tmp_path / "nowhere", "--index", tmp_path / "i", "--procs", 1)
        assert ran_json(*command, "--json")["failed"] == 1
        assert run(*command, "--strict").exit_code == 1

    def test_seeds_are_read_when_no_path_is_given(
        self, seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(seeds.parent)
        command = ("index", "--index", tmp_path / "i", "--procs", 1, "--json")
        assert ran_json(*command)["kept"] == 12

    def test_a_file_in_place_of_the_index_is_told(self, seeds: Path, tmp_path: Path) -> None:
        (tmp_path / "i").write_text("")
        result = run("index", seeds, "--index", tmp_path / "i")
        assert result.exit_code == 1
        assert str(tmp_path / "i") in result.stderr


class TestSearch:
    def test_json_is_what_the_api_answers(self, root: Path) -> None:
        printed = ran_json("search", "сообщение", "--index", root, "--json", "--limit", 3)
        client = create_app(Settings(index=root)).test_client()
        with client.get("/api/v1/search", query_string={"q": "сообщение", "size": 3}) as got:
            answered = got.get_json()
        for answer in (printed, answered):
            assert answer.pop("took_ms") >= 0
        assert printed == answered
        assert len(printed["hits"]) == 3

    def test_its_shape(self, root: Path) -> None:
        answer = ran_json("search", "сообщение номер", "--index", root, "--json")
        assert list(answer) == ["query", "total", "took_ms", "generation", "hits", "facets", "next"]
        assert answer["total"] == {"value": 12, "relation": "eq"}
        assert set(answer["query"]) == {
            "text", "interpreted", "lemmas", "corrected", "widened", "all_words", "warnings"
        }  # fmt: skip
        hit = answer["hits"][0]
        assert set(hit) == {
            "id", "url", "title", "date", "source", "topics", "authors", "part_of", "score",
            "title_html", "snippets", "duplicates",
        }  # fmt: skip
        for snippet in hit["snippets"]:
            assert set(snippet) == {"text", "marks", "html"}

    def test_text_for_a_reader(self, root: Path) -> None:
        text = run("search", "сообщение", "--index", root, "--limit", 2).stdout
        assert text.startswith("12 found in ")
        assert re.findall(r"^(\d)\. Выпуск", text, re.M) == ["1", "2"]

    def test_widening_is_said(self, root: Path) -> None:
        text = run("search", "сообщение звездочёт", "--index", root).stdout
        assert "0 have all the words" in text

    def test_one_article_has_all_the_words(self, root: Path) -> None:
        text = run("search", "сообщение 7", "--index", root).stdout
        assert "1 has all the words" in text

    @pytest.mark.parametrize(
        ("arguments", "names"),
        [
            (("х" * 501,), "500"),
            (("сообщение", "--limit", 101), "--limit must be 1 to 100"),
            (("сообщение", "--limit", 0), "--limit"),
        ],
    )
    def test_what_passes_a_limit_is_wrong_use(
        self, root: Path, arguments: tuple[object, ...], names: str
    ) -> None:
        result = run("search", *arguments, "--index", root)
        assert result.exit_code == 2
        assert names in result.stderr


class TestAnalyze:
    def test_json_cuts_each_token_out_of_the_text(self) -> None:
        text = "Мэр Зрюмова, COVID-19"
        tokens = ran_json("analyze", text, "--json")
        for token in tokens:
            assert set(token) == {"text", "start", "end", "terms"}
            assert text[token["start"] : token["end"]] == token["text"]
            assert all(set(term) == {"lemma", "kind"} for term in token["terms"])
        assert "зрюмов" in {term["lemma"] for token in tokens for term in token["terms"]}

    def test_text_for_a_reader(self) -> None:
        assert re.search(r"^0–3 Мэра? +мэр ", run("analyze", "Мэр города").stdout)

    def test_nothing_to_analyze(self) -> None:
        assert ran_json("analyze", "", "--json") == []


class TestInfoAndCheck:
    def test_info_as_json(self, root: Path) -> None:
        facts = ran_json("info", "--index", root, "--json")
        assert list(facts) == [
            "generation", "articles", "undated", "segments", "bytes", "created", "engine", "kernel",
            "schema", "analysis", "former",
        ]  # fmt: skip
        assert (facts["generation"], facts["articles"], facts["former"]) == (1, 12, None)
        folder = root / "generations" / "1"
        files = [path for path in folder.iterdir() if path.name != "manifest.json"]
        assert facts["bytes"] == sum(path.stat().st_size for path in files)

    def test_a_former_generation_is_named_while_it_is_there(
        self, tmp_path: Path, root: Path
    ) -> None:
        index = tmp_path / "index"
        shutil.copytree(root, index)
        manifest = index / "generations" / "1" / "manifest.json"
        manifest.write_text(manifest.read_text().replace('"former": null', '"former": 7'))
        assert ran_json("info", "--index", index, "--json")["former"] is None
        assert re.search(r"^former +none$", run("info", "--index", index).stdout, re.M)
        (index / "generations" / "7").mkdir()
        assert ran_json("info", "--index", index, "--json")["former"] == 7

    def test_info_for_a_reader(self, root: Path) -> None:
        assert re.search(r"^articles +12$", run("info", "--index", root).stdout, re.M)

    def test_check_says_that_all_is_whole(self, root: Path) -> None:
        result = run("check", "--index", root)
        assert (result.exit_code, result.stdout) == (0, "generation 1 is whole\n")

    def test_check_finds_an_altered_file(self, seeds: Path, tmp_path: Path) -> None:
        indexed(tmp_path, seeds)
        (segment,) = (tmp_path / "generations" / "1").glob("*.arrays")
        data = bytearray(segment.read_bytes())
        data[len(data) // 2] ^= 1
        segment.write_bytes(data)
        result = run("check", "--index", tmp_path)
        assert result.exit_code == 1
        assert "make index" in result.stderr
