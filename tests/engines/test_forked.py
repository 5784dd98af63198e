"""What is shared among processes is done whole, and a failure of one is a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from forked import share

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def test_every_item_is_worked_on_once(tmp_path: Path) -> None:
    def note(items: Sequence[int]) -> None:
        for item in items:
            (tmp_path / str(item)).touch(exist_ok=False)

    share(note, range(11))
    assert {path.name for path in tmp_path.iterdir()} == {str(item) for item in range(11)}


def test_a_failure_of_one_process_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    def fail(items: Sequence[int]) -> None:
        assert 4 not in items

    with pytest.raises(AssertionError, match="a process failed"):
        share(fail, range(5))
    assert "AssertionError" in capfd.readouterr().err
