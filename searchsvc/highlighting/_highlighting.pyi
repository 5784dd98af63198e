from collections.abc import Callable

from searchsvc.highlighting.sentences import Sentence
from searchsvc.highlighting.snippet import Snippet

class Reader:
    def __new__(
        cls,
        classes: bytes,
        sentence: type[Sentence],
        snippet: type[Snippet],
        ends: Callable[[str, int, int, bool], bool],
        abbreviations: frozenset[str],
        /,
    ) -> Reader: ...
    def sentences(self, text: str, start: int, end: int, /) -> list[Sentence] | None: ...
    def snippets(
        self, text: str, places: bytes, limit: int, length: int, /
    ) -> tuple[Snippet, ...] | None: ...
    def mark(self, text: str, places: bytes, /) -> Snippet | None: ...
    def shown(
        self, rows: list[tuple[str, str, bytes]], clauses: int, limit: int, length: int, /
    ) -> list[tuple[Snippet, tuple[Snippet, ...]] | None]: ...
