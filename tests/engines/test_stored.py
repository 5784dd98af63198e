"""Stored blocks: articles and offsets come back as they were, damaged ones do not come back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.engines.whoosh.stored import (
    pack_article,
    pack_offsets,
    unpack_article,
    unpack_offsets,
)
from searchsvc.errors import IndexDamaged
from searchsvc.model import Article, ArticleDate, Precision

if TYPE_CHECKING:
    from collections.abc import Callable

any_text = st.text(st.characters(exclude_categories=()), max_size=40)
lists = st.lists(any_text, max_size=3).map(tuple)
dates = st.builds(ArticleDate, st.datetimes(timezones=st.none()), st.sampled_from(Precision))
articles = st.builds(
    Article,
    **dict.fromkeys(
        ("id", "title", "text", "lead", "url", "source", "part_of", "origin"), any_text
    ),
    **dict.fromkeys(("topics", "authors", "tags"), lists),
    date=st.none() | dates,
    language=st.sampled_from(("ru", "uk", "")),
    title_made=st.booleans(),
)


@given(articles)
def test_an_article_comes_back(article: Article) -> None:
    assert unpack_article(pack_article(article), article.id) == article


def test_an_article_may_be_stored_under_another_id() -> None:
    article = Article(id="один", title="Заголовок", text="")
    assert unpack_article(pack_article(article), "два").id == "два"


token_lengths = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 40)), max_size=50)


def places(gaps: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    ends = np.cumsum([gap + length for gap, length in gaps]).tolist()
    starts = [end - length for end, (_, length) in zip(ends, gaps, strict=True)]
    return starts, ends


@given(token_lengths, token_lengths)
def test_offsets_come_back(title: list[tuple[int, int]], body: list[tuple[int, int]]) -> None:
    both = [places(title), places(body)]
    starts, ends = (np.array(one + two, np.int32) for one, two in zip(*both, strict=True))
    block = pack_offsets(starts.copy(), ends.copy(), len(title))
    unpacked = unpack_offsets(block, len(title))
    assert unpacked[0].tolist() == starts.tolist()
    assert unpacked[1].tolist() == ends.tolist()


ARTICLE = Article(
    id="а",
    title="Заголовок",
    text="Текст. " * 50,
    date=ArticleDate(datetime(2021, 2, 1), Precision.DAY),
)
OFFSETS = np.arange(100, dtype=np.int32)
BLOCKS: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "article": (pack_article(ARTICLE), lambda block: unpack_article(block, "а")),
    "offsets": (pack_offsets(OFFSETS, OFFSETS + 1, 7), lambda block: unpack_offsets(block, 7)),
}


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_is_noticed_or_does_no_harm(name: str, bit: int) -> None:
    block, unpack = BLOCKS[name]
    for place in range(len(block)):
        changed = bytearray(block)
        changed[place] ^= 1 << bit
        try:
            assert str(unpack(bytes(changed))) == str(unpack(block)), (place, bit)
        except IndexDamaged:
            continue


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_that_is_cut_short_is_damaged(name: str) -> None:
    block, unpack = BLOCKS[name]
    for length in range(len(block)):
        with pytest.raises(IndexDamaged):
            unpack(block[:length])


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"null", b'"text"', b"\xff", b'{"colour": 1}', b"[" * 100_000),
        *(b'{"date": [1]}', b'{"date": ["2021", "eon"]}', b'{"date": null}', b'{"topics": 1}'),
    ],
)
def test_a_block_of_something_else_is_damaged(content: bytes) -> None:
    block = zstandard.ZstdCompressor().compress(content)
    with pytest.raises(IndexDamaged):
        unpack_article(block, "а")


@pytest.mark.parametrize("length", [1, 4, 7, 12])
def test_offsets_that_are_no_pairs_are_damaged(length: int) -> None:
    with pytest.raises(IndexDamaged):
        unpack_offsets(zstandard.ZstdCompressor().compress(bytes(length)), 0)


def test_a_block_that_claims_to_be_huge_takes_no_memory() -> None:
    header = b"\x28\xb5\x2f\xfd\xe0" + (2**50).to_bytes(8, "little")
    for _, unpack in BLOCKS.values():
        with pytest.raises(IndexDamaged):
            unpack(header + b"\x01\x00\x00")
