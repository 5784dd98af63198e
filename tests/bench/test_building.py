"""The benchmarks keep an index as long as nothing that writes it was changed."""

from __future__ import annotations

from pathlib import Path

import searchsvc.engines.whoosh
from bench.building import ANSWERING


def test_every_module_that_only_reads_is_there() -> None:
    room = Path(searchsvc.engines.whoosh.__file__).parent
    assert {name for name in ANSWERING if not (room / f"{name}.py").exists()} == set()
