"""Counts as the commands say them."""

from __future__ import annotations

import pytest

from searchsvc.cli.wording import counted


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 articles"), (1, "1 article"), (2, "2 articles"), (11, "11 articles")],
)
def test_one_is_no_plural(number: int, said: str) -> None:
    assert counted(number, "article") == said


def test_irregular_plurals_are_given() -> None:
    assert [counted(n, "loss", "losses") for n in (1, 2)] == ["1 loss", "2 losses"]
