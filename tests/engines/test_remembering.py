"""What is remembered between queries, and what is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from writing import form, found

from searchsvc.engines.whoosh import operands, segment
from searchsvc.engines.whoosh.remembering import Remembered

if TYPE_CHECKING:
    import pytest

    from searchsvc.engines.protocol import Engine

WORDS = ("в", "на", "и", "город", "в", "река", "и", "дом", "в", "на")


def test_what_was_asked_for_lately_is_recalled_once() -> None:
    held: Remembered[str, int] = Remembered()
    held["река"] = 1
    held.turn()
    assert "река" not in held
    assert held.recalled("река") == 1
    assert held.recalled("река") is None


def test_what_was_not_asked_for_lately_is_forgotten() -> None:
    held: Remembered[str, int] = Remembered()
    held["река"] = 1
    held.turn()
    held["дом"] = 2
    held.turn()
    assert held.recalled("река") is None
    assert held.recalled("дом") == 2


def test_words_are_found_whatever_is_forgotten(
    seeds: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [found(seeds, form(word)) for word in WORDS]
    assert expected[0]
    for module in (operands, segment):
        monkeypatch.setattr(module, "HELD_POSTINGS", 10)
    for _ in range(2):
        assert [found(seeds, form(word)) for word in WORDS] == expected
