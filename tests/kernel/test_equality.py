"""Both kernels give the same totals, documents and scores, to the last bit; so does brute force."""

from __future__ import annotations

import math
from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from alone import facet_of, program_of, whole_of
from hypothesis import given, settings
from hypothesis import strategies as st
from implementations import IMPLEMENTATIONS, compiled
from random_calls import Named, United
from runs import compare
from small_segments import made, worth

from searchsvc.engines.whoosh.kernel import (
    ALL,
    ANY,
    BEST,
    SET,
    SPANS,
    TITLE,
    VALUE,
    WIDE,
    WORD,
    Program,
    Segment,
)

if TYPE_CHECKING:
    from searchsvc.engines.whoosh.kernel import Kernel

SEED = 20261122
DOCS = 9
ANYWHERE = (-math.inf, -1)

terms = st.dictionaries(st.integers(0, DOCS - 1), st.integers(1, 300), max_size=DOCS)
"""A term: how often documents have it."""


@pytest.fixture(params=IMPLEMENTATIONS)
def kernel(request: pytest.FixtureRequest) -> Kernel:
    return IMPLEMENTATIONS[request.param]()


def test_random_calls_give_the_same_bits(whole: bool) -> None:
    cases = 100_000 if whole else 2_000
    sound = compare(compiled(), cases, SEED)
    print(f"\nseed {SEED}: {sound}")
    assert sound.found > cases / 3, "most calls should find something"


def times(own: dict[int, int]) -> dict[int, range]:
    return {doc: range(count) for doc, count in own.items()}


def hits(segment: Segment, program: Program, **changes: Any) -> tuple[int, list, list]:
    arguments = {"order": 0, "after": ANYWHERE, "wanted": DOCS, "folded": None, "facets": ()}
    assert set(changes) <= set(arguments)
    order, after, wanted, folded, facets = (arguments | changes).values()
    return whole_of(segment).search(
        program_of(program, segment),
        order,
        *after,
        wanted,
        folded,
        tuple(map(facet_of, facets)),
        math.inf,
    )


def docs_of(segment: Segment, program: Program, **changes: Any) -> list[int]:
    return [doc for _, doc, _ in hits(segment, program, **changes)[1]]


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
@given(
    kind=st.sampled_from((ALL, ANY, BEST)),
    must=st.lists(terms, min_size=1, max_size=3),
    should=st.lists(terms, max_size=3),
    without=st.lists(terms, max_size=1),
    dead=st.sets(st.integers(0, DOCS - 1)),
    minutes=st.none() | st.lists(st.integers(-3, 3), min_size=DOCS, max_size=DOCS),
    after=st.tuples(st.sampled_from((-math.inf, -1.25, 0.0, 2.0, math.inf)), st.integers(-1, DOCS)),
    wanted=st.integers(0, DOCS + 1),
)
def test_brute_force_agrees_on_sets(
    name, kind, must, should, without, dead, minutes, after, wanted
) -> None:
    lists = [*must, *should, *without]
    nodes = [(WORD, 1.0, Named(0, number)) for number in range(len(lists))]
    needed, added = nodes[: len(must)], nodes[len(must) : len(must) + len(should)]
    left = nodes[len(must) + len(should) :]
    if kind == ALL:
        program = (ALL, tuple(needed), tuple(added), tuple(left), False, 0, 0)
        every = set.intersection(*map(set, must)) - set().union(*without)
    else:
        program = (kind, tuple(needed + added))
        every = set().union(*must, *should)
    every -= dead
    scores = {}
    for doc in every:
        parts = [worth(own[doc]) for own in (*must, *should) if doc in own]
        scores[doc] = max(parts) if kind == BEST else sum(parts)
    keys = {doc: -scores[doc] if minutes is None else float(minutes[doc]) for doc in every}
    expected = sorted((keys[doc], doc, scores[doc]) for doc in every if (keys[doc], doc) > after)

    columns = {"dead": np.isin(np.arange(DOCS), list(dead)), "minute": minutes or [0] * DOCS}
    segment = made(DOCS, list(map(times, lists)), **columns).of(IMPLEMENTATIONS[name]())
    order = 0 if minutes is None else 1
    total, found, _ = hits(segment, program, order=order, after=after, wanted=wanted)
    assert total == len(every)
    assert found == expected[:wanted]
    docs, matching = whole_of(segment).matching(program_of(program, segment), math.inf)
    assert np.frombuffer(docs, np.int32).tolist() == sorted(every)
    assert np.frombuffer(matching, np.float32).tolist() == [scores[doc] for doc in sorted(every)]


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
@given(lists=st.lists(terms, min_size=1, max_size=5), data=st.data())
def test_a_union_is_one_term_and_so_is_a_range(name, lists, data) -> None:
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(lists))] * 2)))
    counts: Counter[int] = Counter()
    for own in lists[low:high]:
        counts.update(own)
    segment = made(DOCS, list(map(times, lists))).of(IMPLEMENTATIONS[name]())
    chosen = tuple(Named(0, number) for number in range(low, high))
    numbers = np.arange(low, high, dtype=np.uint32)
    expected = sorted((-2 * worth(counts[doc]), doc, 2 * worth(counts[doc])) for doc in counts)
    for node in (
        (WORD, 2.0, United(chosen)),
        (WIDE, 2.0, ((0, low, high, None),)),
        (WIDE, 2.0, ((0, 0, 0, numbers),)),
    ):
        assert hits(segment, (ANY, (node,)))[:2] == (len(counts), expected)


