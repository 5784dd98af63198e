"""Inversion: posting lists are what a dictionary of dictionaries would hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.engines.whoosh import inversion
from searchsvc.engines.whoosh.inversion import (
    Runs,
    Targets,
    _sorted,
    compiled,
    expanded,
    invert,
    inverted_portably,
    one_each,
)
from searchsvc.engines.whoosh.packing import Postings

TERMS, DOCS = 5, 4
POSITIONS = st.integers(0, 300) | st.integers(2**30, 2**30 + 5)
"""An occurrence takes 32 bits, or 64 where one position needs so many."""

triples = st.tuples(st.integers(0, TERMS - 1), st.integers(0, DOCS - 1), POSITIONS)


def runs_of(rows: list[tuple[int, int, int]]) -> tuple[np.ndarray, Runs]:
    """Write rows as the longest runs that they are."""
    numbers, docs, positions = np.array(rows, np.int32).reshape(-1, 3).T
    fresh = np.ones(len(rows), np.bool_)
    fresh[1:] = (np.diff(docs) != 0) | (np.diff(positions) != 1)
    heads = np.flatnonzero(fresh)
    sizes = np.diff(heads, append=len(rows)).astype(np.int32)
    return numbers.copy(), Runs(docs[heads], positions[heads], sizes)


def whole(pieces) -> Postings:
    """Put pieces end to end, which are good until the next one."""
    none = [np.zeros(0, np.int32)] * 4
    columns = [[*none[:4], np.zeros(0, np.uint32)]]
    columns += [[column.copy() for column in piece] for piece in pieces]
    return Postings(*(np.concatenate(several) for several in zip(*columns, strict=True)))


def inverted(rows: list[tuple[int, int, int]], titles: list[int], piece: int = 3) -> Postings:
    return whole(invert(*runs_of(rows), np.array(titles, np.int32), TERMS, piece=piece))


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


TITLES = st.lists(st.integers(0, 200), min_size=DOCS, max_size=DOCS)


@given(st.lists(triples), TITLES, st.integers(0, 9))
def test_it_is_what_the_naive_way_gives(rows: list, titles: list[int], piece: int) -> None:
    assert read_back(inverted(rows, titles, piece)) == naive(rows, titles)


@given(st.lists(triples, min_size=1), TITLES)
def test_it_is_the_same_without_the_compiled_one(rows: list, titles: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inversion, "compiled", None)
        portable = inverted(rows, titles)
    for name, one, other in zip(Postings._fields, inverted(rows, titles), portable, strict=True):
        assert one.dtype == other.dtype, name
        assert one.tolist() == other.tolist(), name


@given(st.lists(triples))
def test_runs_are_the_triples_they_stand_for(rows: list) -> None:
    columns = expanded(*runs_of(rows), one_each(TERMS))
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == rows


@given(
    st.lists(triples, min_size=1),
    st.lists(st.lists(st.integers(0, 7), max_size=3), min_size=TERMS, max_size=TERMS),
)
def test_a_number_may_stand_for_any_number_of_terms(rows: list, rooms: list[list[int]]) -> None:
    begins = np.cumsum([0, *map(len, rooms)], dtype=np.int32)
    targets = Targets(begins, np.array([term for room in rooms for term in room], np.int32))
    titles = np.full(DOCS, 5, np.int32)
    found = whole(invert(*runs_of(rows), titles, 8, targets, piece=2))
    written = [(term, doc, place) for number, doc, place in rows for term in rooms[number]]
    expected = inverted_portably(*np.array(written, np.int32).reshape(-1, 3).T, titles)
    for one, other in zip(found, expected, strict=True):
        assert one.tolist() == other.tolist()


needs_compiled = pytest.mark.skipif(compiled is None, reason="the compiled one is what is tried")


@needs_compiled
@pytest.mark.parametrize("wrong", [(-1, 0, 0), (TERMS, 0, 0), (0, -1, 0), (0, DOCS, 0), (0, 0, -1)])
def test_numbers_out_of_range_are_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="out of range"):
        inverted([(0, 0, 0), wrong], [9] * DOCS)


def int32(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int32)


@needs_compiled
@pytest.mark.parametrize(
    "wrong", [((0, 2), (0,)), ((1, 0), (0,)), ((-1, 1), (0,)), ((0, 1), (5,)), ((0, 1), (-1,))]
)
def test_targets_out_of_range_are_refused(wrong: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    targets = [int32(*each) for each in wrong]
    with pytest.raises(ValueError, match="out of range"):
        compiled.count(int32(0), *targets, np.zeros(2, np.int64))
    with pytest.raises(ValueError, match="out of range"):
        compiled.deal(*dealing(32, targets=targets))


BITS = pytest.mark.parametrize("bits", [10, 32])


def dealing(
    bits: int,
    runs: tuple = ((0,), (5,), (2,)),
    targets: list | None = None,
    starts: tuple[int, ...] = (0, 2),
    room: int = 2,
) -> tuple[int, tuple[np.ndarray, ...]]:
    """Make what deals two equal numbers of one term in one document."""
    columns = [int32(*column) for column in runs]
    targets = targets or [int32(0, 1), int32(0)]
    width = np.uint64 if bits == 32 else np.uint32
    last = [np.array(starts, np.int64), np.zeros(room, width)]
    return bits, (int32(0, 0), *columns, *targets, int32(9), *last)


@needs_compiled
@BITS
@pytest.mark.parametrize(
    "wrong",
    [
        {"runs": ((1,), (5,), (2,))},
        {"runs": ((0,), (-1,), (2,))},
        {"runs": ((0,), (5,), (3,))},
        {"runs": ((0,), (5,), (-1,))},
        {"runs": ((0,), (5,), (1,))},
        {"runs": ((0,), (2**31 - 2,), (2,))},
        {"starts": (0, 1), "room": 1},
        {"starts": (1, 2)},
        {"starts": (0, 3), "room": 3},
        {"starts": (2, 0), "room": 0},
        {"room": 1},
    ],
)
def test_what_does_not_go_where_it_was_counted_is_refused(bits: int, wrong: dict) -> None:
    compiled.deal(*dealing(bits))
    with pytest.raises(ValueError, match="out of range"):
        compiled.deal(*dealing(bits, **wrong))


@needs_compiled
def test_positions_and_documents_have_no_more_bits_than_there_are() -> None:
    compiled.deal(*dealing(10, runs=((0,), (1022,), (2,))))
    with pytest.raises(ValueError, match="out of range"):
        compiled.deal(*dealing(10, runs=((0,), (1023,), (2,))))
    bits, arrays = dealing(31)
    compiled.deal(bits, (*arrays[:6], int32(9, 9), *arrays[7:]))
    with pytest.raises(ValueError, match="out of range"):
        compiled.deal(bits, (*arrays[:6], int32(9, 9, 9), *arrays[7:]))
    for wrong in (0, 33, -1):
        with pytest.raises(ValueError, match="bits"):
            compiled.deal(wrong, arrays)
        with pytest.raises(ValueError, match="out of range"):
            compiled.collect(0, 1, wrong, collecting(32))


@needs_compiled
@BITS
@pytest.mark.parametrize("short", range(9))
def test_arrays_that_do_not_fit_together_are_refused(bits: int, short: int) -> None:
    arrays = [bytearray(array.tobytes()) for array in dealing(bits)[1]]
    compiled.deal(bits, tuple(arrays))
    cut = [*arrays[:short], arrays[short][:-1], *arrays[short + 1 :]]
    with pytest.raises(ValueError, match="do not fit"):
        compiled.deal(bits, tuple(cut))
    cut[short] = bytearray()
    with pytest.raises(ValueError, match=r"do not fit|out of range"):
        compiled.deal(bits, tuple(cut))
    with pytest.raises(TypeError):
        compiled.deal(bits, tuple(arrays[1:]))


def collecting(bits: int, room: int = 2, starts: tuple[int, ...] = (0, 2), doc: int = 0) -> tuple:
    width = np.uint64 if bits == 32 else np.uint32
    dealt = np.array([doc << bits | 5, doc << bits | 6], width)
    made = [np.zeros(room, kind) for kind in ("i4", "i4", "i4", "u4")]
    return (np.array(starts, np.int64), int32(9), dealt, int32(0), *made)


@needs_compiled
@BITS
@pytest.mark.parametrize(
    "wrong",
    [
        {"room": 1},
        {"starts": (0, 3)},
        {"starts": (-1, 1)},
        {"starts": (2, 1)},
        {"starts": (1, -(2**63))},
        {"doc": 1},
    ],
)
def test_what_cannot_be_collected_is_refused(bits: int, wrong: dict) -> None:
    assert compiled.collect(0, 1, bits, collecting(bits)) == (1, 2)
    with pytest.raises(ValueError, match="out of range"):
        compiled.collect(0, 1, bits, collecting(bits, **wrong))


@needs_compiled
@pytest.mark.parametrize("terms", [(-1, 1), (0, 2), (1, 0)])
def test_ranges_of_terms_that_are_not_there_are_refused(terms: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        compiled.collect(*terms, 32, collecting(32))


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
