"""What Whoosh keeps with a posting: its encoded value as numbers for arrays, and back.

In: the bytes that a format of Whoosh encoded (writing), arrays (reading). Out: numbers, or nothing
where the bytes are not exactly what the format would make of them; values by the names that
Whoosh's formats decode to. Such odd bytes are kept as they are.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from pickle import UnpicklingError, loads
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from whoosh.formats import Characters, Existence, Frequency, Positions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

UINT = Struct("!I")
LARGEST = (1 << 32) - 1
PROTOCOL = b"\x80\x02"


class Kind(IntEnum):
    """What arrays hold of the values of a field, by its format."""

    BYTES = 0
    NOTHING = 1
    FREQUENCY = 2
    POSITIONS = 3
    CHARACTERS = 4


FORMATS = {
    Existence: Kind.NOTHING,
    Frequency: Kind.FREQUENCY,
    Positions: Kind.POSITIONS,
    Characters: Kind.CHARACTERS,
}
"""By exact class: a subclass may encode otherwise. Formats with boosts keep their bytes."""

_POSITIONS, _CHARACTERS = Positions(), Characters()


class Value(NamedTuple):
    """A value as numbers: how many occurrences, and where (each empty if not kept)."""

    times: int = 0
    positions: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


def kind_of(format_: object) -> Kind:
    """Tell what arrays hold of a format's values."""
    return FORMATS.get(type(format_), Kind.BYTES)


def parse(kind: Kind, data: bytes) -> Value | None:
    """Read an encoded value; nothing if arrays could not give the same bytes back."""
    value = _read(kind, data)
    return value if value is not None and encode(kind, value) == data else None


def encode(kind: Kind, value: Value) -> bytes:
    """Encode a value as Whoosh's format does."""
    if kind is Kind.FREQUENCY:
        return UINT.pack(value.times)
    if kind is Kind.POSITIONS:
        return bytes(_POSITIONS.encode(value.positions))
    if kind is Kind.CHARACTERS:
        return bytes(_CHARACTERS.encode(zip(*value[1:], strict=True)))
    return b""


def _read(kind: Kind, data: bytes) -> Value | None:
    if kind in {Kind.NOTHING, Kind.BYTES}:
        return Value()
    if kind is Kind.FREQUENCY:
        return Value(UINT.unpack(data)[0]) if len(data) == UINT.size else None
    codes = _unpickled(data)
    if kind is Kind.POSITIONS and _whole(codes):
        positions = _POSITIONS.decode_positions(data)
        return Value(len(positions), tuple(positions)) if _storable(positions) else None
    if kind is Kind.CHARACTERS and all(_whole(code) and len(code) == 3 for code in codes or [0]):
        columns = tuple(zip(*_CHARACTERS.decode_characters(data), strict=True))
        fits = all(_storable(column) for column in columns)
        return Value(len(columns[0]), *columns) if fits else None
    return None


def _unpickled(data: bytes) -> list[Any] | None:
    """Read the list that Whoosh pickled a moment ago, in this process or one of its own."""
    if data[UINT.size : UINT.size + 2] != PROTOCOL:
        return None
    try:
        codes = loads(data[UINT.size :])  # noqa: S301
    except (UnpicklingError, EOFError, AttributeError, ImportError, LookupError, ValueError):
        return None
    return codes if isinstance(codes, list) else None


def _whole(codes: object) -> bool:
    return isinstance(codes, list | tuple) and all(type(code) is int for code in codes)


def _storable(numbers: Iterable[int]) -> bool:
    return all(0 <= number <= LARGEST for number in numbers)


@dataclass(frozen=True)
class ArrayValues:
    """The values of one term's postings: counts, and where its occurrences are, end to end.

    ``load`` gives positions, and for characters their beginnings and ends, when first asked for.
    """

    kind: Kind
    counts: NDArray[Any]
    load: Callable[[], tuple[NDArray[Any], ...]]

    @cached_property
    def _columns(self) -> tuple[NDArray[Any], ...]:
        return self.load()

    @cached_property
    def _ends(self) -> memoryview:
        return np.cumsum(self.counts, dtype=np.int64).data

    def _columns_at(self, number: int) -> Iterable[list[int]]:
        end = self._ends[number]
        start = end - int(self.counts[number])
        return (column[start:end].tolist() for column in self._columns)

    def _value(self, number: int) -> Value:
        if self.kind in {Kind.NOTHING, Kind.BYTES}:
            return Value()
        count = int(self.counts[number])
        if self.kind is Kind.FREQUENCY:
            return Value(count)
        return Value(count, *map(tuple, self._columns_at(number)))

    def known(self, astype: str, number: int) -> Any:
        """Give a posting's value by the name of a decoding, or None: then bytes are decoded."""
        if astype == "positions" and self.kind >= Kind.POSITIONS:
            return next(iter(self._columns_at(number)))
        if astype == "characters" and self.kind is Kind.CHARACTERS:
            return list(zip(*self._columns_at(number), strict=True))
        if astype == "frequency" and self.kind >= Kind.FREQUENCY:
            return int(self.counts[number])
        return None

    def encoded(self, number: int) -> bytes:
        """Give a posting's value in the bytes of the field's format."""
        return encode(self.kind, self._value(number))


@dataclass(frozen=True)
class OddValues:
    """Values some of which are kept as bytes: the postings with their numbers, in order."""

    others: ArrayValues
    numbers: Sequence[int]
    read: Callable[[int], bytes]

    def _place(self, number: int) -> int | None:
        place = bisect_left(self.numbers, number)
        there = place < len(self.numbers) and self.numbers[place] == number
        return place if there else None

    def known(self, astype: str, number: int) -> Any:
        """Give a posting's value by the name of a decoding, or None: then bytes are decoded."""
        return self.others.known(astype, number) if self._place(number) is None else None

    def encoded(self, number: int) -> bytes:
        """Give a posting's value in the bytes of the field's format."""
        place = self._place(number)
        return self.others.encoded(number) if place is None else self.read(place)
