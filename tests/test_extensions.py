"""Every module in C has a way in and is built: without it a slower one would take over unseen."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import pytest

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
