"""Forms near a word: what brute force finds, whatever the lengths and letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from searchsvc.correction.vocabulary import LONGEST, OFTEN, SMALL, Form, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS = st.text(alphabet="абвя", min_size=1, max_size=9)


def test_counts_articles(vocabulary: Vocabulary) -> None:
    assert vocabulary.articles("собянин") == 400
    assert vocabulary.articles("собяни") == 0
    assert vocabulary.articles("") == 0


def test_near_by_edits(vocabulary: Vocabulary) -> None:
    assert vocabulary.near("собянен", 1) == [Form("собянин", 400, 1)]
    assert sorted(vocabulary.near("собянина", 1)) == [
        Form("собянин", 400, 1),
        Form("собянина", 300, 0),
    ]
    assert vocabulary.near("петребург", 1) == [Form("петербург", 9000, 1)]
    assert vocabulary.near("гибел", 2, least=50) == [Form("гибель", 90, 1)]


@given(st.dictionaries(WORDS, st.integers(1, 9), max_size=60), WORDS, st.sampled_from((1, 2)))
def test_nothing_near_is_missed(forms: Mapping[str, int], word: str, edits: int) -> None:
    expected = [
        Form(form, articles, distance)
        for form, articles in forms.items()
        if (distance := OSA.distance(word, form)) <= edits
    ]
    assert sorted(Vocabulary(forms.items()).near(word, edits)) == sorted(expected)
    assert sorted(Vocabulary(forms.items())) == sorted(forms)


def test_segments_add_up() -> None:
    assert Vocabulary([("маяк", 2), ("маяк", 3)]).articles("маяк") == 5


@pytest.mark.parametrize("form", ["2021", "я" * (LONGEST + 1), "日本", "a@b.example", "", "-"])
def test_what_is_no_word_is_left_out(form: str) -> None:
    vocabulary = Vocabulary([(form, 5)])
    assert len(vocabulary) == 0
    assert vocabulary.near(form, 2) == []
    assert vocabulary.articles(form) == 0


def test_how_often_a_right_word_stands_grows_with_the_index() -> None:
    assert Vocabulary([]).often == 1
    letters = "абвгдежзик"
    many = ("".join(letters[int(digit)] for digit in str(n)) for n in range(3 * SMALL))
    assert Vocabulary((form, 1) for form in many).often == OFTEN
