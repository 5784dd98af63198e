"""Sources, tar archives: read strictly forward, so that one inside gzip is never held.

In: the stream of an archive. Out: its members. Own reading rather than ``tarfile``'s, which takes
as much memory as an extended header asks for and recurses once for each of them.

Layout: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from searchsvc.sources.labels import label
from searchsvc.sources.limits import Broken, Budget
from searchsvc.sources.members import Member
from searchsvc.sources.streams import CHUNK, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 512
_EXTRA_BYTES = 1024 * 1024
"""The largest extended header: names and attributes of one member."""
_EXTRA_KINDS = {b"L", b"K", b"x", b"g", b"X"}
_FILES = {b"0", b"\0", b"7"}
_FOLDER = b"5"
_PASSED = {
    b"1": "a link to another member",
    b"2": "a link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a FIFO",
}
_SPARSE = b"S"


class _Header(NamedTuple):
    kind: bytes
    name: bytes
    size: int


class _Extra(NamedTuple):
    """What extended headers say of the member after them."""

    name: bytes = b""
    size: int | None = None
    sparse: bool = False


def is_tar(head: bytes) -> bool:
    """Tell a tar by the checksum of its first header."""
    block = head[:BLOCK]
    return len(block) == BLOCK and block[0] != 0 and _checksum(block) == _number(block[148:156])


def tar_members(stream: Stream, budget: Budget) -> Iterator[Member]:
    """Give the members of a tar; raises Broken where the archive goes wrong."""
    extra = _Extra()
    while (block := stream.exactly(BLOCK)).strip(b"\0"):
        header = _header(block)
        if header.kind in _EXTRA_KINDS:
            extra = _extended(extra, header, _extra_data(stream, header.size))
            continue
        size = header.size if extra.size is None else extra.size
        content = _Content(stream, size)
        if header.kind != _FOLDER:
            budget.member()
            yield _member(header, extra, content)
        content.finish()
        extra = _Extra()
    stream.drain()


class _Content:
    """The bytes of one member, padded to whole blocks."""

    def __init__(self, stream: Stream, size: int):
        self._stream = stream
        self._left = size
        self._padding = -size % BLOCK
        self._cut = Broken("truncated tar")

    def read(self, size: int) -> bytes:
        data = self._stream.read(min(size, self._left)) if self._left else b""
        if self._left and size and not data:
            raise self._cut
        self._left -= len(data)
        return data

    def finish(self) -> None:
        while self.read(CHUNK):
            pass
        self._stream.exactly(self._padding)


def _member(header: _Header, extra: _Extra, content: _Content) -> Member:
    name = label(extra.name or header.name)
    if extra.sparse or header.kind == _SPARSE:
        return Member(name, trouble="is a sparse file, which is not supported")
    if header.kind in _PASSED:
        return Member(name, passed=f"is {_PASSED[header.kind]}")
    if header.kind not in _FILES:
        return Member(name, passed=f"is of the unknown kind {header.kind!r}")
    return Member(name, Stream(content.read))


def _header(block: bytes) -> _Header:
    if len(block) < BLOCK:
        raise Broken("truncated tar")
    if _checksum(block) != _number(block[148:156]):
        raise Broken("damaged tar: the checksum of a header is wrong")
    size = _number(block[124:136])
    if size is None:
        raise Broken("damaged tar: the size of a member is no number")
    kind = block[156:157]
    name, prefix = _text(block[:100]), _text(block[345:500])
    if block[257:263] == b"ustar\0" and prefix:
        name = prefix + b"/" + name
    if kind in {b"0", b"\0"} and name.endswith(b"/"):
        kind = _FOLDER
    return _Header(kind, name, 0 if kind in _PASSED or kind == _FOLDER else size)


def _extra_data(stream: Stream, size: int) -> bytes:
    if size > _EXTRA_BYTES:
        raise Broken(f"damaged tar: an extended header of {size} bytes")
    data = stream.exactly(size + -size % BLOCK)
    if len(data) < size:
        raise Broken("truncated tar")
    return data[:size]


def _extended(extra: _Extra, header: _Header, data: bytes) -> _Extra:
    if header.kind == b"L":
        return extra._replace(name=data.rstrip(b"\0"))
    if header.kind != b"x":
        return extra
    for key, value in _pax_records(data):
        if key == b"path":
            extra = extra._replace(name=value)
        elif key == b"size" and value.isdigit() and len(value) < 20:
            extra = extra._replace(size=int(value))
        elif key.startswith(b"GNU.sparse."):
            extra = extra._replace(sparse=True)
    return extra


def _pax_records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    r"""Split ``30 path=новости/1.html\n`` and so on; stops where a length is wrong."""
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 20)
        length = data[at:space]
        if space < 0 or not length.isdigit() or int(length) <= space - at:
            return
        key, _, value = data[space + 1 : at + int(length) - 1].partition(b"=")
        yield key, value
        at += int(length)


def _checksum(block: bytes) -> int:
    return sum(block) - sum(block[148:156]) + 8 * 0x20


def _number(field: bytes) -> int | None:
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0") or b"0"
    return int(digits, 8) if all(digit in b"01234567" for digit in digits) else None


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]
