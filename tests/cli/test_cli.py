"""The command line: what it says of itself, where settings come from, what is wrong use."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from pathlib import Path

import pytest
from running import SEARCHSVC, every_command, options, run

from searchsvc.cli import progress
from searchsvc.cli.main import main
from searchsvc.config import Settings

OF_ONE_CALL = {"limit", "corpus", "run", "compare"}
"""Options that say what one call is about."""

README = Path(__file__).parents[2] / "README.md"


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
        for name in ("index", "search", "serve", "analyze", "info", "check", "eval"):
            assert re.search(rf"^  {name} ", listed, re.M), name


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
                if not option.is_flag and option.name not in OF_ONE_CALL:
                    assert option.name in known, f"{command.name} --{option.name}"

    def test_limits_come_from_variables(self, root: Path) -> None:
        result = run("search", "мэр города", "--index", root, SEARCHSVC_QUERY_LENGTH="5")
        assert result.exit_code == 2
        assert "5" in result.stderr


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
            ("SEARCHSVC_FRESHNESS", "-0.1"),
            ("SEARCHSVC_FRESHNESS", "101"),
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


class TestProgress:
    def test_plain_lines_where_there_is_no_terminal(
        self, seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(progress, "EVERY", 0.0)
        command = ("index", seeds, "--index", tmp_path / "i", "--procs", 1, "--json")
        result = run(*command)
        assert re.fullmatch(r"(\d+ articles?, \d+ % of the files\n)+", result.stderr)
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
