from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from searchsvc.parsing.cleaning import clean_line, clean_text


def test_line_ends_and_spaces_become_plain() -> None:
    assert clean_text("а\r\nб\rв\u2028г\xa0д\t е \n\n\n\nж ") == "а\nб\nв\nг д е\n\nж"


def test_letters_are_composed() -> None:
    assert clean_text("и\u0306 е\u0308") == "й ё"


def test_what_is_not_seen_goes() -> None:
    assert clean_text("\ufeffсло\xadво\u200b\x00\ud800!") == "слово!"


def test_a_line_stays_one() -> None:
    assert clean_line(" а\n\nб\tв ") == "а б в"


@given(st.text(st.characters(exclude_categories=())))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    clean = clean_text(text)
    assert clean_text(clean) == clean
    assert unicodedata.is_normalized("NFC", clean)
    assert "\r" not in clean
    assert "\n\n\n" not in clean
    clean.encode("utf-8")
