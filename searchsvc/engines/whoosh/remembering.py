"""What is remembered between queries: as much as may be kept, and of it what was asked for lately.

Nothing is noted when something is found, which would cost each query; instead what is asked for
fills one half, and when this is full it becomes the other half, whose rest is let go of. What is
asked for again before that moves back. To let go of all at once made a query read its own first
words anew, and at a million articles a frequent word takes a millisecond.
"""

from __future__ import annotations

from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Remembered(dict[Key, Value], Generic[Key, Value]):
    """What was asked for lately; safe for threads, which at worst forget something."""

    def __init__(self) -> None:
        super().__init__()
        self._earlier: dict[Key, Value] = {}

    def recalled(self, key: Key) -> Value | None:
        """Give what was asked for earlier and not lately; it is not remembered so any more."""
        return self._earlier.pop(key, None)

    def turn(self) -> None:
        """Let what was asked for lately be what was asked for earlier."""
        self._earlier = dict(self)
        self.clear()
