"""Plain lines: read fast, they are what the general way reads, whatever stands in them."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from searchsvc.model import Format, Input, Place
from searchsvc.sources.lines import text_lines_of
from searchsvc.sources.plain_lines import plain_fields
from searchsvc.sources.reading import Lines
from searchsvc.sources.records import json_lines
from searchsvc.sources.streams import Block

ODD = st.sampled_from(
    [
        *(b"", b" ", b"\r", b"\0", b"\4", b"\xef\xbb\xbf", b"\xff\xfe", b"\x0b", b"\xc2\x85"),
        *(b"null", b"[1]", b"1", b'"text"', b"{}", b'{"a": {"b": [1, {"c": null}]}}'),
        *(b'{"a": 12345678901234567890123}', b'{"a": -9223372036854775809}', b'{"a": 1.50}'),
        *(b'{"a": 1e400}', b'{"a": NaN}', b'{"a": -0}', b'{"a": -0.0}', b'{"a": 01}'),
        *(b'{"a": [1, "b", null, true]}', b'{"a": [1, [2]]}', b'{"a": [0.5]}', b'{"a": 1,}'),
        *(b'{"a": 1, "b": 2, "a": 3}', b'{"a": "\\ud83d\\ude00"}', b'{"a": "\\ud83d"}'),
        *(b'{"\\udfff": "b"}', b'{"a": "\xed\xa0\x80"}', b'{"a": "\\u0000"}', b'{"a": "\t"}'),
        *(b'{"a": "\x7f"}', b"{'a': 1}", b'{"a": "\xef\xe5\xf0\xe2\xfb\xe9"}', b"[" * 70),
        *(b'{"a":' * 70 + b"1" + b"}" * 70, b'{"a": ' + b"9" * 5000 + b"}", b'{"a": "b"} {}'),
        *('{"заголовок": "Выпал снег", "день": 3}'.encode(), b'{"a": "\\x"}', b'{"a": "b'),
    ]
)
LINE = st.lists(ODD, min_size=1, max_size=3).map(b"".join) | st.binary(max_size=20).map(
    lambda data: data.replace(b"\n", b"")
)
PLACE = Place("a.jsonl", ("inner.jsonl",))
LIMIT = 6_000


@given(st.lists(LINE, min_size=1, max_size=6), st.sampled_from(["utf-8", "cp1251", "koi8-r"]))
@example([b'{"a": 12345678901234567890123}'], "utf-8")
def test_lines_are_read_as_in_general(lines: list[bytes], encoding: str) -> None:
    block = Block(7, 100, b"".join(line + b"\n" for line in lines))
    found = [
        (item.place, item.content if isinstance(item, Input) else item.reason)
        for item in Lines(PLACE, block, encoding, LIMIT).found()
    ]
    expected = [
        (Place(PLACE.path, PLACE.members, record.number), record.fields or record.trouble or {})
        for record in json_lines(text_lines_of(block, encoding, LIMIT))
    ]
    # Texts, as NaN is not equal to itself and 1 is to True.
    assert list(map(repr, found)) == list(map(repr, expected))


def test_a_line_that_is_too_long_fails_alone() -> None:
    block = Block(1, 0, b'{"a": "' + b"x" * LIMIT + b'"}\n{"b": 2}\n')
    failure, item = Lines(PLACE, block, "utf-8", LIMIT).found()
    assert failure.reason == "is longer than 6000 bytes"
    assert item == Input(Place("a.jsonl", ("inner.jsonl",), 2), Format.RECORD, {"b": 2})


@pytest.mark.parametrize("fields", [{"title": "Снег", "tags": ["зима", "лёд"], "n": 1, "x": None}])
def test_what_is_usual_is_plain(fields: dict[str, object]) -> None:
    assert plain_fields(json.dumps(fields).encode()) == fields
    assert plain_fields(json.dumps(fields, ensure_ascii=False).encode()) == fields


@pytest.mark.parametrize("fields", [{"a": 0.5}, {"a": {"b": 1}}, {"a": [[1]]}, {"a": 1 << 64}])
def test_what_may_be_read_otherwise_is_not(fields: dict[str, object]) -> None:
    assert plain_fields(json.dumps(fields).encode()) is None