places = st.dictionaries(
    st.integers(0, 3),
    st.sets(st.integers(0, 9) | st.integers(65_520, 65_535), min_size=1).map(sorted),
)
"""A term: for each of its documents its positions."""


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
@given(
    posted=st.lists(places, min_size=1, max_size=4),
    items=st.lists(st.lists(st.integers(0, 3), max_size=2, unique=True), min_size=1, max_size=4),
    distance=st.integers(-1, 5) | st.just(2**70),
    base=st.sampled_from((0, 2**32 - 65_536)),
)
def test_brute_force_agrees_on_phrases_and_pairs(name, posted, items, distance, base) -> None:
    items = [sorted({term % len(posted) for term in item}) for item in items]
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
    moved = [{doc: [at + base for at in own[doc]] for doc in own} for own in posted]
    segment = made(DOCS, moved).of(IMPLEMENTATIONS[name]())
    rows = [tuple(Named(0, term) for term in item) for item in items]
    spans = (SPANS, 2.0, distance, tuple((United(row), row) for row in rows))
    expected = sorted((-2 * worth(n), doc, 2 * worth(n)) for doc, n in counts.items() if n)
    assert hits(segment, (ANY, (spans,)))[:2] == (len(expected), expected)


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
@given(
    posted=st.lists(
        st.dictionaries(
            st.integers(0, DOCS - 1),
            st.tuples(st.sets(st.integers(0, 9), min_size=1).map(sorted), st.integers(0, 3)),
        ),
        min_size=1,
        max_size=3,
    ),
    titles=st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=DOCS, max_size=DOCS),
)
def test_brute_force_agrees_on_titles(name, posted, titles) -> None:
    counts: Counter[int] = Counter()
    for own in posted:
        for doc, (positions, title_tf) in own.items():
            is_made, tokens = titles[doc]
            counts[doc] += title_tf or (is_made and sum(at < tokens for at in positions))
    columns = {"title_made": [one for one, _ in titles], "title_tokens": [n for _, n in titles]}
    segment = made(DOCS, posted, **columns).of(IMPLEMENTATIONS[name]())
    every = tuple(Named(0, number) for number in range(len(posted)))
    scores = {doc: worth(n * (1 if titles[doc][0] else 3)) for doc, n in counts.items() if n}
    expected = sorted((-score, doc, score) for doc, score in scores.items())
    assert hits(segment, (ANY, ((TITLE, 1.0, every),)))[:2] == (len(expected), expected)


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
@given(
    own=terms,
    groups=st.lists(st.integers(-1, 3), min_size=DOCS, max_size=DOCS),
    minutes=st.lists(st.integers(-3, 3), min_size=DOCS, max_size=DOCS),
    order=st.sampled_from((0, 1, -1)),
    size=st.integers(1, 4),
)
def test_pages_show_the_best_of_each_group_once(name, own, groups, minutes, order, size) -> None:
    segment = made(DOCS, [times(own)], group=groups, minute=minutes).of(IMPLEMENTATIONS[name]())
    program = (ANY, ((WORD, 1.0, Named(0, 0)),))
    keys = {doc: float(order * minutes[doc]) if order else -worth(own[doc]) for doc in own}
    ordered = sorted(own, key=lambda doc: (keys[doc], doc))
    expected = [
        doc
        for place, doc in enumerate(ordered)
        if groups[doc] < 0 or groups[doc] not in [groups[other] for other in ordered[:place]]
    ]
    shown: list[int] = []
    after, folded = ANYWHERE, np.zeros(0, np.int32)
    while True:
        page = hits(segment, program, order=order, after=after, wanted=size, folded=folded)
        assert page[0] == len(own), "totals count documents, not groups"
        if not page[1]:
            break
        shown += [doc for _, doc, _ in page[1]]
        after = page[1][-1][:2]
        asked = program_of(program, segment)
        before = whole_of(segment).groups_until(asked, order, *after, math.inf)
        folded = np.array(sorted(before), np.int32)
    assert shown == expected


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
@given(
    own=terms,
    values=st.lists(st.sets(st.integers(0, 3)).map(sorted), min_size=DOCS, max_size=DOCS),
    width=st.sampled_from((np.int8, np.int16, np.int32)),
)
def test_facets_count_what_matches(name, own, values, width) -> None:
    segment = made(DOCS, [times(own)]).of(IMPLEMENTATIONS[name]())
    starts = np.cumsum([0, *map(len, values)])
    flat = np.array([value for row in values for value in row], width)
    single = np.array([row[0] if row else -1 for row in values], width)
    facets = ((starts, flat, 4), (None, single, 4))
    _, _, (several, one) = hits(segment, (ANY, ((WORD, 1.0, Named(0, 0)),)), facets=facets)
    counts = Counter(value for doc in own for value in values[doc])
    assert several == sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    counts = Counter(values[doc][0] for doc in own if values[doc])
    assert one == sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    for value in range(4):
        expected = [doc for doc in range(DOCS) if value in values[doc]]
        assert docs_of(segment, (ANY, ((VALUE, starts, flat, value),))) == expected


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
@settings(max_examples=50)
@given(posted=st.lists(places, min_size=1, max_size=4), among=st.sets(st.integers(0, DOCS - 1)))
def test_positions_are_those_that_were_posted(name, posted, among) -> None:
    segment = made(DOCS, posted).of(IMPLEMENTATIONS[name]())
    every = tuple(segment.term(0, number) for number in range(len(posted)))
    found = segment.positions(every, np.array(sorted(among), np.int32), math.inf)
    for own, keys in zip(posted, found, strict=True):
        expected = [(doc, at) for doc in sorted(among & set(own)) for at in own[doc]]
        numbers = np.frombuffer(keys, np.int64).tolist()
        assert [(key >> 32, key & 0xFFFFFFFF) for key in numbers] == expected


