"""Queries are cut until the service accepts them, and no further."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.evaluation.asking import fitting
from searchsvc.query.limits import Limits
from searchsvc.query.parser import parse

LIMITS = Limits(length=30, words=4, depth=2)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("смотритель маяка", "смотритель маяка"),
        ("раз два три четыре пять", "раз два три четыре"),
        ("сельскохозяйственное оборудование", "сельскохозяйственное"),
        ("слово" * 7, ("слово" * 7)[:30]),
        ("край (((ой)))", "край"),
        ("", ""),
    ],
)
def test_it_is_cut_at_a_word(text: str, cut: str) -> None:
    assert fitting(text, LIMITS) == cut


@given(text=st.text(st.sampled_from('аб "()-!|~*:.,1\n'), max_size=60))
def test_what_is_left_passes_no_limit(text: str) -> None:
    left = fitting(text, LIMITS)
    assert text.replace('"', "„").startswith(left)
    parse(left, LIMITS)


def test_quotes_are_written_otherwise_and_nothing_is_cut_for_them() -> None:
    text = '"Зенит" победил'
    assert fitting(text, LIMITS) == "„Зенит„ победил"
    assert len(fitting(text, LIMITS)) == len(text)
