"""Segments searched as one answer as one segment would that has all their documents."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from alone import whole_of
from hypothesis import given
from hypothesis import strategies as st
from implementations import IMPLEMENTATIONS
from random_calls import Named, United, resolved
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
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from searchsvc.engines.whoosh.kernel import Kernel, Program, Segment

DOCS = 9
LISTS = 4
GROUPS = 3
ANYWHERE = (-math.inf, -1)

terms = st.dictionaries(
    st.integers(0, DOCS - 1),
    st.tuples(st.sets(st.integers(0, 5), min_size=1).map(sorted), st.integers(0, 1)),
)
"""A term: in each of its documents its positions, and how often it stands in the title."""

columns = st.fixed_dictionaries(
    {
        "dead": st.lists(st.booleans(), min_size=DOCS, max_size=DOCS),
        "minute": st.lists(st.integers(-2, 2), min_size=DOCS, max_size=DOCS),
        "first_day": st.lists(st.integers(0, 3), min_size=DOCS, max_size=DOCS),
        "group": st.lists(st.integers(-1, GROUPS - 1), min_size=DOCS, max_size=DOCS),
        "title_made": st.lists(st.integers(0, 1), min_size=DOCS, max_size=DOCS),
        "title_tokens": st.lists(st.integers(0, 4), min_size=DOCS, max_size=DOCS),
    }
)

nodes = st.recursive(
    st.one_of(
        st.tuples(st.just(WORD), st.integers(0, LISTS - 1)),
        st.tuples(st.just(TITLE), st.integers(0, LISTS - 1)),
        st.tuples(st.just(WIDE), st.integers(0, LISTS), st.integers(0, LISTS)),
        st.tuples(st.just(SPANS), st.integers(-1, 3), *[st.integers(0, LISTS - 1)] * 2),
        st.tuples(st.just(VALUE), st.integers(0, 4)),
        st.tuples(st.just(SET), st.sets(st.integers(0, DOCS - 1)).map(sorted)),
    ),
    lambda own: st.tuples(
        st.sampled_from((ALL, ANY, BEST)), *[st.lists(own, max_size=2).map(tuple)] * 3
    ),
    max_leaves=6,
)
"""Nodes of programs, not yet laid out for segments."""

Cuts = list[tuple[int, int]]


class Laid:
    """Lays programs out for segments that have their documents from one border to the next."""

    def __init__(
        self, lists: Sequence[dict[int, Any]], cuts: Cuts, values: Sequence[int], kernel: Kernel
    ) -> None:
        self._lists = lists
        self._cuts = cuts
        self._values = values
        self._kernel = kernel

    def segments(self, given: dict[str, list[int]]) -> tuple[Segment, ...]:
        """Make the segments."""
        return tuple(self._segment(low, high, given) for low, high in self._cuts)

    def _segment(self, low: int, high: int, given: dict[str, list[int]]) -> Segment:
        lists = [{doc - low: own[doc] for doc in own if low <= doc < high} for own in self._lists]
        own = {name: values[low:high] for name, values in given.items()}
        return made(high - low, lists, last_day=own["first_day"], **own).of(self._kernel)

    def node(self, node: tuple[Any, ...]) -> Program:
        """Lay a node out."""
        return self._kinds()[node[0]](*node[1:])

    def column(self) -> tuple[Any, ...]:
        """Lay out a column of one value each; a segment's ordinals are in an order of its own."""
        return tuple(self._column(low, high) for low, high in self._cuts)

    def _column(self, low: int, high: int) -> Any:
        names = sorted(set(self._values[low:high]), reverse=True)
        ordinals = [names.index(value) for value in self._values[low:high]]
        return None, np.array(ordinals, np.int32), np.array(names, np.int32)

    def _kinds(self) -> dict[int, Callable[..., Program]]:
        return {
            WORD: lambda number: (WORD, 2.0, self._ones(number)),
            TITLE: lambda number: (TITLE, 2.0, self._rows(number)),
            WIDE: lambda *ends: (WIDE, 1.0, self._each(lambda _: ((0, *sorted(ends), None),))),
            SPANS: lambda distance, *items: (SPANS, 1.0, distance, tuple(map(self._item, items))),
            VALUE: lambda value: (VALUE, self._each(lambda place: self._carried(place, value))),
            SET: lambda docs: (SET, np.array(docs, np.int32), np.array(docs, np.float32)),
            ALL: lambda *parts: (ALL, *map(self._nodes, parts), bool(parts[2]), 1, 2),
            ANY: lambda *parts: (ANY, self._nodes(sum(parts, ()))),
            BEST: lambda *parts: (BEST, self._nodes(sum(parts, ()))),
        }

    def _nodes(self, nodes: Sequence[tuple[Any, ...]]) -> tuple[Program, ...]:
        return tuple(map(self.node, nodes))

    def _each(self, make: Callable[[int], Any]) -> tuple[Any, ...]:
        return tuple(make(place) for place in range(len(self._cuts)))

    def _has(self, number: int, place: int) -> bool:
        low, high = self._cuts[place]
        return any(low <= doc < high for doc in self._lists[number])

    def _ones(self, number: int) -> tuple[Any, ...]:
        return self._each(
            lambda place: (
                United((Named(0, number, place),), place) if self._has(number, place) else None
            )
        )

    def _rows(self, number: int) -> tuple[Any, ...]:
        return self._each(
            lambda place: (Named(0, number, place),) if self._has(number, place) else ()
        )

    def _item(self, number: int) -> tuple[Any, ...]:
        return self._ones(number), self._rows(number)

    def _carried(self, place: int, value: int) -> Any:
        starts, ordinals, names = self._column(*self._cuts[place])
        if value not in names.tolist():
            return None
        return starts, ordinals, names.tolist().index(value)


