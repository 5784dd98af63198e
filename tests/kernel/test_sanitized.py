"""No call of the kernel, sound or damaged, reads outside its arrays or relies on chance."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import sanitized

if TYPE_CHECKING:
    from pathlib import Path

CHECKS = {
    "documents of a union": (
        "if (doc < base || doc >= search->size) return DAMAGED;",
        "if (doc < 0) return DAMAGED;",
    ),
    "documents of an intersection": (
        "if (doc >= search->size || doc <= previous) return DAMAGED;",
        "if (doc == previous) return DAMAGED;",
    ),
    "documents of a phrase": (
        "if (doc >= spans->size || doc <= previous) return DAMAGED;",
        "if (doc == previous) return DAMAGED;",
    ),
    "lengths that must be equal": (
        "if (*data ? count == wanted : optional || wanted == 0) return 0;",
        "if (*data || optional || wanted == 0) return 0;",
    ),
    "alignment": (
        "if (view->len % (Py_ssize_t)item || (uintptr_t)view->buf % item) {",
        "if (view->len % (Py_ssize_t)item) {",
    ),
    "samples": (
        "if (start < 0 || start > stream->positions_count) return DAMAGED;",
        "",
    ),
    "positions": ("if (start > stream->positions_count - count) return DAMAGED;", ""),
    "strings": (
        "if (start < 0 || stop < start || stop > size) {",
        "if (stop < start) {",
    ),
}
"""Checks of the kernel, and what stands there when each is missing or lame."""


@pytest.fixture(autouse=True)
def tools() -> None:
    if not sanitized.library():
        assert not os.environ.get("CI"), "CI has gcc and libasan"
        pytest.skip("needs gcc and libasan")


@pytest.mark.prove
def test_random_and_damaged_calls_are_clean(tmp_path: Path, whole: bool) -> None:
    cases = 100_000 if whole else 2_000
    ended = sanitized.start(sanitized.build(tmp_path), cases, sanitized.SEED)
    print(f"\n{ended.stdout}")
    assert ended.returncode == 0, ended.stderr
    assert "without a finding" in ended.stdout


@pytest.mark.prove
def test_missing_checks_are_found(tmp_path: Path, whole: bool) -> None:
    source = sanitized.SOURCE.read_text()
    for check, (there, missing) in list(CHECKS.items())[: len(CHECKS) if whole else 1]:
        assert source.count(there) == 1, check
        ended = sanitized.start(sanitized.build(tmp_path, source.replace(there, missing)), 9_000, 2)
        assert ended.returncode == sanitized.FOUND, check
        assert "AddressSanitizer" in ended.stderr or "runtime error" in ended.stderr
