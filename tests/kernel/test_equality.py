"""Both kernels give the same totals, documents and scores, to the last bit; so does brute force."""

from __future__ import annotations

import math
import time
from collections import Counter
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from implementations import IMPLEMENTATIONS, compiled
from random_calls import COARSE
from runs import compare

from searchsvc.engines.whoosh import portable

if TYPE_CHECKING:
    from searchsvc.engines.whoosh.kernel import Kernel

SEED = 20261122
DOCS = 9
LENGTH = 5
LENGTHS = np.full(DOCS, LENGTH, np.uint8)

words = st.lists(st.dictionaries(st.integers(0, DOCS - 1), st.integers(1, 255)), max_size=3)
"""A word: for each of its lists how often documents have it."""


@pytest.fixture(params=IMPLEMENTATIONS)
def kernel(request: pytest.FixtureRequest) -> Kernel:
    return IMPLEMENTATIONS[request.param]()


def later() -> float:
    return time.monotonic() + 60


def test_random_calls_give_the_same_bits(whole: bool) -> None:
    cases = 100_000 if whole else 3_000
    sound = compare(compiled(), cases, SEED)
    print(f"\nseed {SEED}: {sound}")
    assert sound.found > cases / 3, "most calls should find something"


def operand(word: list[dict[int, int]]) -> tuple:
    return 1.0, tuple(
        (
            np.array(sorted(own), np.int32),
            np.array([own[doc] << 8 | LENGTH for doc in sorted(own)], np.uint16),
            None,
        )
        for own in word
    )


def worth(word: list[dict[int, int]], doc: int) -> float:
    return COARSE[min(255, sum(own.get(doc, 0) for own in word)) << 8 | LENGTH].item()


def having(word: list[dict[int, int]]) -> set[int]:
    return {doc for own in word for doc in own}


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
@given(
    mode=st.sampled_from("AOE"),
    must=st.lists(words, min_size=1, max_size=3),
    should=st.lists(words, max_size=3),
    without=st.lists(words, max_size=1),
    dead=st.sets(st.integers(0, DOCS - 1)),
    best=st.booleans(),
    minutes=st.none() | st.lists(st.integers(-3, 3), min_size=DOCS, max_size=DOCS),
    after=st.tuples(st.sampled_from((-math.inf, -1.25, 0.0, 2.0, math.inf)), st.integers(-1, DOCS)),
    wanted=st.integers(0, DOCS + 1),
)
def test_brute_force_agrees_on_sets(
    name, mode, must, should, without, dead, best, minutes, after, wanted
) -> None:
    every = {
        "A": set.intersection(*map(having, must)),
        "O": set().union(*map(having, should)),
        "E": set(range(DOCS)),
    }[mode]
    left = every - set().union(*map(having, without)) - dead
    scores = {}
    for doc in left:
        needed = [worth(word, doc) for word in must] if mode == "A" else []
        added = [worth(word, doc) for word in should if doc in having(word)]
        scores[doc] = max(added) if best and mode == "O" else sum(needed + added)
    keys = {doc: -scores[doc] if minutes is None else float(minutes[doc]) for doc in left}
    ordered = sorted((keys[doc], doc) for doc in left if (keys[doc], doc) > after)[:wanted]

    total, docs, found = IMPLEMENTATIONS[name]().boolean(
        *(mode, DOCS, COARSE, *(tuple(map(operand, part)) for part in (must, should, without))),
        *((None, None, 0, 0), np.isin(np.arange(DOCS), list(dead)).astype(np.uint8)),
        *((None if minutes is None else np.array(minutes, np.int64), 1), after, wanted, best),
        later(),
    )
    assert total == len(left)
    assert np.frombuffer(docs, np.int32).tolist() == [doc for _, doc in ordered]
    assert np.frombuffer(found, np.float32).tolist() == [scores[doc] for _, doc in ordered]


terms = st.dictionaries(
    st.integers(0, 3), st.sets(st.integers(0, 9) | st.integers(65_520, 65_535), min_size=1)
)
"""A term: for each of its documents its positions."""


