"""What came of a call of a kernel: an answer, or an error of one of three kinds."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from random_segments import opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from random_calls import Call
    from random_segments import Made, Opened

    from searchsvc.engines.whoosh.kernel import Kernel

ERRORS = (ValueError, TypeError, TimeoutError)
"""What the engine turns into an error of its own, and what a wrong call gives."""


class Outcome(NamedTuple):
    """An answer, or the name of an error."""

    answer: Any = None
    error: str = ""


def opened_if_sound(kernel: Kernel, some: Sequence[Made]) -> Opened | None:
    """Make segments, or give None where their arrays are refused."""
    with warnings.catch_warnings():
        # Wrong types may look old-fashioned to numpy; that they are wrong is what is tested.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return opened(kernel, some)
        except ERRORS:
            return None


def outcome(segments: Opened, call: Call, some: Sequence[Made]) -> Outcome:
    """Make a call; any error but those of ``ERRORS`` goes through."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            answer = call.of(segments)
        except ERRORS as error:
            return Outcome(error=type(error).__name__)
    sizes = [made.size for made in some]
    check(call, answer, sum(sizes) if call.segment is None else sizes[call.segment])
    return Outcome(answer=answer)


def check(call: Call, answer: Any, size: int) -> None:
    """Check that an answer is well-formed, however damaged what it was made from."""
    if call.name.startswith("search"):
        total, hits, facets, *_ = answer
        assert 0 <= total <= size
        assert len(hits) <= total
        assert all(0 <= doc < size and score >= 0 for _, doc, score in hits)
        assert all(count > 0 for counts in facets for _, count in counts)
    elif call.name == "matching":
        docs, scores = (np.frombuffer(*pair) for pair in zip(answer, ("<i4", "<f4"), strict=True))
        assert docs.size == scores.size <= size
        assert ((docs >= 0) & (docs < size)).all()
        assert (docs[1:] > docs[:-1]).all()
        assert (scores >= 0).all()
    elif call.name == "positions":
        assert all(isinstance(keys, bytes) and len(keys) % 8 == 0 for keys in answer)
    elif call.name == "living":
        assert (np.frombuffer(answer, "<i4") >= 0).all()
    else:
        assert all(group >= 0 for group in answer)


def found(answer: Any) -> bool:
    """Tell whether an answer has anything in it."""
    if isinstance(answer, set):
        return bool(answer)
    return bool(answer[0]) if isinstance(answer, tuple) else any(answer)
