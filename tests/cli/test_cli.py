"""The command line: what each command prints, and how it ends when something is wrong."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner
from invented import indexed, record, records, write

from searchsvc.cli import progress
from searchsvc.cli.main import main
from searchsvc.config import Settings
from searchsvc.web.app import create_app

if TYPE_CHECKING:
    from click.testing import Result

README = Path(__file__).parents[2] / "README.md"
SEARCHSVC = (sys.executable, "-c", "from searchsvc.cli import main; main()")


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "seeds"
    write(folder / "a.jsonl", records(12))
    return folder


@pytest.fixture(scope="module")
def root(seeds: Path) -> Path:
    root = seeds.parent / "index"
    indexed(root, seeds)
    return root


def run(*arguments: object, **environment: str) -> Result:
    result = CliRunner().invoke(main, [str(one) for one in arguments], env=environment)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def ran_json(*arguments: object) -> Any:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def every_command() -> list[click.Command]:
    return [main, *main.commands.values()]


def options(command: click.Command) -> list[click.Option]:
    return [one for one in command.params if isinstance(one, click.Option)]


class TestDocumentation:
    def test_every_command_says_what_it_does(self) -> None:
        for command in every_command():
            assert command.help, command.name

    def test_every_option_says_what_it_does(self) -> None:
        for command in every_command():
            for option in options(command):
                assert option.help, f"{command.name} {option.name}"

    def test_the_readme_names_every_command_with_its_options(self) -> None:
        text = README.read_text("utf-8")
        for name, command in main.commands.items():
            row = re.search(rf"^\| `searchsvc {name}\b(.*?)` \|", text, re.M)
            assert row, name
            for option in options(command):
                assert option.opts[0] in row[1], f"{name} {option.opts[0]}"

    def test_the_readme_names_every_setting(self) -> None:
        text = README.read_text("utf-8")
        for name in Settings.__dataclass_fields__:
            assert f"`SEARCHSVC_{name.upper()}`" in text

    def test_the_readme_shows_the_default_of_every_setting(self) -> None:
        text = README.read_text("utf-8")
        for name, field in Settings.__dataclass_fields__.items():
            assert f"| `SEARCHSVC_{name.upper()}` | `{field.default}` |" in text

    def test_help_lists_the_commands(self) -> None:
        listed = run("--help").stdout
        for name in ("index", "search", "serve", "analyze", "info", "check"):
            assert re.search(rf"^  {name} ", listed, re.M), name


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

    def test_the_report_as_text(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.jsonl", [record(1)])
        with path.open("ab") as file:
            file.write(b"{broken\n" * 30)
        text = run("index", path, "--index", tmp_path / "i", "--procs", 1).stdout
        assert "generation 1: 1 articles (0 before)" in text
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

    @pytest.mark.parametrize(
        ("arguments", "names"),
        [
            (("х" * 501,), "500"),
            (("сообщение", "--limit", 101), "100"),
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
            "generation", "articles", "undated", "segments", "bytes", "created", "engine",
            "schema", "analysis", "former",
        ]  # fmt: skip
        assert (facts["generation"], facts["articles"], facts["former"]) == (1, 12, None)
        folder = root / "generations" / "1"
        files = [path for path in folder.iterdir() if path.name != "manifest.json"]
        assert facts["bytes"] == sum(path.stat().st_size for path in files)

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


class TestWhatIsWrong:
    @pytest.mark.parametrize("command", [("search", "мэр"), ("info",), ("check",)])
    def test_a_missing_index_is_told_with_what_makes_one(
        self, command: tuple[str, ...], tmp_path: Path
    ) -> None:
        result = run(*command, "--index", tmp_path / "none")
        assert result.exit_code == 1
        assert "make index" in result.stderr
        assert len(result.stderr.splitlines()) == 1
        assert not (tmp_path / "none").exists()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SEARCHSVC_PORT", "много"),
            ("SEARCHSVC_PORT", "65536"),
            ("SEARCHSVC_PROCS", "-1"),
            ("SEARCHSVC_WORKERS", "0"),
            ("SEARCHSVC_QUERY_SECONDS", "nan"),
            ("SEARCHSVC_QUERY_SECONDS", "inf"),
            ("SEARCHSVC_PAGE_SIZE", "1.5"),
            ("SEARCHSVC_FILE_BYTES", ""),
        ],
    )
    def test_a_wrong_setting_is_named(self, name: str, value: str, root: Path) -> None:
        result = run("search", "мэр", "--index", root, **{name: value})
        assert result.exit_code == 2
        assert name in result.stderr

    @pytest.mark.parametrize(
        "command", [("index", "--fast"), ("find",), ("search",), ("analyze", "a", "b"), ("-x",)]
    )
    def test_wrong_use(self, command: tuple[str, ...]) -> None:
        result = run(*command)
        assert result.exit_code == 2
        assert "Usage: " in result.stderr

    def test_no_traceback_reaches_the_terminal(self, tmp_path: Path) -> None:
        wrong: list[tuple[list[object], dict[str, str]]] = [
            (["search", "мэр", "--index", tmp_path / "none"], {}),
            (["index", tmp_path / "none", "--index", tmp_path / "i"], {}),
            (["info"], {"SEARCHSVC_PORT": "x"}),
        ]
        for arguments, environment in wrong:
            command = [*SEARCHSVC, *map(str, arguments)]
            ended = subprocess.run(
                command,
                env=os.environ | environment,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert ended.returncode in (1, 2)
            assert "Traceback" not in ended.stderr
            assert ended.stderr.startswith("searchsvc: ")


class TestSettings:
    def test_a_variable_sets_what_a_flag_sets(self, root: Path) -> None:
        assert "articles" in run("info", SEARCHSVC_INDEX=str(root)).stdout

    def test_a_flag_wins(self, root: Path, tmp_path: Path) -> None:
        result = run("info", "--index", root, SEARCHSVC_INDEX=str(tmp_path / "none"))
        assert result.exit_code == 0

    def test_every_flag_with_a_value_has_its_variable(self) -> None:
        known = set(Settings.__dataclass_fields__)
        for command in every_command():
            for option in options(command):
                if not option.is_flag and option.name != "limit":
                    assert option.name in known, f"{command.name} --{option.name}"

    def test_limits_come_from_variables(self, root: Path) -> None:
        result = run("search", "мэр города", "--index", root, SEARCHSVC_QUERY_LENGTH="5")
        assert result.exit_code == 2
        assert "5" in result.stderr


class TestProgress:
    def test_plain_lines_where_there_is_no_terminal(
        self, seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(progress, "EVERY", 0.0)
        command = ("index", seeds, "--index", tmp_path / "i", "--procs", 1, "--json")
        result = run(*command)
        assert re.fullmatch(r"(\d+ articles, \d+ % of the files\n)+", result.stderr)
        assert result.stderr.endswith("12 articles, 100 % of the files\n")
        assert json.loads(result.stdout)["kept"] == 12

    def test_no_line_for_short_work(self, seeds: Path, tmp_path: Path) -> None:
        assert run("index", seeds, "--index", tmp_path / "i", "--procs", 1).stderr == ""

    def test_a_bar_on_a_terminal(self, seeds: Path, tmp_path: Path) -> None:
        ours, theirs = pty.openpty()
        command = [*SEARCHSVC, "index", seeds, "--index", tmp_path / "i", "--procs", "1", "--json"]
        with subprocess.Popen(
            command, stderr=theirs, stdout=subprocess.PIPE, env=os.environ | {"TERM": "xterm"}
        ) as child:
            os.close(theirs)
            shown = shown_on(ours)
            output = child.communicate(timeout=60)[0]
        assert child.returncode == 0
        assert "Indexing" in shown
        assert "100%" in shown
        assert json.loads(output)["kept"] == 12


def shown_on(terminal: int) -> str:
    """Read a terminal until its other side is closed."""
    parts: list[bytes] = []
    try:
        while part := os.read(terminal, 4096):
            parts.append(part)
    except OSError:  # Linux says EIO at the end
        pass
    finally:
        os.close(terminal)
    return b"".join(parts).decode()