def cut(borders: set[int]) -> Cuts:
    return list(pairwise(sorted({0, DOCS, *borders})))


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
@given(
    lists=st.lists(terms, min_size=LISTS, max_size=LISTS),
    given_columns=columns,
    node=nodes,
    values=st.lists(st.integers(0, 4), min_size=DOCS, max_size=DOCS),
    borders=st.sets(st.integers(1, DOCS - 1), min_size=1),
    order=st.sampled_from((0, 0, 1, -1)),
    after=st.just(ANYWHERE) | st.tuples(st.integers(-3, 1).map(float), st.integers(-1, DOCS)),
    wanted=st.integers(0, DOCS + 1),
    folded=st.none() | st.sets(st.integers(0, GROUPS - 1)).map(sorted),
)
def test_segments_are_searched_as_if_they_were_one(
    name, lists, given_columns, node, values, borders, order, after, wanted, folded
) -> None:
    kernel = IMPLEMENTATIONS[name]()
    found = []
    for cuts in ([(0, DOCS)], cut(borders)):
        laid = Laid(lists, cuts, values, kernel)
        segments = laid.segments(given_columns)
        program = resolved((ANY, (laid.node(node),)), segments, {})
        if node[0] in {ALL, ANY, BEST}:
            program = program[1][0]
        whole, facets = kernel.Whole(segments), ((5, laid.column()),)
        groups = None if folded is None else np.array(folded, np.int32)
        asked = (program, order, *after, wanted, groups, facets, math.inf)
        until = whole.groups_until(program, order, *after, math.inf)
        found.append((whole.search(*asked), whole.matching(program, math.inf), until))
    one, several = found
    assert several == one


def hits(segments: Sequence[Segment], program: Program, wanted: int = 10) -> list[Any]:
    asked = resolved(program, segments, {})
    found = whole_of(*segments).search(asked, 0, *ANYWHERE, wanted, None, (), math.inf)
    return [(number, score) for _, number, score in found[1]]


@pytest.fixture(params=IMPLEMENTATIONS)
def kernel(request: pytest.FixtureRequest) -> Kernel:
    return IMPLEMENTATIONS[request.param]()


def test_documents_go_on_from_segment_to_segment(kernel: Kernel) -> None:
    first = made(3, [{2: [0]}]).of(kernel)
    second = made(5, [{0: [0, 1]}, {4: [0]}]).of(kernel)
    word = (WORD, 1.0, (Named(0, 0), Named(0, 0, 1)))
    assert hits((first, second), (ANY, (word,))) == [(3, worth(2)), (2, worth(1))]
    other = (WORD, 1.0, (None, Named(0, 1, 1)))
    assert hits((first, second), (ANY, (other,))) == [(7, worth(1))]
    assert hits((first, second), (ANY, (word, other)), 2) == [(3, worth(2)), (2, worth(1))]


