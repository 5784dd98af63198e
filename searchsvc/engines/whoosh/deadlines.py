"""Deadlines: what long work calls now and then, so that it ends when its time is over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from searchsvc.errors import EngineUnavailable, IndexDamaged

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[[], None]

TOO_LONG = "the query took too long; ask for fewer or rarer words"


def unchecked() -> None:
    """Let work go on for as long as it takes."""


def checking(deadline: float | None) -> Check:
    """Give what raises EngineUnavailable after a ``time.monotonic()`` moment."""
    if deadline is None:
        return unchecked

    def check() -> None:
        if time.monotonic() > deadline:
            raise EngineUnavailable(TOO_LONG)

    return check


def told(error: TimeoutError | ValueError) -> EngineUnavailable | IndexDamaged:
    """Tell a reader what came of an evaluation, in an error of the engine's."""
    if isinstance(error, TimeoutError):
        return EngineUnavailable(TOO_LONG)
    return IndexDamaged(f"{error}; run `make index` (searchsvc index)")
