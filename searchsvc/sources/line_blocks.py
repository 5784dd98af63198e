"""Sources, JSON lines still to be read: blocks of them, which another process may read.

In: a block as it was cut, and the file that it was cut out of where its bytes are the file's own.
Out: an Input for each line, a Failure for what is broken. Another process gets the place of a block
in the file and reads it again: through a pipe that takes four times as long.
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
    """A file that is being read: where it is, and which it is there."""

    path: Path
    device: int
    inode: int

    @classmethod
    def of(cls, path: Path, file: IO[bytes]) -> OpenFile:
        """Describe a file opened under a path."""
        status = os.fstat(file.fileno())
        return cls(path, status.st_dev, status.st_ino)

    def read(self, offset: int, size: int) -> bytes:
        """Read some of it again; raises Broken where it is another file now, or shorter."""
        try:
            with open_regular(self.path) as file:
                same = OpenFile.of(self.path, file) == self
                data = os.pread(file.fileno(), size, offset) if same else b""
        except OSError as error:
            raise Broken(explained(error)) from error
        if len(data) < size:
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
        if self.file is None or not self.size:
            return self
        return replace(self, block=self.block._replace(data=b""), left=self.size)

    def lines(self) -> Iterator[Line]:
        """Give them as they are; raises Broken where the file was changed."""
        block = self.block
        if self.left and self.file is not None:
            block = block._replace(data=self.file.read(block.offset, self.left))
        return block_lines(block, self.limit)

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