def test_equal_scores_keep_their_order_over_segments(kernel: Kernel) -> None:
    segments = [made(40, [{doc: [0] for doc in range(40)}]).of(kernel) for _ in range(3)]
    word = (WORD, 1.0, tuple(Named(0, 0, place) for place in range(3)))
    assert [number for number, _ in hits(segments, (ANY, (word,)), 50)] == list(range(50))


def test_facets_of_segments_are_counted_together(kernel: Kernel) -> None:
    segments = tuple(made(2, []).of(kernel) for _ in range(3))
    ordinals = np.array([0, 1], np.int32)
    columns = (
        (None, ordinals, np.array([4, 0], np.int32)),
        (None, ordinals, None),
        None,
    )
    everything = (ALL, (), (), (), False, 0, 0)
    asked = (everything, 0, *ANYWHERE, 0, None, ((5, columns),), math.inf)
    assert whole_of(*segments).search(*asked) == (6, [], [[(0, 2), (1, 1), (4, 1)]])


@pytest.mark.parametrize("numbers", [[5], [-1], []])
def test_numbers_outside_a_facet_are_refused(kernel: Kernel, numbers: list[int]) -> None:
    segment = made(1, []).of(kernel)
    column = (None, np.array([0], np.int32), np.array(numbers, np.int32))
    everything = (ALL, (), (), (), False, 0, 0)
    facets = ((5, (column,)),) if numbers else ((0, (column,)),)
    with pytest.raises(ValueError, match=r"\w"):
        whole_of(segment).search(everything, 0, *ANYWHERE, 0, None, facets, math.inf)


@pytest.mark.parametrize(
    "node",
    [
        (WORD, 1.0, ()),
        (WORD, 1.0, (None, None, None)),
        (WIDE, 1.0, ((),)),
        (TITLE, 1.0, ((), (), ())),
        (VALUE, (None,)),
        (SPANS, 1.0, -1, (((None,), ((), ())),)),
    ],
)
def test_every_segment_has_its_part_of_a_node(kernel: Kernel, node: Program) -> None:
    segments = tuple(made(2, [{0: [0]}]).of(kernel) for _ in range(2))
    with pytest.raises(ValueError, match="each segment"):
        hits(segments, (ANY, (node,)))


def test_a_term_belongs_to_the_segment_at_its_place(kernel: Kernel) -> None:
    segments = tuple(made(2, [{0: [0]}]).of(kernel) for _ in range(2))
    with pytest.raises(TypeError):
        hits(segments, (ANY, ((WORD, 1.0, (Named(0, 0, 1), Named(0, 0, 0))),)))


def test_a_deadline_is_looked_at_in_every_segment(kernel: Kernel) -> None:
    segments = tuple(made(2, []).of(kernel) for _ in range(2))
    with pytest.raises(TimeoutError):
        whole_of(*segments).matching((ALL, (), (), (), False, 0, 0), 0.0)


def test_a_whole_is_made_of_segments_of_one_kernel(kernel: Kernel) -> None:
    segment = made(2, []).of(kernel)
    for wrong in ([segment], (segment, None), 5):
        with pytest.raises(TypeError):
            kernel.Whole(wrong)


def test_a_whole_of_nothing_finds_nothing(kernel: Kernel) -> None:
    whole = kernel.Whole(())
    assert whole.search((ANY, ()), 0, *ANYWHERE, 3, None, ((4, ()),), math.inf) == (0, [], [[]])


def test_a_whole_outlives_the_names_of_its_segments(kernel: Kernel) -> None:
    whole = whole_of(made(3, []).of(kernel), made(2, []).of(kernel))
    found, _ = whole.matching((ALL, (), (), (), False, 0, 0), math.inf)
    assert np.frombuffer(found, np.int32).tolist() == [0, 1, 2, 3, 4]
