"""Sources, JSON lines still to be read: blocks of them, which another process may read.

In: a block as it was cut, and the file that it was cut out of where its bytes are the file's own.
Out: an Input for each line, a Failure for what is broken. Another process gets the place of a block
in the file and reads it again: through a pipe that takes four times as long. Where the file is not
what it was it says so, and has done nothing: who cut the blocks has their bytes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.model import Failure, Format, Input, Place
from searchsvc.sources.limits import Broken
from searchsvc.sources.lines import text_lines_of
from searchsvc.sources.plain_lines import plain_fields
from searchsvc.sources.records import json_lines
from searchsvc.sources.streams import Block, block_lines, explained, open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from searchsvc.sources.records import Record
    from searchsvc.sources.streams import Line


class OpenFile(NamedTuple):
    """A file that is being read: where it is, which it is there, and as what it was opened."""

    path: Path
    device: int
    inode: int
    size: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path, file: IO[bytes]) -> OpenFile:
        """Describe a file opened under a path."""
        return cls._of(path, os.fstat(file.fileno()))

    @classmethod
    def _of(cls, path: Path, status: os.stat_result) -> OpenFile:
        return cls(path, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)

    def is_there(self) -> bool:
        """Tell whether it stands there as it was."""
        try:
            return self._of(self.path, self.path.stat()) == self
        except OSError:
            return False

    def read(self, offset: int, size: int) -> bytes:
        """Read some of it again; raises Broken where it is another file now, or was changed."""
        try:
            with open_regular(self.path) as file:
                data = os.pread(file.fileno(), size, offset)
                same = OpenFile.of(self.path, file) == self
        except OSError as error:
            raise Broken(explained(error)) from error
        if len(data) < size or not same:
            raise Broken("was changed while it was read")
        return data


@dataclass(frozen=True, slots=True)
class Lines:
    """A block of JSON lines; ``left`` of its bytes are to be read again from its ``file``."""

    place: Place
    block: Block
    encoding: str
    limit: int
    file: OpenFile | None = None
    left: int = 0

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.block.data or b"")

    def elsewhere(self) -> Lines:
        """Give it to another process: without its bytes where they are a file's own."""
        if self.file is None or not self.size or not self.file.is_there():
            return self
        return replace(self, block=self.block._replace(data=b""), left=self.size)

    def here(self) -> Lines:
        """Take it with its bytes again; raises Broken where the file was changed."""
        if not self.left or self.file is None:
            return self
        data = self.file.read(self.block.offset, self.left)
        return replace(self, block=self.block._replace(data=data), left=0)

    def lines(self) -> Iterator[Line]:
        """Give them as they are."""
        return block_lines(self.block, self.limit)

    def found(self) -> Iterator[Input | Failure]:
        """Read them."""
        for line in self.lines():
            yield from self.found_in(line)

    def found_in(self, line: Line) -> Iterator[Input | Failure]:
        """Read one of them."""
        fields = plain_fields(line.data) if line.data else None
        if fields is not None:
            place = Place(self.place.path, self.place.members, line.number)
            yield Input(place, Format.RECORD, fields)
        else:
            texts = text_lines_of(Block(*line), self.encoding, self.limit)
            yield from as_inputs(self.place, json_lines(texts))


def as_inputs(place: Place, records: Iterator[Record]) -> Iterator[Input | Failure]:
    """Give the records of a place as what is to be parsed, or why it cannot be."""
    for number, fields, trouble in records:
        own = Place(place.path, place.members, number)
        if fields is not None:
            yield Input(own, Format.RECORD, fields)
        else:
            yield Failure(own, trouble)
