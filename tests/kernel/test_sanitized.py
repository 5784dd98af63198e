"""No call of the kernel, sound or damaged, reads outside its arrays or relies on chance."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import readers_sanitized
import sanitized

if TYPE_CHECKING:
    from pathlib import Path

CHECKS = {
    "sizes of a field": (
        "_segments.c",
        "if (!fits) return differ();",
        "(void)fits;",
    ),
    "lengths that must be equal": (
        "_holding.c",
        "return object != Py_None && count == wanted ? 0 : differ();",
        "(void)wanted; return 0;",
    ),
    "alignment": (
        "_holding.c",
        "if (held->view.len % (Py_ssize_t)item || (uintptr_t)held->view.buf % item) {",
        "if (held->view.len % (Py_ssize_t)item) {",
    ),
    "places of arrays": (
        "_postings.c",
        "if (place < 0 || place > field->lows_count - count || count > SPARSE) return DAMAGED;",
        "",
    ),
    "shelves of a rack": (
        "_postings.c",
        "if (size > count - place) return DAMAGED;",
        "",
    ),
    "positions": (
        "_postings.c",
        "return end <= (uint64_t)(field->positions_size - MARGIN) * 8 ? FINE : DAMAGED;",
        "(void)end; return FINE;",
    ),
    "values": (
        "_search.h",
        "return *first < 0 || *last < *first || *last > column->count ? DAMAGED : FINE;",
        "return FINE;",
    ),
    "facets": (
        "_counting.c",
        "if (number < 0 || number >= facet->values) return DAMAGED;",
        "",
    ),
}
"""Checks of the kernel, by file, and what stands there when each is missing or lame."""


@pytest.fixture(autouse=True)
def tools() -> None:
    if not sanitized.library():
        assert not os.environ.get("CI"), "CI has gcc and libasan"
        pytest.skip("needs gcc and libasan")


@pytest.mark.prove
def test_random_and_damaged_calls_are_clean(tmp_path: Path, whole: bool) -> None:
    cases = 100_000 if whole else 2_000
    processes = os.cpu_count() or 1
    ended = sanitized.start(sanitized.build(tmp_path), cases, sanitized.SEED, processes)
    print(f"\n{ended.stdout}")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("without a finding") == processes


@pytest.mark.prove
def test_readers_of_random_and_damaged_bytes_are_clean(tmp_path: Path, whole: bool) -> None:
    cases = 100_000 if whole else 2_000
    processes = os.cpu_count() or 1
    ended = readers_sanitized.start(cases, sanitized.SEED, tmp_path, processes)
    print(f"\n{ended.stdout}")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("without a finding") == processes


@pytest.mark.prove
def test_missing_checks_are_found(tmp_path: Path, whole: bool) -> None:
    sources = sanitized.sources()
    for check, (name, there, missing) in list(CHECKS.items())[: len(CHECKS) if whole else 1]:
        assert sources[name].count(there) == 1, check
        changed = {name: sources[name].replace(there, missing)}
        ended = sanitized.start(sanitized.build(tmp_path, changed), 9_000, 2)
        assert ended.returncode == sanitized.FOUND, check
        assert "AddressSanitizer" in ended.stderr or "runtime error" in ended.stderr
