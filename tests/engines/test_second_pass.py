"""The second pass of an engine: what it says of a damaged index, how many words it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from searchsvc.engines.protocol import SearchRequest
from searchsvc.engines.whoosh import merging, operands
from searchsvc.engines.whoosh.reader import WhooshEngine
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
    index = index_of(engine)
    sizes = [one.lists + operands.LISTS_OF_WORD for one in index.known.values()]
    monkeypatch.setattr(operands, "HELD_LISTS", 2 * max(sizes))
    index._lists = 0
    index.known.clear()
    for word, hits in [*zip(WORDS, first, strict=True)] * 2:
        assert engine.search(asked(word)).hits == hits
        assert 1 <= len(index.known) <= 2


def test_the_lists_of_what_is_held_are_counted(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operands, "LISTS_OF_WORD", 0)
    index = index_of(engine)
    for word in WORDS:
        engine.search(asked(word))
    assert index._lists == sum(one.lists for one in index.known.values()) > 0


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (1, ["банан"]),
        (2, ["банан", "банкир"]),
        (4, ["банан", "банкир", "бандаж", "банкет"]),
        (9, ["банан", "банкир", "бандаж", "банкет", "банщик"]),
    ],
)
def test_related_words_are_the_most_frequent_ones(
    factory: Factory, tmp_path: Path, most: int, expected: list[str]
) -> None:
    counts = {"банан": 5, "банкир": 3, "бандаж": 2, "банкет": 2, "банщик": 1, "берег": 9}
    articles = [
        Article(id=f"{word}{n}", title="", text=f"{word} {n}")
        for word, count in counts.items()
        for n in range(count)
    ]
    index = index_of(factory.built(tmp_path, articles))
    assert list(index.beginning("бан", most)) == expected


def test_related_words_are_the_frequent_ones_of_all_segments(
    factory: Factory, tmp_path: Path
) -> None:
    first = [Article(id=f"a{n}", title="", text=f"банан {n}") for n in range(3)]
    first += [Article(id=f"b{n}", title="", text=f"банкир {n}") for n in range(2)]
    factory.built(tmp_path, first)
    later = [Article(id=f"c{n}", title="", text=f"бандаж {n}") for n in range(4)]
    index = index_of(factory.updated(tmp_path, later))
    assert len(index.segments) == 2
    assert list(index.beginning("бан", 2)) == ["бандаж", "банан"]


def test_what_is_rare_in_each_segment_may_be_frequent_in_all(
    factory: Factory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "to_merge", lambda _, fresh: [])
    for number, word in enumerate(("банан", "банкир", "бандаж")):
        of_it = [Article(id=f"{word}{n}", title="", text=f"{word} {n}") for n in range(3)]
        everywhere = [Article(id=f"{number}{n}", title="", text=f"банкет {n}") for n in range(2)]
        engine = factory.updated(tmp_path, [*of_it, *everywhere])
    index = index_of(engine)
    assert len(index.segments) == 3
    assert list(index.beginning("бан", 1)) == ["банкет"]
    assert list(index.beginning("бан", 3)) == ["банкет", "банан", "бандаж"]


def index_of(engine: Engine) -> operands.Index:
    assert isinstance(engine, WhooshEngine)
    return engine._index