def stream(posted: list[dict[int, set[int]]], base: int) -> tuple[tuple, list[tuple]]:
    rows = [(doc, sorted(own[doc])) for own in posted for doc in sorted(own)]
    counts = np.array([len(positions) for _, positions in rows], np.int64)
    every = np.array([at for _, positions in rows for at in positions], np.int64) + base
    begins = (np.cumsum(counts) - counts)[::128].copy()
    kind = np.uint32 if base else np.uint16
    empty = (np.zeros(0, np.int64), np.zeros(0, np.uint32))
    firsts = np.cumsum([0, *map(len, posted)]).tolist()
    lists = [
        (np.array(sorted(own), np.int32), first) for own, first in zip(posted, firsts, strict=False)
    ]
    return (counts.astype(np.uint8), begins, every.astype(kind), base > 0, *empty), lists


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
@given(
    posted=st.lists(terms, min_size=1, max_size=4),
    items=st.lists(st.lists(st.integers(0, 3), max_size=2), min_size=1, max_size=4),
    distance=st.integers(-1, 5) | st.just(2**70),
    base=st.sampled_from((0, 2**32 - 65_536)),
)
def test_brute_force_agrees_on_phrases_and_pairs(name, posted, items, distance, base) -> None:
    items = [[term % len(posted) for term in item] for item in items]
    if distance >= 0:
        items = (items * 2)[:2]
    counts: Counter[int] = Counter()
    for doc in range(DOCS):
        where = [set().union(*(posted[term].get(doc, ()) for term in item)) for item in items]
        if distance < 0:
            counts[doc] = sum(
                all(at + offset in own for offset, own in enumerate(where)) for at in where[0]
            )
        else:
            pairs = product(where[0], where[1])
            counts[doc] = len({one for one, two in pairs if 0 < abs(one - two) <= distance})

    positions, lists = stream(posted, base)
    total, docs, scores = IMPLEMENTATIONS[name]().spans(
        *(DOCS, COARSE, LENGTHS, 2.0, distance, (positions,)),
        tuple(tuple((0, *lists[term]) for term in item) for item in items),
        later(),
    )
    expected = [doc for doc in range(DOCS) if counts[doc]]
    assert np.frombuffer(docs, np.int32).tolist() == expected
    assert total == len(expected)
    impacts = [2 * COARSE[min(255, counts[doc]) << 8 | LENGTH].item() for doc in expected]
    assert np.frombuffer(scores, np.float32).tolist() == impacts


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
@settings(max_examples=200)
@given(strings=st.sets(st.binary(max_size=3)), key=st.binary(max_size=3))
def test_brute_force_agrees_on_strings(name, strings, key) -> None:
    ordered = sorted(strings)
    offsets = np.cumsum([0, *map(len, ordered)]).astype(np.int64)
    found = IMPLEMENTATIONS[name]().find(b"".join(ordered), offsets, key)
    assert found == (sum(string < key for string in ordered), key in strings)


def lists_of(doc: int, count: int) -> tuple:
    code = np.array([255 << 8 | LENGTH], np.uint16)
    return 1.0, ((np.array([doc], np.int32), code, None),) * count


@pytest.mark.parametrize("mode", "AOE")
@pytest.mark.parametrize("count", [2, 257, 258, 1_000])
def test_a_pattern_of_many_terms_counts_to_255(kernel: Kernel, mode: str, count: int) -> None:
    word = (lists_of(3, count),)
    _, docs, scores = kernel.boolean(
        *(mode, DOCS, COARSE, word if mode == "A" else (), word if mode != "A" else (), ()),
        *((None, None, 0, 0), None, (None, 1), (-math.inf, -1), 1, False, later()),
    )
    assert np.frombuffer(docs, np.int32).tolist() == [3]
    assert np.frombuffer(scores, np.float32)[0] == COARSE[255 << 8 | LENGTH]


def test_a_best_score_may_be_below_nothing(kernel: Kernel) -> None:
    docs, scores = np.array([2], np.int32), np.array([-1.5], np.float32)
    both = ((1.0, ((docs, None, scores),)), (1.0, ((docs, None, scores * 2),)))
    _, _, found = kernel.boolean(
        *("O", DOCS, COARSE, (), both, (), (None, None, 0, 0), None, (None, 1), (-math.inf, -1)),
        *(-1, True, later()),
    )
    assert np.frombuffer(found, np.float32).tolist() == [-1.5]


def test_nothing_comes_after_what_is_not_a_number(kernel: Kernel) -> None:
    total, docs, _ = kernel.boolean(
        *("E", DOCS, COARSE, (), (), (), (None, None, 0, 0), None, (None, 1), (math.nan, -1)),
        *(5, False, later()),
    )
    assert (total, docs) == (DOCS, b"")


@pytest.mark.parametrize("number", [-(2**70), 2**70])
def test_places_far_outside_are_places_too(kernel: Kernel, number: int) -> None:
    _, docs, _ = kernel.boolean(
        *("E", DOCS, COARSE, (), (), (), (None, None, 0, 0), None, (None, 1), (0.0, number)),
        *(5, False, later()),
    )
    assert np.frombuffer(docs, np.int32).tolist() == ([0, 1, 2, 3, 4] if number < 0 else [])


def test_neighbours_do_not_cross_documents(kernel: Kernel) -> None:
    posted = [{0: {65_535}}, {1: {0}}]
    positions, lists = stream(posted, 2**32 - 65_536)
    positions[2][1] = 0
    for distance in (-1, 5):
        arguments = (DOCS, COARSE, LENGTHS, 1.0, distance, (positions,))
        items = tuple(((0, *row),) for row in lists)
        assert kernel.spans(*arguments, items, later())[0] == 0
        assert portable.spans(*arguments, items[::-1], later())[0] == 0


def test_a_term_that_a_segment_lacks_stands_nowhere(kernel: Kernel) -> None:
    positions, lists = stream([{0: {1}}], 0)
    items = (((0, *lists[0]),), ())
    found = kernel.spans(DOCS, COARSE, LENGTHS, 1.0, -1, (positions,), items, later())
    assert found == (0, b"", b"")
