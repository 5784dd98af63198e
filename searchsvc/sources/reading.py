"""Sources, second step: a file becomes inputs to parse.

In: files that were found by walking. Out: an Input for each page, dump, feed and record, however
they are packed; a Failure for what is broken, with its place; a Skip for what holds no articles.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from searchsvc.model import Failure, Format, Input, Place
from searchsvc.sources.encodings import declaration, decoded
from searchsvc.sources.formats import HEAD, Kind, Refusal, recognise
from searchsvc.sources.labels import hidden, without_packing
from searchsvc.sources.limits import MEBIBYTE, Broken, Budget, Exhausted, SourceLimits
from searchsvc.sources.line_blocks import Lines, OpenFile, as_inputs
from searchsvc.sources.lines import text_lines, usual_encoding, wide_stream_encoding
from searchsvc.sources.mhtml import root_page
from searchsvc.sources.records import json_document, json_lines
from searchsvc.sources.streams import (
    Block,
    Stream,
    blocks,
    explained,
    of_file,
    open_regular,
    whole,
)
from searchsvc.sources.tables import table_records
from searchsvc.sources.tars import tar_members
from searchsvc.sources.unpacking import packing, unpacked
from searchsvc.sources.walking import Skip, SourceFile
from searchsvc.sources.zips import zip_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from searchsvc.sources.members import Member
    from searchsvc.sources.records import Record

    Found = Input | Failure | Skip

__all__ = ["Lines", "Skip", "SourceFile", "SourceLimits", "portions", "read"]

_SPOOLED_IN_MEMORY = 8 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where reading stands: ``name`` without suffixes of compression, ``depth`` of archives.

    What is read are bytes of the ``file`` itself where there is one.
    """

    place: Place
    name: str
    budget: Budget
    file: OpenFile | None = None
    depth: int = 0
    just_unpacked: bool = False

    @property
    def limits(self) -> SourceLimits:
        return self.budget.limits


def read(file: SourceFile, limits: SourceLimits) -> Iterator[Found]:
    """Read one file to its end; the same bytes give the same things in the same order.

    Records are numbered by line (JSON lines), element (arrays) or row below the header (tables).
    Text with some unreadable bytes gives both an Input and a Failure that says where they were.
    """
    for portion in portions(file, limits):
        if isinstance(portion, Lines):
            yield from portion.found()
        else:
            yield portion


def portions(file: SourceFile, limits: SourceLimits) -> Iterator[Found | Lines]:
    """Read one file to its end, but leave JSON lines as they are; ``found`` gives what they hold.

    Together they are what ``read`` gives, in that order.
    """
    place = Place(file.name)
    try:
        with open_regular(file.path) as handle:
            opened = OpenFile.of(file.path, handle)
            spot = _Spot(place, file.name, Budget(file.size, limits), opened)
            yield from _reported(spot, _read(of_file(handle, opened.size), spot))
    except OSError as error:
        yield Failure(place, explained(error))


def _reported(spot: _Spot, found: Iterator[Found | Lines]) -> Iterator[Found | Lines]:
    """Turn a break into a Failure, unless it concerns what is around this spot as well."""
    try:
        yield from found
    except Broken as broken:
        if not broken.reported:
            broken.reported = True
            yield Failure(replace(spot.place, record=broken.record), broken.reason)
        if isinstance(broken, Exhausted) and spot.depth:
            raise


def _read(stream: Stream, spot: _Spot) -> Iterator[Found | Lines]:
    kind = recognise(stream.peek(HEAD), spot.name)
    if isinstance(kind, Refusal):
        stream.read(0)
        yield (Failure if kind.failed else Skip)(spot.place, kind.reason)
    else:
        yield from _READERS[kind](stream, spot)


def _deeper(spot: _Spot) -> _Spot:
    if spot.depth >= spot.limits.archive_depth:
        raise Broken(f"archives are nested deeper than {spot.limits.archive_depth}")
    return replace(spot, file=None, depth=spot.depth + 1, just_unpacked=False)


def _packed(stream: Stream, spot: _Spot) -> Iterator[Found | Lines]:
    inner = replace(_deeper(spot), name=without_packing(spot.name), just_unpacked=True)
    name = packing(stream.peek(HEAD)) or ""
    yield from _reported(inner, _read(unpacked(stream, name, spot.budget), inner))


