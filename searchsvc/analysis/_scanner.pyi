from collections.abc import Callable

Part = tuple[int, int, str]
Piece = tuple[int, str, tuple[Part, ...] | None]

class Scanner:
    def __new__(
        cls,
        classes: bytes,
        folded: bytes,
        narrow: bytes,
        secret: int,
        known: bytes,
        numbers: dict[str, int],
        forms: list[str],
        piece: Callable[[str, int], Piece],
        /,
    ) -> Scanner: ...
    def number(self, form: str, /) -> int: ...
    def terms(self, text: str | bytes, /) -> tuple[bytes, bytes] | None: ...
    def places(self, text: str, most: int, /) -> tuple[bytes, bytes] | None: ...
    def some(self, text: str, tokens: bytes, /) -> bytes | None: ...
    def scan(self, text: str, /) -> tuple[bytes, bytes, bytes, bytes] | None: ...
