"""The lexicon: a sorted list of strings, found again by halving."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.engines.whoosh import portable
from searchsvc.engines.whoosh.kernel import compiled
from searchsvc.engines.whoosh.lexicon import Lexicon, pack
from searchsvc.errors import IndexDamaged

if TYPE_CHECKING:
    from collections.abc import Iterable

any_text = st.text(st.characters(exclude_categories=()), max_size=6)
few_letters = st.text("абв\ud83d\U0001f683", max_size=4)


def lexicon_of(strings: Iterable[str]) -> Lexicon:
    return Lexicon(*pack(sorted(strings)))


@given(st.sets(any_text | few_letters))
def test_strings_come_back_in_their_order(strings: set[str]) -> None:
    lexicon = lexicon_of(strings)
    assert list(lexicon) == sorted(strings)
    assert [lexicon.find(text) for text in lexicon] == list(range(len(strings)))


@given(st.sets(few_letters), any_text | few_letters)
def test_what_is_not_there_is_not_found(strings: set[str], text: str) -> None:
    assert (lexicon_of(strings).find(text) >= 0) == (text in strings)


@given(st.sets(any_text | few_letters), any_text | few_letters)
def test_prefixes_are_a_range(strings: set[str], prefix: str) -> None:
    lexicon = lexicon_of(strings)
    prefixed = [lexicon[number] for number in lexicon.prefixed(prefix)]
    assert prefixed == [text for text in sorted(strings) if text.startswith(prefix)]


def test_equal_strings_stand_together() -> None:
    lexicon = Lexicon(*pack(["а", "б", "б", "бв"]))
    assert [lexicon[number] for number in lexicon.prefixed("б")] == ["б", "б", "бв"]


@pytest.mark.parametrize("offsets", [[], [1, 3], [0, 2], [0, 4]])
def test_offsets_that_do_not_fit_are_damage(offsets: list[int]) -> None:
    with pytest.raises(IndexDamaged):
        Lexicon(np.frombuffer(b"abc", np.uint8), np.array(offsets, np.int64))


def test_strings_that_are_no_text_are_damage() -> None:
    with pytest.raises(IndexDamaged):
        Lexicon(np.frombuffer(b"\xff", np.uint8), np.array([0, 1]))[0]


@pytest.mark.skipif(compiled is None, reason="the portable kernel reads what there is")
def test_a_string_outside_the_bytes_is_damage() -> None:
    lexicon = Lexicon(np.frombuffer(b"abc", np.uint8), np.array([0, 9, 9, 3]), compiled or portable)
    with pytest.raises(IndexDamaged):
        lexicon.find("a")
