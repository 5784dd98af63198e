from collections.abc import Callable, Sequence

from searchsvc.highlighting.marks import Mark
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
        self, text: str, matches: Sequence[Mark], limit: int, length: int, /
    ) -> tuple[Snippet, ...] | None: ...
    def mark(self, text: str, matches: Sequence[Mark], /) -> Snippet | None: ...
