"""Sources, text line by line: for JSON lines and tables, which are read without being held.

In: a stream. Out: numbered lines of text, each decoded by itself, so that one line in another
encoding, or broken, costs that line only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from searchsvc.sources.encodings import as_utf8, decoded, wide_encoding
from searchsvc.sources.streams import Stream, block_lines, lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from searchsvc.sources.streams import Block, Line

_HEAD = 64 * 1024
_WIDE_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


class TextLine(NamedTuple):
    """A line from 1; ``text`` is None where it cannot be used; ``flaw`` says what to report."""

    number: int
    text: str | None
    flaw: str = ""


def text_lines(stream: Stream, limit: int) -> Iterator[TextLine]:
    """Decode the lines of a stream; ``limit`` is the longest line in bytes; raises Broken."""
    wide = wide_stream_encoding(stream)
    if wide is not None:
        stream, flaws = as_utf8(stream, wide)
        yield from _narrow_lines(stream, limit)
        for flaw in flaws:
            yield TextLine(0, None, flaw)
    else:
        yield from _narrow_lines(stream, limit)


def wide_stream_encoding(stream: Stream) -> str | None:
    """Tell which UTF-16 a stream is written in, if any."""
    head = stream.peek(_HEAD)
    return _WIDE_MARKS.get(head[:2]) or (wide_encoding(head) if b"\0" in head else None)


def usual_encoding(stream: Stream) -> str:
    """Tell in which encoding the lines of a stream are, by its first ones."""
    return decoded(_whole_lines(stream.peek(_HEAD))).encoding


def text_lines_of(block: Block, usual: str, limit: int) -> Iterator[TextLine]:
    """Decode the lines of a block as ``text_lines`` does."""
    for line in block_lines(block, limit):
        yield _text_line(line, usual, limit)


def _narrow_lines(stream: Stream, limit: int) -> Iterator[TextLine]:
    usual = usual_encoding(stream)
    for line in lines(stream, limit):
        yield _text_line(line, usual, limit)


def _text_line(line: Line, usual: str, limit: int) -> TextLine:
    if line.data is None:
        return TextLine(line.number, None, f"is longer than {limit} bytes")
    if line.data and not line.data.strip(b"\0\r"):
        return TextLine(line.number, None, "is filled with NUL bytes")
    text, _, flaw = decoded(line.data, usual, line.offset)
    return TextLine(line.number, text, flaw)


def _whole_lines(head: bytes) -> bytes:
    return head[: head.rfind(b"\n") + 1] or head
