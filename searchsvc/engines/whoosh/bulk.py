"""What packs and unpacks in bulk: compiled, or None where installation found no compiler.

``packing``, ``unpacking`` and ``portable_lexicon`` have the same in numpy; tests hold them against
each other. Arrays that do not fit raise ValueError.
"""

from __future__ import annotations

from typing import Any, Protocol

Buffer = Any


class Bulk(Protocol):
    """The compiled functions; arrays come back as bytes."""

    def pack_documents(self, docs: Buffer, sizes: Buffer, /) -> tuple[bytes, bytes, bytes]:
        """Pack the documents (int32) of blocks of some sizes (int64), end to end.

        Gives ``lows``, ``words``, and how many words each block has (uint32).
        """

    def pack(
        self, tf: Buffer, title_tf: Buffer, positions: Buffer, first: int, /
    ) -> tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes]:
        """Pack postings (int32, int32, uint32) whose first has a number.

        Gives ``freqs``, ``rare_at``, ``rare_tf``, ``rare_title``, ``positions``, ``widths`` and
        where frames end (uint32), counted from the first.
        """

    def unpack(
        self, arrays: tuple[Buffer, ...], first: int, last: int, postings: int, /
    ) -> tuple[bytes, bytes, bytes]:
        """Give tf and title tf (int32) and positions (uint32) of a range of postings.

        ``arrays`` are ``freqs``, ``rare_at``, ``rare_tf``, ``rare_title``, ``frames``, ``widths``
        and ``positions`` of a field of so many postings.
        """

    def keys(self, lexicon: tuple[Buffer, ...], low: int, high: int, /) -> list[bytes]:
        """List the keys of a range of numbers."""

    def some_keys(self, lexicon: tuple[Buffer, ...], numbers: list[int], /) -> list[bytes]:
        """List the keys of some numbers."""

    def near(self, lexicon: tuple[Buffer, ...], key: bytes, edits: int, /) -> tuple[bytes, bytes]:
        """List the strings within some edits of a key: numbers (int32) and edits (uint8)."""


try:
    from searchsvc.engines.whoosh import _kernel

    compiled: Bulk | None = _kernel
except ImportError:
    compiled = None
