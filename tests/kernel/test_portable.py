"""What the portable kernel keeps, and how its sets combine, whichever way they are looked up."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from small_segments import made

from searchsvc.engines.whoosh import portable, portable_sets, portable_wide

SEED = 20261122
SIZE = 40_000
COUNTS = (0, 1, 5, 40, 700, 9_000)
"""Few documents are looked up by halving, many in tables."""


def chosen(chance: np.random.Generator, count: int) -> portable_sets.Matched:
    docs = np.sort(chance.choice(SIZE, count, replace=False)).astype(np.int64)
    return portable_sets.Matched(docs, chance.random(count).astype(np.float32))


def listed(matched: portable_sets.Matched) -> dict[int, np.float32]:
    return dict(zip(matched.docs.tolist(), matched.scores, strict=True))


@pytest.mark.parametrize("first", COUNTS)
@pytest.mark.parametrize("second", COUNTS)
def test_sets_combine_as_plain_sets_do(first: int, second: int) -> None:
    chance = np.random.default_rng((SEED, first, second))
    one, two = chosen(chance, first), chosen(chance, second)
    ones, twos = listed(one), listed(two)
    both = ones.keys() & twos.keys()
    assert listed(portable_sets.together([one, two])) == {d: ones[d] + twos[d] for d in both}
    assert listed(portable_sets.difference(one, two)) == {d: ones[d] for d in ones if d not in both}
    boosted = {d: ones[d] + twos[d] if d in both else ones[d] for d in ones}
    assert listed(portable_sets.boosted(one, two)) == boosted
    zero = np.float32(0)
    every = {d: ones.get(d, zero) + twos.get(d, zero) for d in ones | twos}
    assert listed(portable_sets.union([one, two], SIZE)) == every


@pytest.mark.parametrize("count", [0, 1, 2, 20, 33, 500])
@pytest.mark.parametrize("apart", [1, 10_000])
def test_documents_are_counted(count: int, apart: int) -> None:
    docs = np.sort(np.random.default_rng(count).integers(0, apart, count))
    found = portable_sets.counted(docs)
    assert dict(zip(*(column.tolist() for column in found), strict=True)) == Counter(docs.tolist())


def test_a_frequent_word_scores_as_its_list_does() -> None:
    own = {doc: range(1 + doc % 4) for doc in range(0, 6_000, 5)}
    frequent = made(6_000, [own]).of(portable).term(0, 0)
    assert frequent.by_document is not None
    kept = frequent.matched(2.5)
    for step in (1, 2, 1_000):
        docs = kept.docs[::step]
        assert kept.has(docs).all()
        assert not kept.has(docs + 1).any()
        assert (kept.scores_of(docs) == kept.scores[::step]).all()


def test_a_word_is_scored_with_the_weight_that_is_asked_for() -> None:
    term = made(9, [{3: [0]}]).of(portable).term(0, 0)
    once, twice, again = (term.matched(weight).scores.tolist() for weight in (1.0, 2.0, 1.0))
    assert twice == [2 * score for score in once]
    assert again == once


def test_wide_words_are_kept_until_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portable_wide, "HELD_POSTINGS", 4)
    monkeypatch.setattr(portable_wide, "POSTINGS_OF_WORD", 0)
    segment = made(9, [{doc: [0] for doc in range(3)}] * 4).of(portable)
    parts = [((0, number, number + 1, None),) for number in range(4)]
    kept = [segment.wide(part, math.inf) for part in parts[:2]]
    assert [segment.wide(part, math.inf) for part in parts[:2]] == kept
    segment.wide(parts[2], math.inf)
    assert segment.wide(parts[0], math.inf) is not kept[0], "all were let go of"
    numbered = ((0, 0, 0, np.array([0], np.uint32)),)
    other = ((0, 0, 0, np.array([0, 3], np.uint32)),)
    assert segment.wide(numbered, math.inf).articles == 3
    assert segment.wide(other, math.inf).weighted.tolist() == [2, 2, 2]


def test_wide_words_without_postings_are_let_go_of_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portable_wide, "HELD_POSTINGS", 3 * portable_wide.POSTINGS_OF_WORD)
    segment = made(9, [{0: [0]}] * 4).of(portable)
    none = [((0, number, number, None),) for number in range(5)]
    kept = segment.wide(none[0], math.inf)
    assert kept.articles == 0
    for part in none[1:4]:
        segment.wide(part, math.inf)
    assert segment.wide(none[0], math.inf) is kept
    segment.wide(none[4], math.inf)
    assert segment.wide(none[0], math.inf) is not kept, "all were let go of"
