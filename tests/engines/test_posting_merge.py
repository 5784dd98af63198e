"""Merging posting lists: what stays is what the living documents had, term by term."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packed_lists import drawn, packed

from searchsvc.engines.whoosh import posting_merge, unpacking
from searchsvc.engines.whoosh.documents import CHUNK, documents
from searchsvc.engines.whoosh.lexicon import Lexicon, pack
from searchsvc.engines.whoosh.portable_lexicon import Packed as PackedLexicon
from searchsvc.engines.whoosh.posting_merge import Source, merge_field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.growing import Growing
    from searchsvc.engines.whoosh.packing import Postings
    from searchsvc.engines.whoosh.unpacking import Packed

Lists = dict[str, list[tuple[int, int, int, tuple[int, ...]]]]
"""For each term its postings: document, tf, title tf, positions."""


class Collected:
    """Takes the pieces of arrays as ``Growing`` does."""

    def __init__(self) -> None:
        self._parts: dict[str, list[NDArray[np.generic]]] = {}

    def append(self, name: str, piece: NDArray[np.generic]) -> None:
        """Add a piece; all of one array have one type."""
        parts = self._parts.setdefault(name, [])
        assert all(part.dtype == piece.dtype for part in parts)
        parts.append(piece)

    def __getitem__(self, part: str) -> NDArray[np.generic]:
        return np.concatenate(self._parts[f"field/{part}"])


def lists_of(lexicon: Lexicon, field: Packed) -> Lists:
    lists: Lists = {}
    for number, text in enumerate(lexicon):
        blocks = unpacking.blocks_of(field, number, number + 1)
        first, last = (field.blocks.item(block) for block in blocks)
        tf, title_tf, positions = unpacking.postings(field, first, last)
        cut = np.split(positions, np.cumsum(tf)[:-1])
        docs = documents(field, *blocks).tolist()
        rows = zip(docs, tf.tolist(), title_tf.tolist(), cut, strict=True)
        lists[text] = [(*row, tuple(own.tolist())) for *row, own in rows]
    return lists


def lexicon_of(strings: Sequence[str]) -> Lexicon:
    return Lexicon(PackedLexicon(**pack(sorted(strings))))  # type: ignore[arg-type]


def source(
    random: np.random.Generator, words: Sequence[str], documents: int, sizes: Sequence[int]
) -> tuple[Lexicon, Packed]:
    postings = drawn(random, documents, [min(size, documents) for size in sizes])
    return lexicon_of(words), packed([postings], len(words), documents)


def moved(alive: Sequence[NDArray[np.bool_]]) -> list[NDArray[np.int32]]:
    """Number living documents on, through all segments."""
    together = np.concatenate(alive)
    numbers = np.where(together, np.cumsum(together) - 1, -1).astype(np.int32)
    return np.split(numbers, np.cumsum([own.size for own in alive])[:-1])


def expected(sources: Sequence[Source]) -> Lists:
    lists: Lists = {}
    for lexicon, field, numbers in sources:
        for text, postings in lists_of(lexicon, field).items():
            living = [(int(numbers[doc]), *row) for doc, *row in postings if numbers[doc] >= 0]
            lists.setdefault(text, []).extend(living)
    return {text: lists[text] for text in sorted(lists) if lists[text]}


def merged(sources: Sequence[Source]) -> Lists:
    collected = Collected()
    merge_field(cast("Growing", collected), "field", sources)
    lexicon = Lexicon(PackedLexicon(*(collected[part] for part in PackedLexicon._fields)))  # type: ignore[arg-type]
    size = sum(int((own.moved >= 0).sum()) for own in sources)
    return lists_of(lexicon, unpacking.packed(collected.__getitem__, whole=size <= CHUNK))


@pytest.mark.parametrize("piece", [1, 300, posting_merge.PIECE])
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_living_postings_stay(
    piece: int, data: st.DataObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting_merge, "PIECE", piece)
    random = np.random.default_rng(data.draw(st.integers(0, 1 << 30), "seed"))
    words = st.lists(st.sampled_from("абвгде"), unique=True, max_size=6)
    opened, alive = [], []
    for _ in range(data.draw(st.integers(1, 4), "segments")):
        own = data.draw(words, "words")
        sizes = [data.draw(st.integers(1, 4) | st.integers(1, 200)) for _ in own]
        opened.append(source(random, own, documents := int(random.integers(1, 400)), sizes))
        alive.append(
            random.random(documents) >= data.draw(st.sampled_from([0, 0.1, 0.8, 1]), "deleted")
        )
    sources = [Source(*pair, own) for pair, own in zip(opened, moved(alive), strict=True)]
    assert merged(sources) == expected(sources)


@pytest.mark.parametrize("deleted", [0, 0.05])
@pytest.mark.parametrize("piece", [CHUNK, 3 * CHUNK, posting_merge.PIECE])
def test_a_list_of_several_chunks_is_merged_by_documents(
    piece: int, deleted: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting_merge, "PIECE", piece)
    random = np.random.default_rng(3)
    opened = [
        source(random, "абв", 150_000, [100_000, 7, 4_097]),
        source(random, "бв", 20_000, [5_000, 20_000]),
        source(random, "аг", 70_000, [70_000, 1]),
    ]
    alive = [random.random(documents) >= deleted for documents in (150_000, 20_000, 70_000)]
    sources = [Source(*pair, own) for pair, own in zip(opened, moved(alive), strict=True)]
    assert merged(sources) == expected(sources)


def test_pieces_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    inner = posting_merge._merged

    def watched(*args: object) -> Postings:
        found = inner(*args)  # type: ignore[arg-type]
        sizes.append(found.docs.size)
        return found

    monkeypatch.setattr(posting_merge, "PIECE", 2 * CHUNK)
    monkeypatch.setattr(posting_merge, "_merged", watched)
    random = np.random.default_rng(3)
    pair = source(random, "абв", 300_000, [280_000, 40_000, 90_000])
    merged([Source(*pair, np.arange(300_000, dtype=np.int32))])
    assert max(sizes) <= 2 * CHUNK
    assert sum(sizes) == 410_000
