"""Sources, bytes: a stream that is read once, with a look ahead, and what is cut out of it.

In: any function that gives the next bytes. Out: chunks, whole contents or lines, all bounded.
"""

from __future__ import annotations

import os
import stat
from typing import IO, TYPE_CHECKING, BinaryIO, NamedTuple

from searchsvc.sources.limits import Broken, TooMuch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CHUNK = 256 * 1024
"""Bytes asked for at once; a bigger one does not read a plain JSONL file any faster."""

KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


class Stream:
    """Bytes in order; ``file`` is the file itself where they come straight out of it."""

    def __init__(self, source: Callable[[int], bytes], file: IO[bytes] | None = None):
        self._source = source
        self._ahead = b""
        self._broken: Broken | None = None
        self.file = file

    def peek(self, size: int) -> bytes:
        """Look at the next ``size`` bytes, fewer only where the stream ends or breaks."""
        while len(self._ahead) < size and self._broken is None:
            try:
                more = self._source(max(CHUNK, size) - len(self._ahead))
            except Broken as broken:
                self._broken = broken
            else:
                if not more:
                    break
                self._ahead += more
        return self._ahead[:size]

    def read(self, size: int = CHUNK) -> bytes:
        """Take at most ``size`` bytes, none only at the end; raises Broken where bytes go wrong."""
        if self._ahead:
            taken, self._ahead = self._ahead[:size], self._ahead[size:]
            return taken
        if self._broken is not None:
            raise self._broken
        try:
            return self._source(size) if size else b""
        except Broken as broken:
            self._broken = broken
            raise

    def exactly(self, size: int) -> bytes:
        """Take ``size`` bytes, fewer only at the end."""
        parts = []
        while size and (part := self.read(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def drain(self) -> None:
        """Read to the end, so that a checksum there is compared."""
        while self.read():
            pass


class Block(NamedTuple):
    """Whole lines, with the number and the offset of the first; only a file's last lacks its end.

    ``data`` is None in place of one line that is longer than allowed.
    """

    number: int
    offset: int
    data: bytes | None


class Line(NamedTuple):
    """A line without its end; ``data`` is None where the line is longer than allowed."""

    number: int
    offset: int
    data: bytes | None


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading, never waiting for a FIFO's writer; raises OSError."""
    kind = stat.S_IFMT(path.stat().st_mode)
    if kind == stat.S_IFREG:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        kind = stat.S_IFMT(os.fstat(handle).st_mode)
        if kind == stat.S_IFREG:
            return os.fdopen(handle, "rb", buffering=0)
        os.close(handle)
    raise OSError(0, f"is {KINDS.get(kind, 'no file')}")


def explained(error: OSError) -> str:
    """Say in lower case what the system answered: ``permission denied``."""
    said = error.strerror or str(error) or type(error).__name__
    return said[:1].lower() + said[1:]


def of_file(file: IO[bytes], expected: int = 0) -> Stream:
    """Make the stream of an open file; a failing read breaks it, and an end before it is expected.

    So many bytes are ``expected`` at least.
    """
    left = expected

    def source(size: int) -> bytes:
        nonlocal left
        try:
            data = file.read(size)
        except OSError as error:
            raise Broken(explained(error)) from error
        left -= len(data)
        if size and not data and left > 0:
            raise Broken(f"was cut short while it was read: its last {left} bytes are gone")
        return data

    return Stream(source, file)


def whole(stream: Stream, limit: int) -> tuple[bytes, Broken | None]:
    """Read to the end, or to a break, which is given back with what came before it.

    Raises TooMuch where there are more than ``limit`` bytes, or the stream says so.
    """
    parts: list[bytes] = []
    size = 0
    try:
        while part := stream.read():
            parts.append(part)
            size += len(part)
            if size > limit:
                break
    except TooMuch:
        raise
    except Broken as broken:
        return b"".join(parts), broken
    if size > limit:
        raise TooMuch(f"is longer than {limit} bytes")
    return b"".join(parts), None


def lines(stream: Stream, limit: int) -> Iterator[Line]:
    r"""Split at ``\n``; a line longer than ``limit`` bytes is passed over without being held."""
    cut = _Cut(limit)
    while chunk := stream.read():
        *ends, rest = chunk.split(b"\n")
        for piece in ends:
            cut.add(piece)
            yield cut.line()
        cut.add(rest)
    if cut.length:
        yield cut.line()


def blocks(stream: Stream, limit: int) -> Iterator[Block]:
    """Cut into blocks of lines as they are read, a line longer than ``limit`` bytes unheld."""
    cut = _Cut(limit)
    while chunk := stream.read():
        end = chunk.rfind(b"\n") + 1
        if end:
            yield from cut.blocks(chunk[:end])
        cut.add(chunk[end:])
    if cut.length:
        yield Block(*cut.line())


def block_lines(block: Block, limit: int) -> Iterator[Line]:
    """Split a block into lines."""
    if block.data is None:
        yield Line(*block)
        return
    number, offset = block.number, block.offset
    for data in block.data.removesuffix(b"\n").split(b"\n"):
        yield Line(number, offset, data if len(data) <= limit else None)
        number += 1
        offset += len(data) + 1


class _Cut:
    """The line being put together."""

    def __init__(self, limit: int):
        self.limit = limit
        self.length = 0
        self._parts: list[bytes] = []
        self._number = 1
        self._offset = 0

    def blocks(self, data: bytes) -> Iterator[Block]:
        """End the line with the first of ``data``, which has whole lines."""
        end = data.index(b"\n")
        if self.length + end > self.limit:
            self.add(data[:end])
            yield Block(*self.line())
            data = data[end + 1 :]
        if data:
            self._parts.append(data)
            whole = b"".join(self._parts)
            yield Block(self._number, self._offset, whole)
            self._number += whole.count(b"\n")
            self._offset += len(whole)
            self._parts.clear()
            self.length = 0

    def add(self, piece: bytes) -> None:
        self.length += len(piece)
        if self.length > self.limit:
            self._parts.clear()
        else:
            self._parts.append(piece)

    def line(self) -> Line:
        data = b"".join(self._parts) if self.length <= self.limit else None
        done = Line(self._number, self._offset, data)
        self._number += 1
        self._offset += self.length + 1
        self._parts.clear()
        self.length = 0
        return done
