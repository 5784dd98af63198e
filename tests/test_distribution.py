"""A source distribution has all that README's commands need: `make serve`, `make test`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ALONE = ("ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", "Makefile", "MANIFEST.in", "README.md")
TO_BUILD = ("pyproject.toml", "setup.cfg", "setup.py")
FOLDERS = ("bench", "searchsvc", "seeds", "tests")
BUILT = shutil.ignore_patterns("__pycache__", "*.so", "*.pyc", ".*")


def test_make_hands_a_query_over_as_it_is(tmp_path: Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("there is no make")
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in TO_BUILD:
        (tmp_path / name).touch()
    command = tmp_path / "own/bin/searchsvc"
    command.parent.mkdir(parents=True)
    command.write_text('#!/bin/sh\nfor last; do :; done; printf %s "$last"\n')
    command.chmod(0o755)
    (tmp_path / "own/installed").touch()
    query = """it's "Парк" `а` \\б; !край"""
    ran = ["make", "-s", "search", "VENV=own", f"QUERY={query}"]
    result = subprocess.run(ran, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    assert result.stdout.decode() == query


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what is tracked, so that nothing is written beside it."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in (*ALONE, *TO_BUILD):
        shutil.copy(ROOT / name, copy)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=BUILT)
    (copy / "index").mkdir()
    shutil.copy(ROOT / "index/.gitignore", copy / "index")
    return copy


def test_a_source_distribution_has_every_file_of_a_checkout(checkout: Path) -> None:
    pytest.importorskip("setuptools")
    tracked = {str(path.relative_to(checkout)) for path in checkout.rglob("*") if path.is_file()}
    (checkout / "tests/__pycache__").mkdir()
    for name in ("tests/__pycache__/a.pyc", "seeds/b.pyc", "searchsvc/web/_hits.abi3.so"):
        (checkout / name).touch()
    command = [sys.executable, "setup.py", "-q", "sdist"]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True, timeout=120)
    (archive,) = (checkout / "dist").iterdir()
    with tarfile.open(archive) as members:
        names = [member.name.partition("/")[2] for member in members if member.isfile()]
    made = {name for name in names if ".egg-info" in name} | {"PKG-INFO", "setup.cfg"}
    assert set(names) - made == tracked - made
