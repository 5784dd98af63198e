from collections.abc import Sequence
from typing import Any

from searchsvc.engines.whoosh.kernel import (
    Buffer,
    Counts,
    Facet,
    Hits,
    Measures,
    Part,
    Parts,
    Program,
)
from searchsvc.engines.whoosh.operands import Words
from searchsvc.query.tree import Node, Signal

class Term:
    @property
    def articles(self) -> int: ...

class Typed:
    @property
    def lists(self) -> int: ...

class Segment:
    def __init__(
        self,
        size: int,
        table: Buffer,
        lengths: Buffer,
        fields: tuple[Any, ...],
        titles: tuple[Buffer, Buffer],
        dates: tuple[Buffer, Buffer, Buffer],
        group: Buffer | None,
        dead: Buffer | None,
        /,
    ) -> None: ...
    def term(self, field: int, number: int, /) -> Term: ...
    def union(self, terms: tuple[Any, ...], /) -> Term: ...
    def in_titles(self, terms: tuple[Any, ...], whole: Any, /) -> Term: ...
    def living(self, part: Part, /) -> bytes: ...
    def positions(
        self, terms: tuple[Any, ...], docs: Buffer, deadline: float, /
    ) -> list[bytes]: ...

class Whole:
    def __init__(self, segments: tuple[Any, ...], /) -> None: ...
    def search(
        self,
        program: Program,
        order: int,
        key: float,
        number: int,
        wanted: int,
        folded: Buffer | None,
        facets: tuple[Facet, ...],
        deadline: float,
        /,
    ) -> tuple[int, Hits, list[Counts]]: ...
    def typed(
        self,
        lemmas: Parts,
        form: Parts,
        related: Parts,
        form_weight: float,
        related_weight: float,
        lead_weight: float,
        close_weight: float,
        /,
    ) -> Typed: ...
    def search_twice(
        self,
        program: Program,
        first: int,
        shown: int,
        facets: tuple[Facet, ...],
        words: tuple[Any, ...],
        measures: Measures,
        fresh: tuple[Buffer, ...] | None,
        deadline: float,
        /,
    ) -> tuple[int, Hits, list[Counts], tuple[float, int] | None]: ...
    def matching(self, program: Program, deadline: float, /) -> tuple[bytes, bytes]: ...
    def groups_until(
        self, program: Program, order: int, key: float, number: int, deadline: float, /
    ) -> set[int]: ...

def lay(parts: tuple[Any, ...], tree: Node, words: Words, titles: Words, /) -> Program | None: ...
def known(
    parts: tuple[Any, ...], signals: Sequence[Signal], held: dict[tuple[Any, ...], Any], /
) -> tuple[Any, ...] | None: ...
def find(lexicon: tuple[Buffer, ...], key: bytes, /) -> tuple[int, bool]: ...
def keys(lexicon: tuple[Buffer, ...], low: int, high: int, /) -> list[bytes]: ...
def some_keys(lexicon: tuple[Buffer, ...], numbers: list[int], /) -> list[bytes]: ...
def near(lexicon: tuple[Buffer, ...], key: bytes, edits: int, /) -> tuple[bytes, bytes]: ...
def pack_documents(docs: Buffer, sizes: Buffer, /) -> tuple[bytes, bytes, bytes]: ...
def pack(
    tf: Buffer, title_tf: Buffer, positions: Buffer, first: int, /
) -> tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes]: ...
def unpack(
    arrays: tuple[Buffer, ...], first: int, last: int, postings: int, /
) -> tuple[bytes, bytes, bytes]: ...
