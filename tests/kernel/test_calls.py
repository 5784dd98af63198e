"""How a call behaves: it ends in time, lets other threads run, and keeps nothing."""

from __future__ import annotations

import ctypes
import gc
import math
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from alone import program_of, whole_of
from damage import damaged_call
from implementations import IMPLEMENTATIONS, compiled
from outcomes import outcome
from random_calls import Calls
from random_segments import Segments, opened
from small_segments import made

from searchsvc.engines.whoosh.kernel import ALL, ANY, SET, SPANS, WORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from random_calls import Call
    from random_segments import Made

    from searchsvc.engines.whoosh.kernel import Kernel, Program, Segment

CALLS = 10_000
SIZE = 300


@pytest.fixture(params=IMPLEMENTATIONS)
def kernel(request: pytest.FixtureRequest) -> Kernel:
    return IMPLEMENTATIONS[request.param]()


def total(segment: Segment, program: Program, deadline: float) -> int:
    asked = program_of(program, segment)
    return whole_of(segment).search(asked, 0, -math.inf, -1, 0, None, (), deadline)[0]


def programs(segment: Segment) -> dict[str, Program]:
    term = segment.term(0, 0)
    word = (WORD, 1.0, term)
    return {
        "everything": (ALL, (), (), (), False, 0, 0),
        "a word": (ANY, (word,)),
        "words": (ALL, (word, word), (), (), False, 0, 0),
        "a phrase": (ANY, ((SPANS, 1.0, -1, ((term, (term,)),) * 1),)),
    }


@pytest.mark.parametrize("fact", ["everything", "a word", "words", "a phrase"])
@pytest.mark.parametrize("deadline", [0.0, -math.inf, math.nan])
def test_a_deadline_that_has_passed_ends_a_search(
    kernel: Kernel, fact: str, deadline: float
) -> None:
    segment = made(SIZE, [{doc: [0] for doc in range(SIZE)}]).of(kernel)
    program = programs(segment)[fact]
    with pytest.raises(TimeoutError):
        total(segment, program, deadline)
    with pytest.raises(TimeoutError):
        whole_of(segment).matching(program_of(program, segment), deadline)
    assert total(segment, program, math.inf) == SIZE


def heavy(kernel: Kernel) -> tuple[Segment, Program]:
    """Give a search that takes a second and more: many phrases of common words."""
    size = 60_000
    segment = made(size, [{doc: range(3) for doc in range(size)}]).of(kernel)
    term = segment.term(0, 0)
    phrase = (SPANS, 1.0, -1, ((term, (term,)),) * 20)
    return segment, (ALL, (phrase,) * 100, (), (), False, 0, 0)


def test_a_deadline_ends_long_work() -> None:
    segment, program = heavy(compiled())
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        total(segment, program, begun + 0.05)
    assert 0.05 <= time.monotonic() - begun < 3


def test_two_calls_and_python_go_on_at_once() -> None:
    segment, program = heavy(compiled())
    running = [False, False]

    def work(number: int) -> None:
        running[number] = True
        with suppress(TimeoutError):  # a fast machine is done before
            total(segment, program, time.monotonic() + 2)
        running[number] = False

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    # A call that kept the interpreter's lock would be over before this thread looks.
    until, together = time.monotonic() + 30, False
    while (
        not together and time.monotonic() < until and any(map(threading.Thread.is_alive, threads))
    ):
        together = all(running)
        time.sleep(0.01)
    for thread in threads:
        thread.join()
    assert together


def test_many_threads_get_the_same(kernel: Kernel) -> None:
    chance = np.random.default_rng(5)
    some = Segments(chance).some()
    calls = [Calls(some, chance).any() for _ in range(60)]
    segments = opened(kernel, some)
    expected = [outcome(segments, call, some) for call in calls]
    differing: list[Call] = []

    def work() -> None:
        for _ in range(10):
            pairs = zip(calls, expected, strict=True)
            differing.extend(c for c, was in pairs if outcome(segments, c, some) != was)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not differing


def parts(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, tuple):
        for part in value:
            yield from parts(part)


def some_calls() -> tuple[tuple[Made, ...], list[Call]]:
    chance = np.random.default_rng(7)
    some: tuple[Made, ...] = ()
    while len(some) < 2 or not all(50 < made.size < 500 and all(made.terms) for made in some):
        some = Segments(chance).some()
    calls = Calls(some, chance)
    sound = [calls.any() for _ in range(50)]
    return some, [*sound, *(damaged_call(calls.any(), chance) for _ in range(50))]


