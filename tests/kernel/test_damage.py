"""Damaged arrays and wrong calls give an error or an answer, in both kernels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from alone import alone, facet_of, whole_of
from implementations import IMPLEMENTATIONS, compiled
from runs import survive
from small_segments import made

from searchsvc.engines.whoosh import unpacking
from searchsvc.engines.whoosh.kernel import ANY, SET, SPANS, TITLE, VALUE, WIDE, WORD
from searchsvc.engines.whoosh.packing import MARGIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Kernel, Program, Segment

SEED = 20261123
SIZE = 70_000
PARTS = tuple(unpacking.DTYPES)

COMMON = {doc: [doc % 7] for doc in range(0, SIZE, 5)}
"""A term of every fifth document: bitmaps in both chunks but for the last documents."""

FEW = {1: [3, 5], 40: range(20), SIZE - 1: [9]}
"""A term of three documents; one has it more often than a nibble says."""


@pytest.fixture(params=IMPLEMENTATIONS)
def kernel(request: pytest.FixtureRequest) -> Kernel:
    return IMPLEMENTATIONS[request.param]()


def test_random_damage_is_survived(kernel: Kernel, whole: bool) -> None:
    cases = 50_000 if whole else 1_000
    damaged = survive(kernel, cases, SEED)
    print(f"\nseed {SEED}: {damaged}")
    assert cases / 4 < damaged.refused < cases, "damage should be seen, and not everywhere"


def opened(kernel: Kernel, **changed: Callable[[NDArray[Any]], NDArray[Any]]) -> Segment:
    """Make a segment whose field has some arrays changed."""
    arguments = made(SIZE, [COMMON, FEW]).arguments
    field = dict(zip(PARTS, arguments[3][0], strict=True))
    assert set(changed) <= set(field)
    for name, change in changed.items():
        field[name] = change(field[name].copy())
    return kernel.Segment(*arguments[:3], (tuple(field.values()),), *arguments[4:])


def put(place: int, value: int) -> Callable[[NDArray[Any]], NDArray[Any]]:
    def change(array: NDArray[Any]) -> NDArray[Any]:
        array[place] = value
        return array

    return change


def read(segment: Segment) -> None:
    """Read everything there is of both terms."""
    terms = tuple(segment.term(0, number) for number in (0, 1))
    every = tuple((SPANS, 1.0, -1, ((term, (term,)),)) for term in terms)
    whole_of(segment).matching(alone((ANY, every)), math.inf)


def test_an_undamaged_segment_is_read(kernel: Kernel) -> None:
    read(opened(kernel))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("change", [lambda a: a[:-1], lambda a: np.append(a, a[:1])])
def test_arrays_of_other_lengths_are_refused(kernel: Kernel, part: str, change: Any) -> None:
    if part == "lists":
        change = {1: lambda a: a[:0]}.get(0, lambda a: a[:0])
    with pytest.raises(ValueError, match=r"\w"):
        read(opened(kernel, **{part: change}))


LIES = {
    "a document twice": {"lows": put(1, 1)},
    "documents that descend": {"lows": put(0, 50)},
    "a document behind the last one": {"lows": put(-1, 65_535)},
    "a bit too few": {"words": put(0, 0)},
    "a bit too many": {"words": put(3, 2**64 - 1)},
    "blocks that descend": {"blocks": put(1, 2**32 - 1)},
    "a block of another chunk": {"chunks": put(0, 1)},
    "a chunk behind the last one": {"chunks": put(1, 9)},
    "a list behind the last block": {"lists": put(1, 99)},
    "lists that descend": {"lists": put(0, 3)},
    "a bitmap of another block": {"large": put(0, 2)},
    "a bitmap behind the words": {"large_at": put(0, 2**32 - 1)},
    "rare ones that are not listed": {"rare_at": put(0, 0)},
    "no width": {"widths": put(0, 0)},
    "a width of more than 32 bits": {"widths": put(0, 33)},
    "a frame behind the positions": {"frames": put(0, 2**32 - 1)},
    "more occurrences than positions": {"rare_tf": put(0, 2**32 - 1)},
}


@pytest.mark.parametrize("fact", LIES)
def test_lies_are_found(kernel: Kernel, fact: str) -> None:
    with pytest.raises(ValueError, match="damaged"):
        read(opened(kernel, **LIES[fact]))


def crowded(kernel: Kernel, claimed: int) -> Segment:
    """Make a segment with 5 MB of positions of a bit each, so many of them of one posting."""
    size = 5 << 20
    last = np.array([size], np.uint32)
    return opened(
        kernel,
        positions=lambda _: np.full(size + MARGIN, 255, np.uint8),
        frames=lambda frames: np.append(np.zeros_like(frames[:-1]), last),
        widths=np.ones_like,
        rare_tf=put(0, claimed),
    )


def test_no_posting_has_more_positions_than_a_file_has_room_for(kernel: Kernel) -> None:
    with pytest.raises(ValueError, match="damaged"):
        read(crowded(kernel, (1 << 25) + 1))


def test_the_clock_is_looked_at_before_many_positions_are_read(kernel: Kernel) -> None:
    segment = crowded(kernel, 1 << 20)
    term, doc = segment.term(0, 1), np.array([40], np.int32)
    with pytest.raises(TimeoutError):
        segment.positions((term,), doc, 0.0)
    assert len(segment.positions((term,), doc, math.inf)[0]) == 8 << 20


def test_the_compiled_kernel_checks_rank_directories() -> None:
    with pytest.raises(ValueError, match="damaged"):
        read(opened(compiled(), words=put(1_025, 7)))


def total(segment: Segment, program: Program) -> int:
    return whole_of(segment).search(alone(program), 0, -math.inf, -1, 0, None, (), math.inf)[0]


NOTHING = np.zeros(0, np.int32)
WRONG: dict[str, tuple[Any, ...]] = {
    "a weight below zero": (WIDE, -1.0, ()),
    "a weight that is no number": (WIDE, math.nan, ()),
    "a weight without end": (WIDE, math.inf, ()),
    "a field that is not there": (WIDE, 1.0, ((1, 0, 1, None),)),
    "a field before the first": (WIDE, 1.0, ((-1, 0, 1, None),)),
    "terms behind the last": (WIDE, 1.0, ((0, 0, 3, None),)),
    "terms before the first": (WIDE, 1.0, ((0, -1, 1, None),)),
    "a term behind the last": (WIDE, 1.0, ((0, 0, 0, np.array([2], np.uint32)),)),
    "documents out of order": (SET, np.array([2, 1], np.int32), None),
    "a document twice": (SET, np.array([1, 1], np.int32), None),
    "a document too high": (SET, np.array([SIZE], np.int32), None),
    "a document below zero": (SET, np.array([-1], np.int32), None),
    "scores of others": (SET, NOTHING, np.zeros(1, np.float32)),
    "a score that is no number": (SET, np.zeros(1, np.int32), np.array([math.nan], np.float32)),
    "a score below zero": (SET, np.zeros(1, np.int32), np.array([-1], np.float32)),
    "few values": (VALUE, None, NOTHING, 0),
    "few starts": (VALUE, np.zeros(3, np.int64), NOTHING, 0),
    "starts behind the values": (VALUE, np.full(SIZE + 1, 5), NOTHING, 0),
    "starts that descend": (VALUE, np.arange(SIZE + 1)[::-1].copy(), np.zeros(SIZE, np.int32), 0),
    "a phrase of nothing": (SPANS, 1.0, -1, ()),
    "a pair of one": (SPANS, 1.0, 5, ((None, ()),)),
    "a node that is not there": (9, ()),
    "a node before the first": (-1, ()),
    "a node of too little": (WORD, 1.0),
    "a node of too much": (TITLE, 1.0, (), 5),
    "a node of nothing": (),
}


@pytest.mark.parametrize("fact", WRONG)
def test_programs_that_are_wrong_are_refused(kernel: Kernel, fact: str) -> None:
    with pytest.raises((ValueError, TypeError), match=r"\w"):
        total(opened(kernel), (ANY, (WRONG[fact],)))


@pytest.mark.parametrize(
    "node", [5, (WORD, 1.0, 5), (TITLE, 1.0, 5), [ANY, ()], (TITLE, 1.0, (5,))]
)
def test_what_is_no_tuple_or_term_is_named(kernel: Kernel, node: Any) -> None:
    with pytest.raises(TypeError):
        total(opened(kernel), (ANY, (node,)))


@pytest.mark.parametrize(
    "facet",
    [
        (None, np.full(SIZE, 7, np.int32), 7),
        (None, np.full(SIZE, -2, np.int32), 7),
        (None, NOTHING, 7),
        (np.full(SIZE + 1, 2**62), NOTHING, 7),
    ],
)
def test_facets_outside_their_values_are_refused(kernel: Kernel, facet: Any) -> None:
    segment = opened(kernel)
    word = (ANY, ((WORD, 1.0, segment.term(0, 1)),))
    with pytest.raises(ValueError, match=r"\w"):
        whole_of(segment).search(
            alone(word), 0, -math.inf, -1, 0, None, (facet_of(facet),), math.inf
        )


@pytest.mark.parametrize("number", [-1, 2, 2**31, 2**63, -(2**70)])
def test_there_are_no_other_terms(kernel: Kernel, number: int) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        opened(kernel).term(0, number)


@pytest.mark.parametrize("place", [1, 2, 5, 6])
def test_columns_of_other_lengths_are_refused(kernel: Kernel, place: int) -> None:
    arguments = list(made(SIZE, [FEW], group=[-1] * SIZE).arguments)
    own = arguments[place]
    arguments[place] = (*own[:-1], own[-1][:-1]) if isinstance(own, tuple) else own[:-1]
    with pytest.raises(ValueError, match=r"\w"):
        kernel.Segment(*arguments)


def test_impacts_are_numbers_from_zero_on(kernel: Kernel) -> None:
    for wrong in (math.nan, math.inf, -1.0):
        arguments = list(made(SIZE, [FEW]).arguments)
        arguments[1] = arguments[1].copy()
        arguments[1][77] = wrong
        with pytest.raises(ValueError, match="impact"):
            kernel.Segment(*arguments)


def test_folding_needs_groups(kernel: Kernel) -> None:
    segment = opened(kernel)
    with pytest.raises(ValueError, match="groups"):
        whole_of(segment).search((ANY, ()), 0, -math.inf, -1, 1, NOTHING, (), math.inf)
    with pytest.raises(ValueError, match="groups"):
        whole_of(segment).groups_until((ANY, ()), 0, -math.inf, -1, math.inf)
