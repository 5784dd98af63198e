"""What came of a call of the kernel: an answer, or an error of one of three kinds."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from random_calls import Call

    from searchsvc.engines.whoosh.kernel import Kernel

ERRORS = (ValueError, TypeError, TimeoutError)
"""What the engine turns into an error of its own, and what a wrong call gives."""


class Outcome(NamedTuple):
    """An answer, or the name of an error."""

    answer: tuple[object, ...] = ()
    error: str = ""


def outcome(kernel: Kernel, call: Call) -> Outcome:
    """Call a kernel; any error but those of ``ERRORS`` goes through."""
    try:
        with warnings.catch_warnings():
            # Wrong types may look old-fashioned to numpy; that they are wrong is what is tested.
            warnings.simplefilter("ignore", DeprecationWarning)
            answer = call.of(kernel)
    except ERRORS as error:
        return Outcome(error=type(error).__name__)
    check(call, answer)
    return Outcome(answer=answer)


def check(call: Call, answer: tuple[object, ...]) -> None:
    """Check that an answer is well-formed, however damaged what it was made from."""
    if call.name == "find":
        number, there = answer
        assert isinstance(number, int)
        assert number >= 0
        assert isinstance(there, bool)
        return
    total, docs, scores = answer
    assert isinstance(total, int)
    assert isinstance(docs, bytes)
    assert isinstance(scores, bytes)
    assert len(docs) == len(scores) <= 4 * total
    numbers = np.frombuffer(docs, np.int32)
    size = call.arguments[1 if call.name == "boolean" else 0]
    assert ((numbers >= 0) & (numbers < size)).all()
    assert not np.isnan(np.frombuffer(scores, np.float32)).any()
