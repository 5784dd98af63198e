"""How a call behaves: it ends in time, lets other threads run, and keeps nothing."""

from __future__ import annotations

import ctypes
import gc
import math
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from damage import damaged
from implementations import IMPLEMENTATIONS, compiled
from outcomes import outcome
from random_calls import CLOSE, Calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from random_calls import Call

    from searchsvc.engines.whoosh.kernel import Kernel

HUGE = 2**31 - 1
CALLS = 10_000


@pytest.fixture(params=IMPLEMENTATIONS)
def kernel(request: pytest.FixtureRequest) -> Kernel:
    return IMPLEMENTATIONS[request.param]()


def boolean(kernel: Kernel, mode: str, size: int, deadline: float) -> Any:
    every = (1.0, ((np.arange(min(size, 100), dtype=np.int32), None, None),))
    needed, added = ((every,), ()) if mode == "A" else ((), (every,))
    anywhere = ((None, None, 0, 0), None, (None, 1), (-math.inf, -1))
    return kernel.boolean(mode, size, CLOSE, needed, added, (), *anywhere, 0, False, deadline)


@pytest.mark.parametrize("mode", "AOE")
@pytest.mark.parametrize("deadline", [0.0, -math.inf])
def test_a_deadline_that_has_passed_ends_a_search(
    kernel: Kernel, mode: str, deadline: float
) -> None:
    with pytest.raises(TimeoutError):
        boolean(kernel, mode, 100, deadline)
    assert boolean(kernel, mode, 100, math.inf)[0] == 100


def phrase(kernel: Kernel, docs: Any, stream: tuple, size: int, deadline: float) -> Any:
    lengths = np.zeros(size, np.uint8)
    item = ((0, docs, 0),)
    return kernel.spans(size, CLOSE, lengths, 1.0, -1, (stream,), (item, item), deadline)


def posted(count: int) -> tuple[Any, tuple]:
    """Give documents that have one position each, and their stream; its tf are a bytearray."""
    samples = np.arange(0, count, 128, dtype=np.int64)
    empty = (np.zeros(0, np.int64), np.zeros(0, np.uint32))
    stream = (bytearray(b"\1" * count), samples, np.zeros(count, np.uint16), False, *empty)
    return np.arange(count, dtype=np.int32), stream


def test_a_deadline_that_has_passed_ends_a_phrase(kernel: Kernel) -> None:
    docs, stream = posted(200)
    with pytest.raises(TimeoutError):
        phrase(kernel, docs, stream, 200, 0.0)
    assert phrase(kernel, docs, stream, 200, math.inf)[0] == 0


def test_a_deadline_ends_long_work() -> None:
    kernel, begun = compiled(), time.monotonic()
    with pytest.raises(TimeoutError):
        boolean(kernel, "E", HUGE, begun + 0.05)
    assert 0.05 <= time.monotonic() - begun < 3


def held(array: bytearray) -> bool:
    """Tell whether a call has the array now: then it cannot change its size."""
    try:
        array.append(1)
        array.pop()
    except BufferError:
        return True
    return False


def test_two_calls_and_python_go_on_at_once() -> None:
    kernel, stop = compiled(), threading.Event()
    count = 1_000_000
    arrays = [posted(count) for _ in range(2)]

    def work(docs: Any, stream: tuple) -> None:
        while not stop.is_set():
            phrase(kernel, docs, stream, count, math.inf)

    threads = [threading.Thread(target=work, args=own) for own in arrays]
    for thread in threads:
        thread.start()
    # A call that kept the interpreter's lock would have let go of its arrays before it is asked.
    until, together = time.monotonic() + 30, False
    try:
        while not together and time.monotonic() < until:
            together = all(held(stream[0]) for _, stream in arrays)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert together
    assert not any(held(stream[0]) for _, stream in arrays)


def parts(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, tuple):
        for part in value:
            yield from parts(part)


def some_calls() -> list[Call]:
    calls, chance = Calls(7), np.random.default_rng(7)
    sound = [calls.any() for _ in range(50)]
    return [*sound, *(damaged(calls.any(), chance) for _ in range(50))]


def test_no_call_keeps_what_it_was_given(kernel: Kernel) -> None:
    calls = some_calls()
    objects = [part for call in calls for part in parts(call.arguments) if part is not None]
    arrays = [one for one in objects if isinstance(one, (np.ndarray, tuple))]
    assert len(arrays) > 500
    for call in calls:
        outcome(kernel, call)
    before = [sys.getrefcount(one) for one in arrays]
    errors = sum(bool(outcome(kernel, call).error) for _ in range(10) for call in calls)
    assert errors > 200, "paths of errors should be among them"
    assert [sys.getrefcount(one) for one in arrays] == before


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


def test_calls_leave_no_memory_behind() -> None:
    kernel, calls = compiled(), some_calls()
    for call in calls:
        outcome(kernel, call)
    before = in_use()
    for _ in range(CALLS // len(calls)):
        for call in calls:
            outcome(kernel, call)
    assert in_use() - before < 8 * CALLS, "less than a pointer for each call"
