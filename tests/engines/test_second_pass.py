"""The second pass of an engine: what it says of a damaged index, how many words it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from searchsvc.engines.protocol import SearchRequest
from searchsvc.engines.whoosh import operands
from searchsvc.errors import IndexDamaged
from searchsvc.model import Article
from searchsvc.query.tree import Signal, Word

if TYPE_CHECKING:
    from pathlib import Path

    from factories import Factory

    from searchsvc.engines.protocol import Engine

WORDS = ("маяк", "берег", "лодка", "парус")


@pytest.fixture
def engine(factory: Factory, tmp_path: Path) -> Engine:
    texts = (f"Здесь стоит {word}." for word in WORDS)
    return factory.built(
        tmp_path,
        [Article(id=f"a{n}", title=f"Выпуск {n}", text=text) for n, text in enumerate(texts)],
    )


def asked(word: str) -> SearchRequest:
    return SearchRequest(node=Word((word,)), signals=(Signal(Word((word,)), (word,)),))


def test_a_word_whose_postings_lie_elsewhere_is_damage(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    beyond = ((0, 0, 0, np.array([2**31], np.uint32)),)
    monkeypatch.setattr(operands.Index, "parts", lambda *_: (1.0, beyond))
    with pytest.raises(IndexDamaged):
        engine.search(asked("маяк"))


def test_words_that_are_let_go_of_are_found_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = [engine.search(asked(word)).hits for word in WORDS]
    monkeypatch.setattr(operands, "HELD_LISTS", operands.LISTS_OF_WORD + 10)
    for _ in range(2):
        assert [engine.search(asked(word)).hits for word in WORDS] == first
