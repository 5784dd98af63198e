"""The kernel: the inner loops over posting lists, compiled or portable, with one meaning.

In: arrays as buffers. Out: totals, and documents and scores as bytes (int32, float32). What each
function means is said in ``portable``; ``_kernel`` is there when installation found a compiler.
"""

from __future__ import annotations

from typing import Any, Protocol

from searchsvc.engines.whoosh import portable

Buffer = Any
"""An object that gives its memory: an array or bytes. Python 3.11 has no type for it."""

List = tuple[Buffer, Buffer | None, Buffer | None]
"""Documents (int32), codes (uint16, ``tf << 8 | length``) or None, scores (float32) or None."""

Operand = tuple[float, tuple[List, ...]]
"""The weight of a word and its posting lists, any of which may match; or one finished set."""

Operands = tuple[Operand, ...]

Range = tuple[Buffer | None, Buffer | None, int, int]
"""First and last days (int32) of all documents, or None twice, and the days between."""

Order = tuple[Buffer | None, int]
"""The minutes (int64) of all documents and 1 or -1 to sort by them, or None to sort by score."""

Stream = tuple[Buffer, Buffer, Buffer, bool, Buffer, Buffer]
"""A field's tf (uint8), sampled position offsets (int64), positions (uint16, or uint32 if True),
postings with 255 occurrences and more (int64) and how many each has (uint32)."""

Streams = tuple[Stream, ...]

Items = tuple[tuple[tuple[int, Buffer, int], ...], ...]
"""For each position its posting lists: number of the stream, documents, number of the first
posting in the stream."""

Found = tuple[int, bytes, bytes]
"""How many match, and the wanted documents (int32) with their scores (float32)."""


class Kernel(Protocol):
    """What both implementations offer; raises ValueError on damaged arrays, TimeoutError late."""

    def boolean(  # noqa: PLR0913, PLR0917
        self,
        mode: str,
        size: int,
        table: Buffer,
        must: Operands,
        should: Operands,
        without: Operands,
        range_: Range,
        dead: Buffer | None,
        order: Order,
        after: tuple[float, int],
        wanted: int,
        best: bool,
        deadline: float,
        /,
    ) -> Found:
        """Combine words and sets."""

    def spans(
        self,
        size: int,
        table: Buffer,
        lengths: Buffer,
        weight: float,
        distance: int,
        streams: Streams,
        items: Items,
        deadline: float,
        /,
    ) -> Found:
        """Find a phrase, or two items close by."""

    def find(self, blob: Buffer, offsets: Buffer, key: bytes, /) -> tuple[int, bool]:
        """Find a string in a sorted list of strings."""


try:
    from searchsvc.engines.whoosh import _kernel

    compiled: Kernel | None = _kernel
except ImportError:
    compiled = None

best: Kernel = compiled or portable
