"""Sources, zip archives: members in the order of the directory at the archive's end.

In: a seekable file. Out: its members, none of whose promised sizes is believed.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, cast

from searchsvc.sources.labels import label
from searchsvc.sources.limits import Broken, Budget, TooMuch, grows_too_much
from searchsvc.sources.members import Member
from searchsvc.sources.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}
_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    IndexError,
)
"""What ``zipfile`` raises on archives that are damaged in various places."""


def zip_members(file: IO[bytes], budget: Budget) -> Iterator[Member]:
    """Give the members of a zip; raises Broken where its directory cannot be read."""
    file.seek(0)
    guarded = cast("IO[bytes]", _Guarded(file, budget.limits.file_bytes))
    try:
        archive = zipfile.ZipFile(guarded)
    except _ERRORS as error:
        raise Broken(f"damaged zip: {error}") from error
    with archive:
        for info in archive.infolist():
            if not info.is_dir():
                budget.member()
                yield _member(archive, info, budget)


class _Guarded:
    """A file that does not give a whole directory of hostile size at once."""

    def __init__(self, file: IO[bytes], limit: int):
        self._file = file
        self._limit = limit
        self.seek = file.seek
        self.tell = file.tell
        self.seekable = file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > self._limit:
            raise zipfile.BadZipFile(f"its directory is longer than {self._limit} bytes")
        return self._file.read(size if size >= 0 else self._limit)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> Member:
    name = label(_name(info))
    if stat.S_ISLNK(info.external_attr >> 16):
        return Member(name, passed="is a link")
    if info.flag_bits & _ENCRYPTED:
        return Member(name, trouble="is encrypted")
    if info.compress_type not in _METHODS:
        return Member(name, trouble=f"is packed by the unsupported method {info.compress_type}")
    try:
        return Member(name, _content(archive.open(info), info, budget))
    except _ERRORS as error:
        return Member(name, trouble=f"damaged zip: {error}")


def _content(opened: IO[bytes], info: zipfile.ZipInfo, budget: Budget) -> Stream:
    member = cast("zipfile.ZipExtFile", opened)
    given = 0

    def source(size: int) -> bytes:
        nonlocal given
        try:
            data = member.read1(size)
        except _ERRORS as error:
            raise Broken(f"damaged zip: {str(error) or 'it ends too soon'}") from error
        given += len(data)
        if grows_too_much(info.compress_size, given, budget.limits.unpacked_ratio):
            raise TooMuch(f"unpacks to more than {budget.limits.unpacked_ratio} times its size")
        budget.spend(len(data))
        return data

    return Stream(source)


def _name(info: zipfile.ZipInfo) -> str:
    """Read names that Russian Windows wrote in cp866, which ``zipfile`` takes for cp437."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("cp866")
    except UnicodeError:
        return info.filename
