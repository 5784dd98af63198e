"""Strings by number: each new one has the next, however they come."""

from __future__ import annotations

import time
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.engines.whoosh.lexicon import pack
from searchsvc.engines.whoosh.numbering import Numbered, compiled, joined, parted

MAKERS = [Numbered, lambda: Numbered(portable=True)][compiled is None :]
BOTH = pytest.mark.parametrize("make", MAKERS)

letters = st.characters(exclude_categories=(), exclude_characters="\n")
few = st.text("абя\u0080\u0400\u0470\ufffe\ud83d\U0001f683", min_size=1, max_size=4)
texts = few | st.text(letters, min_size=1, max_size=12) | st.text("ab", min_size=30, max_size=40)


@BOTH
@given(st.lists(st.lists(texts)))
def test_new_strings_have_the_next_numbers(make, batches: list[list[str]]) -> None:
    numbered, expected = make(), list(dict.fromkeys(chain.from_iterable(batches)))
    for batch in batches:
        assert numbered.numbers(joined(batch)).dtype == np.int32
    assert len(numbered) == len(expected)
    assert numbered.numbers(joined(expected)).tolist() == list(range(len(expected)))
    assert parted(numbered.lines(0, len(expected))) == expected
    half = len(expected) // 2
    assert parted(numbered.lines(half, len(expected))) == expected[half:]


@BOTH
@given(st.sets(texts), st.randoms(use_true_random=False))
def test_they_are_sorted_as_a_lexicon_stores_them(make, strings: set[str], random) -> None:
    numbered = make()
    numbered.numbers(joined(strings))
    some = np.array([number for number in range(len(strings)) if random.random() < 0.7], np.int32)
    random.shuffle(some)
    chosen = parted(numbered.chosen(some))
    ranks, lexicon = numbered.sorted(some)
    assert [sorted(chosen)[rank] for rank in ranks] == chosen
    for name, expected in pack(sorted(chosen)).items():
        assert lexicon[name].dtype == expected.dtype
        assert lexicon[name].tolist() == expected.tolist()


@BOTH
def test_no_lines_are_no_strings(make) -> None:
    numbered = make()
    assert numbered.numbers(b"").size == 0
    assert numbered.lines(0, 0) == b""
    assert numbered.sorted(np.zeros(0, np.int32)).lexicon["term_offsets"].tolist() == [0]


@BOTH
def test_many_strings_are_found_again(make) -> None:
    numbered, lines = make(), joined(map(str, range(5_000)))
    assert (numbered.numbers(lines) == numbered.numbers(lines)).all()
    assert numbered.chosen(np.array([4_999, 0], np.int32)) == b"4999\n0"


@pytest.mark.skipif(compiled is None, reason="there is no compiled one")
def test_nobody_can_make_strings_that_are_looked_for_in_one_place() -> None:
    """A secret does not help where what differs is not mixed with it: 60 times as long."""
    letters = [chr(code) for code in range(0x4E00, 0x9F00)]
    alike, others = ([f"abcde{each}" for each in letters], [f"{each}abcde" for each in letters])
    usual = seconds(joined(others))
    assert seconds(joined(alike)) < 10 * usual


def seconds(lines: bytes) -> float:
    """Measure how long it takes to find strings again, three times over."""
    numbered = Numbered()
    numbered.numbers(lines)
    begun = time.thread_time()
    for _ in range(3):
        numbered.numbers(lines)
    return time.thread_time() - begun


@pytest.mark.skipif(compiled is None, reason="there is no compiled one")
@pytest.mark.parametrize("number", [-1, 2])
def test_numbers_that_are_not_there_are_refused(number: int) -> None:
    numbered = Numbered()
    numbered.numbers(b"a\nb")
    for ask in (numbered.chosen, numbered.sorted):
        with pytest.raises(ValueError, match="no such number"):
            ask(np.array([0, number], np.int32))
    with pytest.raises(ValueError, match="no such number"):
        numbered.lines(0, number if number < 0 else 3)
