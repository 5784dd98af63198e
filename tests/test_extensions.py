"""Every module in C has a way in and is built: without it a slower one would take over unseen."""

from __future__ import annotations

import os
import re
import runpy
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from setuptools import Extension

ROOT = Path(__file__).parents[1]

MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "searchsvc").rglob("_*.c")
    if f"PyInit_{path.stem}" in path.read_text(encoding="utf-8")
)


def test_there_are_modules_in_c() -> None:
    assert "searchsvc.engines.whoosh._kernel" in MODULES


@pytest.mark.parametrize("name", MODULES)
def test_a_module_in_c_is_built_where_there_is_a_compiler(name: str) -> None:
    try:
        import_module(name)
    except ImportError:
        assert not os.environ.get("CI"), f"CI has a compiler: does setup.py know {name}?"
        pytest.skip("was not compiled: install again where there is gcc")


INCLUDED = re.compile(r'^#include "(.+)"$', re.MULTILINE)


def extensions(monkeypatch: pytest.MonkeyPatch) -> list[Extension]:
    setuptools = pytest.importorskip("setuptools")
    asked: dict[str, list[Extension]] = {}
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(setuptools, "setup", lambda **given: asked.update(given))
    runpy.run_path("setup.py")
    return asked["ext_modules"]


def test_a_source_distribution_has_all_that_a_module_in_c_is_made_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = extensions(monkeypatch)
    sources = [ROOT / source for extension in made for source in extension.sources]
    assert sorted(sources) == sorted((ROOT / "searchsvc").rglob("_*.c"))
    for extension in made:
        known = {*map(str, extension.sources), *extension.depends}
        for path in sorted(known):
            for name in INCLUDED.findall((ROOT / path).read_text(encoding="utf-8")):
                assert str(Path(path).parent / name) in known, f"{extension.name}: {name}"
