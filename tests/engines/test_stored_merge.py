"""Merging stores: living articles stay, in order; blocks are copied or compressed anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from stores import store_of_packed

from searchsvc.engines.whoosh.packing_articles import pack_article
from searchsvc.engines.whoosh.stored import TRAINED, Store
from searchsvc.engines.whoosh.stored_merge import COPIED, append_store
from searchsvc.model import Article

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.growing import Growing

PARTS = ("starts", "bytes", "dictionary")


def numbered(number: int, word: str) -> Article:
    return Article(id="а", title=f"Новость {number}", text=f"{word} закроют в {number % 24} часа.")


def store(word: str, size: int, dictionary: bytes = b"") -> Store:
    packed = [pack_article(numbered(number, word)) for number in range(size)]
    return store_of_packed(packed, dictionary)


def merged(stores: Sequence[Store], living: Sequence[Sequence[int]]) -> Store:
    parts: dict[str, list[NDArray[np.generic]]] = {}

    class Collected:
        def append(self, name: str, piece: NDArray[np.generic]) -> None:
            parts.setdefault(name, []).append(piece)

    docs = [np.array(own, np.int64) for own in living]
    append_store(cast("Growing", Collected()), stores, docs)
    return Store(*(np.concatenate(parts[f"stored/{part}"]) for part in PARTS))


LARGE = store("Мост", TRAINED + 500)

STORES = {
    "one dictionary": store("Парк", 20, LARGE.dictionary),
    "no dictionary": store("Парк", 20),
    "another dictionary": store("Парк", TRAINED),
}


@pytest.mark.parametrize("other", STORES)
def test_living_articles_stay(other: str) -> None:
    living = (list(range(0, TRAINED + 500, 3)), [0, 1, 7, 19])
    found = merged((LARGE, STORES[other]), living)
    articles = [numbered(doc, "Мост") for doc in living[0]]
    articles += [numbered(doc, "Парк") for doc in living[1]]
    assert [found.article(doc, "а") for doc in range(len(articles))] == articles
    assert found.dictionary == LARGE.dictionary


def test_blocks_are_copied_where_the_dictionary_is_the_same() -> None:
    found = merged((STORES["one dictionary"], LARGE), ([3], range(COPIED + 10)))
    assert found.block(0) == STORES["one dictionary"].block(3)
    assert found.block(COPIED + 5) == LARGE.block(COPIED + 4)


def test_segments_without_living_articles_leave_nothing() -> None:
    found = merged((LARGE, STORES["no dictionary"]), ([], [5]))
    assert found.article(0, "а") == numbered(5, "Парк")
    assert found.starts.size == 2