def test_a_union_of_many_counts_to_255(kernel: Kernel) -> None:
    segment = made(DOCS, [{3: range(9)}] * 100).of(kernel)
    union = United(tuple(Named(0, number) for number in range(100)))
    assert hits(segment, (ANY, ((WORD, 1.0, union),)))[1] == [(-worth(255), 3, worth(255))]


def test_a_finished_set_has_its_own_scores(kernel: Kernel) -> None:
    segment = made(DOCS, []).of(kernel)
    docs, scores = np.array([2, 5], np.int32), np.array([1.5, 2.5], np.float32)
    assert docs_of(segment, (ANY, ((SET, docs, scores),))) == [5, 2]
    assert docs_of(segment, (ANY, ((SET, docs, None),))) == [2, 5]


@pytest.mark.parametrize("addends", [5, 40, 150])
def test_sums_that_differ_by_the_order_of_adding_are_all_found(
    kernel: Kernel, addends: int
) -> None:
    size, chance = 60, np.random.default_rng(SEED)
    docs = np.arange(size, dtype=np.int32)
    for _ in range(60):
        own = (chance.random(addends) * 5).astype(np.float32)
        parts = np.array([chance.permutation(own) for _ in docs])
        sums = parts.cumsum(axis=1, dtype=np.float32)[:, -1].tolist()
        expected = sorted((-score, doc, score) for doc, score in enumerate(sums))
        segment = made(size, []).of(kernel)
        program = (ANY, tuple((SET, docs, scores.copy()) for scores in parts.T))
        page = hits(segment, program, wanted=5)[1]
        assert page == expected[:5]
        assert hits(segment, program, after=page[-1][:2], wanted=5)[1] == expected[5:10]


