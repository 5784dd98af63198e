"""Sources, compression: a gzip, bzip2 or xz stream becomes the stream of what is in it.

In: packed bytes and the file's budget. Out: unpacked bytes, counted while they come: a stream
that grows too much, ends too soon or fails its checksum breaks after what was good in it.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from typing import TYPE_CHECKING, Protocol

from searchsvc.sources.limits import MEBIBYTE, Broken, Budget, TooMuch, grows_too_much
from searchsvc.sources.streams import CHUNK, Stream

if TYPE_CHECKING:
    from collections.abc import Callable

MAGICS = {b"\x1f\x8b\x08": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz"}

_IDLE = 2 * MEBIBYTE
"""Bytes taken without giving any: a bzip2 block has 0.9 MB, a hostile gzip name has no end."""
_XZ_MEMORY = 128 * MEBIBYTE
"""``xz -9`` needs 65 MiB to unpack."""
_ERRORS = (zlib.error, lzma.LZMAError, OSError, EOFError)


class _Unit(Protocol):
    """A decompressor of the standard library, good for one unit of a packed stream."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def packing(head: bytes) -> str | None:
    """Name the compression that some first bytes begin, if any."""
    return next((name for magic, name in MAGICS.items() if head.startswith(magic)), None)


def unpacked(stream: Stream, name: str, budget: Budget) -> Stream:
    """Unpack a stream packed by ``gzip``, ``bzip2`` or ``xz``."""
    meter = _Meter(stream, budget)
    read = _READERS[name](meter)

    def source(size: int) -> bytes:
        try:
            return meter.count(read(size))
        except EOFError:
            raise Broken(f"truncated {name}") from None
        except _ERRORS as error:
            raise Broken(f"damaged {name}: {error}") from error

    return Stream(source)


class _Meter:
    """Hands packed bytes over and compares how many came out of them."""

    def __init__(self, stream: Stream, budget: Budget):
        self._stream = stream
        self._budget = budget
        self._taken = 0
        self._given = 0
        self._idle = 0

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._taken += len(data)
        self._idle += len(data)
        if self._idle > _IDLE:
            raise Broken(f"nothing comes out of {_IDLE} packed bytes")
        return data

    def seek(self, offset: int) -> int:
        raise io.UnsupportedOperation(f"seek to {offset}")

    def count(self, data: bytes) -> bytes:
        self._given += len(data)
        self._idle = 0
        ratio = self._budget.limits.unpacked_ratio
        if grows_too_much(self._taken, self._given, ratio):
            raise TooMuch(f"unpacks to more than {ratio} times its size")
        self._budget.spend(len(data))
        return data


class _Units:
    """Unpacks units that follow one another, with zero padding between them."""

    def __init__(self, meter: _Meter, start: Callable[[], _Unit]):
        self._meter = meter
        self._start = start
        self._unit = start()

    def read(self, size: int) -> bytes:
        while True:
            if self._unit.eof:
                data = self._next_unit()
                if not data:
                    return b""
                self._unit = self._start()
            else:
                data = self._meter.read(CHUNK) if self._unit.needs_input else b""
                if not data and self._unit.needs_input:
                    raise EOFError
            if out := self._unit.decompress(data, size):
                return out

    def _next_unit(self) -> bytes:
        data = self._unit.unused_data.lstrip(b"\0")
        while not data and (more := self._meter.read(CHUNK)):
            data = more.lstrip(b"\0")
        return data


def _gzip(meter: _Meter) -> Callable[[int], bytes]:
    return gzip.GzipFile(fileobj=meter, mode="rb").read1


def _bzip2(meter: _Meter) -> Callable[[int], bytes]:
    return _Units(meter, bz2.BZ2Decompressor).read


def _xz(meter: _Meter) -> Callable[[int], bytes]:
    return _Units(meter, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY)).read


_READERS = {"gzip": _gzip, "bzip2": _bzip2, "xz": _xz}