def _tar(stream: Stream, spot: _Spot) -> Iterator[Found | Lines]:
    inner = replace(spot, just_unpacked=False) if spot.just_unpacked else _deeper(spot)
    for member in tar_members(stream, spot.budget):
        yield from _member(member, inner)


def _zip(stream: Stream, spot: _Spot) -> Iterator[Found | Lines]:
    inner = _deeper(spot)
    if stream.file is not None:
        for member in zip_members(stream.file, spot.budget):
            yield from _member(member, inner)
        return
    with tempfile.SpooledTemporaryFile(max_size=_SPOOLED_IN_MEMORY) as spool:
        kept = 0
        while chunk := stream.read():
            kept += len(chunk)
            if kept > spot.limits.spooled_bytes:
                raise Broken(f"is a zip of over {spot.limits.spooled_bytes} bytes in an archive")
            spool.write(chunk)
        for member in zip_members(spool, spot.budget):
            yield from _member(member, inner)


def _member(member: Member, spot: _Spot) -> Iterator[Found | Lines]:
    place = replace(spot.place, members=(*spot.place.members, member.name))
    if hidden(member.name):
        return
    if member.stream is not None:
        inner = replace(spot, place=place, name=member.name)
        yield from _reported(inner, _read(member.stream, inner))
    elif member.trouble:
        yield Failure(place, member.trouble)
    else:
        yield Skip(place, member.passed)


def _whole_text(stream: Stream, spot: _Spot, *, form: Format) -> Iterator[Found]:
    data, broken = whole(stream, spot.limits.file_bytes)
    yield from _texts(spot, form, data, declaration(data))
    if broken is not None:
        raise broken


def _web_archive(stream: Stream, spot: _Spot) -> Iterator[Found]:
    data, broken = whole(stream, spot.limits.file_bytes)
    page, declared = root_page(data)
    yield from _texts(spot, Format.PAGE, page, declared or declaration(page))
    if broken is not None:
        raise broken


def _texts(spot: _Spot, form: Format, data: bytes, declared: str | None) -> Iterator[Found]:
    if not data:
        return
    text, _, flaw = decoded(data, declared)
    yield Input(spot.place, form, text)
    if flaw:
        yield Failure(spot.place, flaw)


def _lines(stream: Stream, spot: _Spot) -> Iterator[Found | Lines]:
    limit = spot.limits.file_bytes
    if wide_stream_encoding(stream) is not None:
        yield from _records(spot, json_lines(text_lines(stream, limit)))
        return
    encoding = usual_encoding(stream)
    last: Block | None = None
    try:
        for block in blocks(stream, limit):
            last = block
            yield Lines(spot.place, block, encoding, limit, spot.file)
    except Broken as broken:
        broken.record = _next_number(last)
        raise


def _next_number(last: Block | None) -> int:
    """Give the number after the last line that has something in it."""
    if last is None:
        return 1
    said = (last.data or b"").rstrip()
    return last.number + said.count(b"\n") + (last.data is None or bool(said))


def _table(stream: Stream, spot: _Spot) -> Iterator[Found]:
    sample = decoded(stream.peek(HEAD)).text
    lines = text_lines(stream, spot.limits.file_bytes)
    yield from _records(spot, table_records(lines, sample, spot.limits.file_bytes))


def _document(stream: Stream, spot: _Spot) -> Iterator[Found]:
    encoding = wide_stream_encoding(stream) or decoded(stream.peek(HEAD)).encoding
    yield from _records(spot, json_document(stream, encoding, spot.limits.file_bytes))


def _records(spot: _Spot, records: Iterator[Record]) -> Iterator[Found]:
    last = 0
    try:
        for item in as_inputs(spot.place, records):
            last = item.place.record or last
            yield item
    except Broken as broken:
        broken.record = broken.record or last + 1
        raise


_READERS: dict[Kind, Callable[[Stream, _Spot], Iterator[Found | Lines]]] = {
    Kind.PACKED: _packed,
    Kind.ZIP: _zip,
    Kind.TAR: _tar,
    Kind.PAGE: partial(_whole_text, form=Format.PAGE),
    Kind.DUMP: partial(_whole_text, form=Format.DUMP),
    Kind.FEED: partial(_whole_text, form=Format.FEED),
    Kind.MHTML: _web_archive,
    Kind.JSON: _document,
    Kind.JSON_LINES: _lines,
    Kind.TABLE: _table,
}
