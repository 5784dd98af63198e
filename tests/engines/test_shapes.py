"""Shapes: lengths and letters of all strings at once are those of each."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from searchsvc.engines.whoosh.lexicon import Lexicon, pack
from searchsvc.engines.whoosh.portable_lexicon import Packed
from searchsvc.engines.whoosh.shapes import letter_set, shapes

texts = st.text(st.characters(exclude_categories=()), max_size=6) | st.text("абё-9", max_size=300)


@given(st.sets(texts, max_size=40))
def test_they_are_what_each_string_has(strings: set[str]) -> None:
    ordered = sorted(strings)
    found = shapes(Lexicon(Packed(**pack(ordered))))
    assert found.lengths.tolist() == [min(len(text), 255) for text in ordered]
    assert found.letters.tolist() == [letter_set(text) for text in ordered]


@given(texts, texts)
def test_one_edit_changes_at_most_two_letters(one: str, two: str) -> None:
    changed = letter_set(one + "ж" + two) ^ letter_set(one + "щ" + two)
    assert changed.bit_count() <= 2
