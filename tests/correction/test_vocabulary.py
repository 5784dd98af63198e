"""The words of an index: what is one, how often it stands, how often a right one has to."""

from __future__ import annotations

import pytest
from listed import Listed

from searchsvc.correction.vocabulary import LONGEST, OFTEN, SMALL, Form, Vocabulary


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


def test_of_far_words_only_frequent_ones_are_near(vocabulary: Vocabulary) -> None:
    assert vocabulary.near("гбел", 2) == [Form("гибель", 90, 2)]
    assert vocabulary.near("гбел", 2, least=91) == []
    assert vocabulary.near("гибел", 2, least=91) == [Form("гибель", 90, 1)]


@pytest.mark.parametrize("form", ["2021", "я" * (LONGEST + 1), "日本", "a@b.example", "", "-"])
def test_what_is_no_word_is_left_out(form: str) -> None:
    vocabulary = Vocabulary(Listed({form: 5}))
    assert vocabulary.near(form, 2) == []
    assert vocabulary.articles(form) == 0


def test_how_often_a_right_word_stands_grows_with_the_index() -> None:
    assert Vocabulary(Listed({})).often == 1
    many = {str(number): 1 for number in range(3 * SMALL)}
    assert Vocabulary(Listed(many)).often == OFTEN
