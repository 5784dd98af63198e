"""The portable kernel's way in: buffers become arrays, and are checked before they are used."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.kernel import Buffer

DAMAGED = "a posting list is damaged"

SIGNED: dict[int, type[np.signedinteger]] = {1: np.int8, 2: np.int16, 4: np.int32}
"""Types of numbers by their bytes."""


def array_of(buffer: Buffer, kind: type[Any], size: int | None = None) -> NDArray[Any]:
    """View a buffer as an array, of a certain size if given; raises ValueError."""
    try:
        array = np.frombuffer(buffer, kind)
    except BufferError as error:
        raise ValueError("an array is not contiguous") from error
    if size is not None and array.size != size:
        raise ValueError("arrays that belong together differ in length")
    return array


def numbers_of(buffer: Buffer, size: int | None = None) -> NDArray[np.signedinteger]:
    """View a buffer of signed numbers, of whichever size; raises ValueError."""
    width = memoryview(buffer).itemsize
    if width not in SIGNED:
        raise ValueError("an array has numbers of a wrong size")
    return array_of(buffer, SIGNED[width], size)


def in_time(deadline: float) -> None:
    """Raise TimeoutError when the deadline has passed."""
    if not time.monotonic() <= deadline:
        raise TimeoutError("the deadline has passed")


def documents_of(buffer: Buffer, size: int) -> NDArray[np.int32]:
    """View a buffer as ascending, distinct documents of ``size``; raises ValueError."""
    docs = array_of(buffer, np.int32)
    if docs.size and not (docs[0] >= 0 and docs[-1] < size and (docs[1:] > docs[:-1]).all()):
        raise ValueError(DAMAGED)
    return docs
