"""Inversion: posting lists are what a dictionary of dictionaries would hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.engines.whoosh.inversion import (
    Targets,
    _sorted,
    compiled,
    invert,
    inverted_portably,
)
from searchsvc.engines.whoosh.packing import Postings

TERMS, DOCS = 5, 4
triples = st.tuples(st.integers(0, TERMS - 1), st.integers(0, DOCS - 1), st.integers(0, 300))


def inverted(rows: list[tuple[int, int, int]], titles: list[int]) -> Postings:
    columns = np.array(rows, np.int32).reshape(-1, 3).T
    return invert(*columns, np.array(titles, np.int32), TERMS)


def naive(rows: list[tuple[int, int, int]], titles: list[int]) -> list[tuple]:
    """Term, document, positions, and how many of them are title, in order."""
    postings = []
    for term in range(TERMS):
        for doc in range(DOCS):
            positions = sorted({row[2] for row in rows if row[:2] == (term, doc)})
            in_title = sum(position < titles[doc] for position in positions)
            if positions:
                postings.append((term, doc, positions, in_title))
    return postings


def read_back(postings: Postings) -> list[tuple]:
    ends = np.cumsum(postings.tf)
    positions = [own.tolist() for own in np.split(postings.positions, ends[:-1])]
    numbers = (column.tolist() for column in (postings.terms, postings.docs))
    return list(zip(*numbers, positions, postings.title_tf.tolist(), strict=False))


@given(st.lists(triples), st.lists(st.integers(0, 200), min_size=DOCS, max_size=DOCS))
def test_it_is_what_the_naive_way_gives(rows: list, titles: list[int]) -> None:
    assert read_back(inverted(rows, titles)) == naive(rows, titles)


@given(st.lists(triples), st.lists(st.integers(0, 200), min_size=DOCS, max_size=DOCS))
def test_it_is_the_same_without_the_compiled_one(rows: list, titles: list[int]) -> None:
    columns = np.array(rows, np.int32).reshape(-1, 3).T
    own = np.array(titles, np.int32)
    both = (invert(*columns, own, TERMS), inverted_portably(*columns, own))
    for name, one, other in zip(Postings._fields, *both, strict=True):
        assert one.dtype == other.dtype, name
        assert one.tolist() == other.tolist(), name


@given(
    st.lists(triples),
    st.lists(st.lists(st.integers(0, 7), max_size=3), min_size=TERMS, max_size=TERMS),
)
def test_a_number_may_stand_for_any_number_of_terms(rows: list, rooms: list[list[int]]) -> None:
    begins = np.cumsum([0, *map(len, rooms)], dtype=np.int32)
    targets = Targets(begins, np.array([term for room in rooms for term in room], np.int32))
    columns = np.array(rows, np.int32).reshape(-1, 3).T
    titles = np.full(DOCS, 5, np.int32)
    found = invert(*columns, titles, 8, targets)
    written = [(term, doc, place) for number, doc, place in rows for term in rooms[number]]
    columns = np.array(written, np.int32).reshape(-1, 3).T
    expected = inverted_portably(*columns, titles)
    for one, other in zip(found, expected, strict=True):
        assert one.tolist() == other.tolist()


@pytest.mark.skipif(compiled is None, reason="the compiled inversion is what is tried")
@pytest.mark.parametrize("wrong", [(-1, 0, 0), (TERMS, 0, 0), (0, -1, 0), (0, DOCS, 0), (0, 0, -1)])
def test_numbers_out_of_range_are_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"out of range|negative"):
        inverted([(0, 0, 0), wrong], [9] * DOCS)


@pytest.mark.skipif(compiled is None, reason="the compiled inversion is what is tried")
@pytest.mark.parametrize(
    "wrong", [((0, 2), (0,)), ((1, 0), (0,)), ((-1, 1), (0,)), ((0, 1), (5,)), ((0, 1), (-1,))]
)
def test_targets_out_of_range_are_refused(wrong: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    arrays = made(1)
    arrays[3:5] = (np.array(each, np.int32) for each in wrong)
    with pytest.raises(ValueError, match="out of range"):
        compiled.invert(*arrays)


@pytest.mark.skipif(compiled is None, reason="the compiled inversion is what is tried")
def test_more_than_was_made_room_for_is_refused() -> None:
    arrays = made(1)
    arrays[3:5] = (np.array(each, np.int32) for each in ((0, 2), (0, 0)))
    with pytest.raises(ValueError, match="out of range"):
        compiled.invert(*arrays)


@pytest.mark.skipif(compiled is None, reason="the compiled inversion is what is tried")
@pytest.mark.parametrize("short", range(11))
def test_arrays_that_do_not_fit_together_are_refused(short: int) -> None:
    arrays = [bytearray(array.tobytes()) for array in made(3)]
    assert compiled.invert(*arrays) == (1, 1)
    for size in {0, max(0, len(arrays[short]) - 1)}:
        cut = [*arrays[:short], arrays[short][:size], *arrays[short + 1 :]]
        if short != 4 or size:  # no targets at all are out of range
            with pytest.raises(ValueError, match=r"do not fit|out of range"):
                compiled.invert(*cut)
    with pytest.raises(TypeError):
        compiled.invert(*arrays[1:])


def made(size: int) -> list[np.ndarray]:
    """Make arrays for so many equal triples of one term in one document."""
    types = [*["i4"] * 6, "i8", "i4", "i4", "i4", "u4"]
    sizes = (size, size, size, 2, 1, 1, 2, size, size, size, size)
    arrays = [np.zeros(count, kind) for count, kind in zip(sizes, types, strict=True)]
    arrays[3][1] = 1
    return arrays


@given(st.lists(triples, min_size=1), st.randoms(use_true_random=False))
def test_the_order_of_the_triples_does_not_matter(rows: list, random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert read_back(inverted(rows, [9] * DOCS)) == read_back(inverted(shuffled, [9] * DOCS))


def test_numbers_too_wide_for_one_key_are_sorted_all_the_same() -> None:
    wide = 2**30
    terms = np.array([wide, 0, wide], np.int32)
    docs = np.array([1, 2**20, 1], np.int32)
    positions = np.array([wide, 1, 7], np.int32)
    found = [column.tolist() for column in _sorted(terms, docs, positions)]
    assert found == [[0, wide, wide], [2**20, 1, 1], [1, 7, wide]]


def test_every_occurrence_is_counted() -> None:
    postings = inverted([(0, 0, position) for position in range(70_000)], [400] * DOCS)
    assert (postings.tf.tolist(), postings.title_tf.tolist()) == ([70_000], [400])
