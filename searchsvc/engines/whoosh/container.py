"""The array file: named numpy arrays in one checksummed, memory-mapped file.

In: arrays by name. Out: read-only views of the mapped file, every one checked to lie inside it.
Layout: magic, arrays each aligned to 64 bytes, a JSON directory, then a footer of 28 bytes
(directory offset and length, its CRC-32, magic). No array is trusted before its bounds are.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeAlias

import numpy as np

from searchsvc.errors import IndexDamaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Given: TypeAlias = "NDArray[np.generic] | list[NDArray[np.generic]] | Pieces"

MAGIC = b"SRCHARR1"
ALIGNMENT = 64
CHUNK = 1 << 20
FOOTER = struct.Struct("<QQI8s")
DTYPES = ("|u1", "<u2", "<u4", "<u8", "<i4", "<i8", "<f4")
MEND = "run `make index` (searchsvc index) to build it again"


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one array lies in the file: bytes from ``offset``, ``count`` items, their CRC-32."""

    dtype: str
    offset: int
    count: int
    crc: int


class Pieces(NamedTuple):
    """An array as the file that holds its bytes: too large to be in memory at once."""

    dtype: np.dtype[np.generic]
    path: Path


class ArrayWriter:
    """Writes arrays to a file as they come, and hashes what it writes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._directory: dict[str, list[object]] = {}
        self._digest = hashlib.sha256()
        self._size = 0
        self._write(MAGIC)

    def add(self, arrays: Mapping[str, Given]) -> None:
        """Write arrays (one-dimensional, little-endian), whole or in pieces of one type."""
        for name, array in arrays.items():
            if isinstance(array, Pieces):
                self._directory[name] = self._add_one(array.dtype, _chunks(array.path))
                continue
            pieces = array if isinstance(array, list) else [array]
            if any(piece.ndim != 1 or piece.dtype != pieces[0].dtype for piece in pieces):
                raise TypeError(f"{name} has {pieces[0].ndim} dimensions, or more than one type")
            chunks = [np.ascontiguousarray(piece).data.cast("B") for piece in pieces if piece.size]
            self._directory[name] = self._add_one(pieces[0].dtype, chunks)

    def finish(self) -> str:
        """Write the directory; returns the SHA-256 of the file in hex."""
        offset = self._size
        text = json.dumps(self._directory).encode()
        self._write(text)
        self._write(FOOTER.pack(offset, len(text), zlib.crc32(text), MAGIC))
        return self._digest.hexdigest()

    def _add_one(
        self, dtype: np.dtype[np.generic], chunks: Iterable[bytes | memoryview]
    ) -> list[object]:
        if dtype.str not in DTYPES:
            raise TypeError(f"cannot store an array of {dtype}")
        self._write(bytes(-self._size % ALIGNMENT))
        offset, crc = self._size, 0
        for chunk in chunks:
            self._write(chunk)
            crc = zlib.crc32(chunk, crc)
        return [dtype.str, offset, (self._size - offset) // dtype.itemsize, crc]

    def _write(self, data: bytes | memoryview) -> None:
        self._file.write(data)
        self._digest.update(data)
        self._size += len(data)


def write_arrays(path: Path, arrays: Mapping[str, Given]) -> str:
    """Write arrays (one-dimensional, little-endian) to a new file; returns its SHA-256."""
    with path.open("xb") as file:
        return write_into(file, arrays)


def write_into(file: BinaryIO, arrays: Mapping[str, Given]) -> str:
    """Write arrays to a file opened at its beginning; returns its SHA-256 in hex."""
    writer = ArrayWriter(file)
    writer.add(arrays)
    return writer.finish()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _mapped(path: Path) -> mmap.mmap:
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"{path.name} cannot be mapped ({error}); {MEND}") from error


class ArrayFile:
    """A mapped array file; raises IndexDamaged where the file is not what its directory says.

    Where the bytes are given (a file that is not on a disk), the path only names them.
    """

    def __init__(self, path: Path, data: bytes | None = None) -> None:
        self.path = path
        self._map = _mapped(path) if data is None else data
        self._directory = self._read_directory()

    def __getitem__(self, name: str) -> NDArray[np.generic]:
        entry = self._directory.get(name)
        if entry is None:
            raise self._damaged(f"has no array {name}")
        dtype = np.dtype(entry.dtype)
        return np.frombuffer(self._map, dtype=dtype, count=entry.count, offset=entry.offset)

    def __contains__(self, name: str) -> bool:
        return name in self._directory

    def names(self) -> tuple[str, ...]:
        """Name the arrays in the order of the file."""
        return tuple(self._directory)

    def release(self) -> None:
        """Let the system take back the memory of what was read; it is read again when needed."""
        if isinstance(self._map, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)

    def verify(self) -> None:
        """Compare every array with its checksum; raises IndexDamaged."""
        for name, entry in self._directory.items():
            size = np.dtype(entry.dtype).itemsize * entry.count
            with memoryview(self._map) as view, view[entry.offset : entry.offset + size] as data:
                if zlib.crc32(data) != entry.crc:
                    raise self._damaged(f"has a wrong checksum at {name}")

    def _read_directory(self) -> dict[str, Entry]:
        size = len(self._map)
        if size < len(MAGIC) + FOOTER.size or self._map[: len(MAGIC)] != MAGIC:
            raise self._damaged("does not begin like an array file")
        offset, length, crc, magic = FOOTER.unpack(self._map[size - FOOTER.size :])
        if magic != MAGIC or offset + length + FOOTER.size != size:
            raise self._damaged("is cut short")
        text = self._map[offset : offset + length]
        if zlib.crc32(text) != crc:
            raise self._damaged("has a damaged directory")
        try:
            entries = {name: Entry(*row) for name, row in json.loads(text).items()}
            for name, entry in entries.items():
                self._check(name, entry, offset)
        except (ValueError, TypeError, AttributeError) as error:
            raise self._damaged(f"has a directory that says nothing ({error})") from None
        return entries

    def _check(self, name: str, entry: Entry, limit: int) -> None:
        if entry.dtype not in DTYPES or entry.offset < 0 or entry.count < 0:
            raise self._damaged(f"has a wrong entry for {name}")
        if entry.offset + np.dtype(entry.dtype).itemsize * entry.count > limit:
            raise self._damaged(f"has {name} outside the file")

    def _damaged(self, what: str) -> IndexDamaged:
        return IndexDamaged(f"{self.path.name} {what}; {MEND}")
