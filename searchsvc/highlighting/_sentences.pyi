from collections.abc import Callable

from searchsvc.highlighting.sentences import Sentence

class Reader:
    def __new__(
        cls,
        classes: bytes,
        sentence: type[Sentence],
        ends: Callable[[str, int, int, bool], bool],
        abbreviations: frozenset[str],
        /,
    ) -> Reader: ...
    def sentences(self, text: str, start: int, end: int, /) -> list[Sentence] | None: ...