def test_undated_documents_come_last_both_ways(kernel: Kernel) -> None:
    segment = made(4, [], minute=[5, -(2**31), 7, -(2**31)]).of(kernel)
    everything = (ALL, (), (), (), False, 0, 0)
    assert docs_of(segment, everything, order=1) == [0, 2, 1, 3]
    assert docs_of(segment, everything, order=-1) == [2, 0, 1, 3]


def test_the_first_minute_of_all_is_the_oldest(kernel: Kernel) -> None:
    segment = made(3, [], minute=[5, -(2**63), 7]).of(kernel)
    everything = (ALL, (), (), (), False, 0, 0)
    assert docs_of(segment, everything, order=1) == [1, 0, 2]
    assert docs_of(segment, everything, order=-1) == [2, 0, 1]


def test_a_range_of_days_takes_whole_spans(kernel: Kernel) -> None:
    days = {"first_day": [1, 2, 3, -(2**31)], "last_day": [2, 4, 3, -(2**31)]}
    segment = made(4, [], **days).of(kernel)
    assert docs_of(segment, (ALL, (), (), (), True, 2, 3)) == [2]
    assert docs_of(segment, (ALL, (), (), (), True, 1, 4)) == [0, 1, 2]
    assert docs_of(segment, (ALL, (), (), (), True, -(2**31), 2**31 - 1)) == [0, 1, 2]


def test_nothing_comes_after_what_is_not_a_number(kernel: Kernel) -> None:
    segment = made(DOCS, []).of(kernel)
    everything = (ALL, (), (), (), False, 0, 0)
    assert hits(segment, everything, after=(math.nan, -1))[:2] == (DOCS, [])


@pytest.mark.parametrize("number", [-(2**70), 2**70])
def test_places_far_outside_are_places_too(kernel: Kernel, number: int) -> None:
    segment = made(DOCS, []).of(kernel)
    everything = (ALL, (), (), (), False, 0, 0)
    found = docs_of(segment, everything, after=(0.0, number), wanted=5)
    assert found == ([0, 1, 2, 3, 4] if number < 0 else [])


def test_neighbours_do_not_cross_documents(kernel: Kernel) -> None:
    segment = made(DOCS, [{0: [2**32 - 1]}, {1: [0]}, {0: [0], 1: [9]}]).of(kernel)
    for one, two in ((0, 1), (1, 0)):
        rows = [(Named(0, number), Named(0, 2)) for number in (one, two)]
        for distance in (-1, 5):
            items = tuple((United(row), row[:1]) for row in rows)
            assert hits(segment, (ANY, ((SPANS, 1.0, distance, items),)))[0] == 0


def test_documents_of_many_chunks_come_together(kernel: Kernel) -> None:
    size = 200_000
    own = {doc: range(1 + doc % 3) for doc in range(0, size, 37)}
    segment = made(size, [own, {doc: [0] for doc in range(0, size, 1000)}]).of(kernel)
    assert segment.term(0, 0).articles == len(own)
    both = (ALL, tuple((WORD, 1.0, Named(0, n)) for n in (0, 1)), (), (), False, 0, 0)
    total, found, _ = hits(segment, both, wanted=3)
    expected = [doc for doc in own if doc % 1000 == 0]
    assert total == len(expected)
    best = sorted(expected, key=lambda doc: (-worth(1 + doc % 3) - worth(1), doc))[:3]
    assert [doc for _, doc, _ in found] == best


def test_living_documents_are_counted_term_by_term(kernel: Kernel) -> None:
    size = 20_000
    lists = [{1: [0], 5: [0]}, {5: [0]}, {doc: [0] for doc in range(size)}]
    dead = [doc % 5 == 0 for doc in range(size)]
    for deleted, expected in ((None, [2, 1, size]), (dead, [1, 0, size * 4 // 5])):
        columns = {} if deleted is None else {"dead": deleted}
        segment = made(size, lists, **columns).of(kernel)
        assert np.frombuffer(segment.living((0, 0, 3, None)), np.int32).tolist() == expected
        chosen = segment.living((0, 0, 0, np.array([2, 0], np.uint32)))
        assert np.frombuffer(chosen, np.int32).tolist() == [expected[2], expected[0]]
