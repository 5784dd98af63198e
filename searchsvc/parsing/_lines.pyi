from collections.abc import Callable
from typing import Any

class Reader:
    def __init__(
        self,
        letters: bytes,
        classes: bytes,
        lower: bytes,
        words: tuple[bytes, ...],
        plan_of: Callable[[tuple[str, ...]], tuple[bytes, object] | None],
        loads: Callable[[bytes], object],
        /,
    ) -> None: ...
    def read(
        self, line: bytes, /
    ) -> tuple[Any, dict[str, Any], tuple[str | None, ...] | None, bool] | None: ...
