"""The index that is asked: of a corpus with or without titles, for a while or kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from invented import held

from searchsvc.config import Settings
from searchsvc.errors import ConfigError
from searchsvc.evaluation.corpora import indexed

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = Settings(procs=1)


def test_articles_with_their_titles(folder: Path) -> None:
    with indexed(folder / "corpus.jsonl", SETTINGS) as index:
        assert {article.title for article in held(index)} == {"Маяк погас", "Ярмарка"}


def test_a_temporary_index_is_gone_afterwards(folder: Path) -> None:
    with indexed(folder / "corpus.jsonl", SETTINGS) as index:
        assert index.exists()
    assert not index.exists()


def test_without_titles_one_is_made_of_the_text(folder: Path) -> None:
    with indexed(folder / "corpus.jsonl", SETTINGS, titles=False) as index:
        for article in held(index):
            assert article.title_made
            assert article.text.startswith(article.title)


def test_a_kept_index_stays_and_is_taken_as_it_is(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    with indexed(folder / "corpus.jsonl", SETTINGS, kept=kept) as index:
        assert index == kept
    with indexed(None, SETTINGS, kept=kept) as index:
        assert len(held(index)) == 2


def test_nothing_to_build_it_of(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--corpus"), indexed(None, SETTINGS):
        pass
    with pytest.raises(ConfigError, match="none"), indexed(tmp_path / "none", SETTINGS):
        pass
