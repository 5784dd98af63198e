"""Small segments of known postings, for facts that a reader can work out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from random_segments import COARSE, Made, packed, postings_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

LENGTH = 5
"""The length code of every document."""

Posted = dict[int, tuple["Sequence[int]", int]]
"""A term: for each of its documents the positions and the title tf."""


def made(size: int, lists: Sequence[Mapping[int, Any]], **columns: Any) -> Made:
    """Make a segment of one field; a document of a term has positions, or those and a title tf."""
    rows = [{doc: own[doc] if _titled(own[doc]) else (own[doc], 0) for doc in own} for own in lists]
    none = np.zeros(size, np.int32)
    given: dict[str, NDArray[Any] | None] = {
        "title_made": none.astype(np.uint8),
        "title_tokens": none,
        "first_day": none,
        "last_day": none,
        "minute": none.astype(np.int64),
        "group": None,
        "dead": None,
    }
    assert set(columns) <= set(given)
    given |= {name: _column(given[name], name, values) for name, values in columns.items()}
    arguments = (
        size,
        COARSE.copy(),
        np.full(size, LENGTH, np.uint8),
        (tuple(packed(postings_of(rows), len(rows), size)),),
        (given["title_made"], given["title_tokens"]),
        (given["first_day"], given["last_day"], given["minute"]),
        given["group"],
        given["dead"],
    )
    return Made(arguments, (len(rows),))


def _titled(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and not isinstance(value[0], int)


def _column(default: NDArray[Any] | None, name: str, values: Any) -> NDArray[Any]:
    kind = {"group": np.int32, "dead": np.uint8}.get(name)
    return np.array(values, kind if default is None else default.dtype)


def worth(tf: int) -> float:
    """Give what a weighted frequency is worth."""
    return COARSE[min(255, tf) << 8 | LENGTH].item()