def test_no_call_keeps_what_it_was_given(kernel: Kernel) -> None:
    some, calls = some_calls()
    segments = opened(kernel, some)
    objects = [part for call in calls for part in parts(call.arguments) if part is not None]
    # There is only one empty tuple, and everybody has it.
    arrays = [one for one in objects if isinstance(one, (np.ndarray, tuple)) and len(one)]
    assert len(arrays) > 300
    for call in calls:
        outcome(segments, call, some)
    gc.collect()  # what an error's traceback held in a cycle
    before = [sys.getrefcount(one) for one in arrays]
    errors = sum(bool(outcome(segments, c, some).error) for _ in range(10) for c in calls)
    assert errors > 100, "paths of errors should be among them"
    gc.collect()
    assert [sys.getrefcount(one) for one in arrays] == before


def test_a_term_outlives_its_segment(kernel: Kernel) -> None:
    segment = made(SIZE, [{1: [0]}, {2: [0]}]).of(kernel)
    one, union = segment.term(0, 0), segment.union((segment.term(0, 0), segment.term(0, 1)))
    del segment
    gc.collect()
    assert (one.articles, union.articles) == (1, 2)


class Mallinfo(ctypes.Structure):
    """What glibc's ``mallinfo2`` gives; bytes in use are the eighth."""

    _fields_ = [(name, ctypes.c_size_t) for name in "abcdefghij"]


def in_use() -> int:
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallinfo2"):
        pytest.skip("needs glibc 2.33, which tells how much memory is in use")
    library.mallinfo2.restype = Mallinfo
    gc.collect()
    return library.mallinfo2().h


def test_calls_and_segments_leave_no_memory_behind() -> None:
    kernel = compiled()
    some, calls = some_calls()

    def work() -> None:
        segments = opened(kernel, some)
        for call in calls:
            outcome(segments, call, some)

    for _ in range(3):
        work()
    before = in_use()
    for _ in range(CALLS // len(calls)):
        work()
    assert in_use() - before < 8 * CALLS, "less than a pointer for each call"


def test_terms_of_another_segment_are_refused(kernel: Kernel) -> None:
    one, two = (made(SIZE, [{1: [0]}]).of(kernel) for _ in range(2))
    with pytest.raises(TypeError):
        total(one, (ANY, ((WORD, 1.0, two.term(0, 0)),)), math.inf)
    with pytest.raises(TypeError):
        one.union((two.term(0, 0),))
    with pytest.raises(TypeError):
        one.positions((two.term(0, 0),), np.zeros(0, np.int32), math.inf)
    for whole in ((two.term(0, 0),), (None,), ()):
        with pytest.raises(TypeError):
            one.in_titles((one.term(0, 0),), *whole)


def test_what_lacks_a_word_is_no_hit_of_a_title(kernel: Kernel) -> None:
    segment = made(SIZE, [{1: ([0], 1), 2: ([0], 1)}, {2: [1], 3: [1]}]).of(kernel)
    word = segment.term(0, 1)
    title = (WORD, 9.0, segment.in_titles((segment.term(0, 0),), word))
    program = program_of((ALL, ((WORD, 1.0, word),), (title,), (), False, 0, 0), segment)
    answer = whole_of(segment).search(program, 0, -math.inf, -1, SIZE, None, (), math.inf)
    assert [number for _, number, _ in answer[1]] == [2, 3]


def test_a_union_has_no_positions(kernel: Kernel) -> None:
    segment = made(SIZE, [{1: [0]}]).of(kernel)
    union = segment.union((segment.term(0, 0),))
    with pytest.raises(ValueError, match="positions"):
        segment.positions((union,), np.array([1], np.int32), math.inf)
    with pytest.raises(ValueError, match="positions"):
        total(segment, (ANY, ((SPANS, 1.0, -1, ((union, (union,)),)),)), math.inf)


def test_programs_may_not_be_too_deep(kernel: Kernel) -> None:
    segment = made(SIZE, []).of(kernel)
    program: Program = (ANY, ())
    for _ in range(50):
        program = (ANY, (program,))
    assert total(segment, program, math.inf) == 0
    for _ in range(50):
        program = (ANY, (program,))
    with pytest.raises(ValueError, match="node"):
        total(segment, program, math.inf)


def test_the_root_is_a_branch(kernel: Kernel) -> None:
    segment = made(SIZE, []).of(kernel)
    leaf = (SET, np.zeros(0, np.int32), None)
    assert total(segment, (ANY, (leaf,)), math.inf) == 0
    with pytest.raises(ValueError, match="branch"):
        total(segment, leaf, math.inf)
