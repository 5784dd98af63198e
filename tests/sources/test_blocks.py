"""Blocks of lines: cut for other processes, they hold the lines that a stream has."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.sources.limits import Broken
from searchsvc.sources.streams import Stream, block_lines, blocks, lines, of_file

DATA = st.lists(st.sampled_from([b"\n", b"\n\n", b"a", b"{}", b"long line", b"\r"])).map(b"".join)


def small(data: bytes, size: int) -> Stream:
    """Make a stream that gives so many bytes at a time."""
    source = io.BytesIO(data)
    return Stream(lambda _: source.read(size))


@given(DATA, st.integers(1, 12), st.integers(0, 12))
def test_lines_of_blocks_are_the_lines_of_the_stream(data: bytes, size: int, limit: int) -> None:
    found = [
        line for block in blocks(small(data, size), limit) for line in block_lines(block, limit)
    ]
    assert found == list(lines(of_file(io.BytesIO(data)), limit))


@given(DATA, st.integers(1, 12))
def test_blocks_end_with_a_line(data: bytes, size: int) -> None:
    *first, last = [block.data for block in blocks(small(data, size), 100)] or [b""]
    assert all(block.endswith(b"\n") for block in first)
    assert b"".join([*first, last]) == data


def test_a_line_that_is_too_long_is_not_held() -> None:
    found = list(blocks(small(b"a\n" + b"b" * 90 + b"\nc\n", 7), 20))
    assert [block.data for block in found] == [b"a\n", None, b"c\n"]
    assert [block.number for block in found] == [1, 2, 3]
    assert [block.offset for block in found] == [0, 2, 93]


def test_what_came_before_a_break_is_given() -> None:
    chunks = iter([b"a\nb\nc", b"d\ne"])

    def source(_: int) -> bytes:
        try:
            return next(chunks)
        except StopIteration:
            raise Broken("cut short") from None

    found = blocks(Stream(source), 100)
    assert next(found).data == b"a\nb\n"
    assert next(found).data == b"cd\n"
    with pytest.raises(Broken, match="cut short"):
        next(found)
