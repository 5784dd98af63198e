"""JSON lines and documents become numbered objects; what is broken costs itself only."""

import json

from hypothesis import given
from hypothesis import strategies as st
from sources_found import inputs, told

from searchsvc.model import Format


def titles(found):
    return [one.content["title"] for one in inputs(found)]


def test_a_broken_line_costs_that_line_only(read_bytes):
    found = read_bytes("a.jsonl", b'{"title": "1"}\n{"title": \n[1]\n{"title": "4"}\r\n\n"5"\n7')
    assert titles(found) == ["1", "4"]
    assert [one.partition(": ")[0] for one in told(found)] == [f"a.jsonl:{n}" for n in (2, 3, 6, 7)]
    assert told(found)[1] == "a.jsonl:3: is no object but an array"


def test_a_line_in_another_encoding_is_read(read_bytes):
    lines = [json.dumps({"title": f"Новость дня {n}"}, ensure_ascii=False) for n in (1, 2, 3)]
    data = b"\n".join((lines[0].encode(), lines[1].encode("cp1251"), lines[2].encode()))
    assert titles(read_bytes("a.jsonl", data)) == [
        "Новость дня 1",
        "Новость дня 2",
        "Новость дня 3",
    ]


def test_an_overlong_line_is_passed_over(read_bytes):
    data = b'{"title": "1"}\n{"title": "' + b"x" * 2_000_000 + b'"}\n{"title": "3"}'
    found = read_bytes("a.jsonl", data, file_bytes=1_000_000)
    assert titles(found) == ["1", "3"]
    assert told(found) == ["a.jsonl:2: is longer than 1000000 bytes"]


def test_half_a_surrogate_pair_is_replaced(read_bytes):
    assert titles(read_bytes("a.jsonl", rb'{"title": "a\ud83d"}')) == ["a\ufffd"]
    assert titles(read_bytes("a.jsonl", rb'{"title": "\ud83d\ude00"}')) == ["\U0001f600"]


def test_deep_nesting_is_refused_in_lines_and_documents(read_bytes):
    for depth in (100, 5000, 200_000):
        deep = b'{"a": ' + b"[" * depth + b"]" * depth + b"}"
        for name, data in (("a.jsonl", deep), ("a.json", b"[" + deep + b"]")):
            assert told(read_bytes(name, data)) == [f"{name}:1: is nested deeper than 64"]


def test_numbers_of_hostile_length_are_refused(read_bytes):
    for name in ("a.jsonl", "a.json"):
        assert len(told(read_bytes(name, b'{"a": ' + b"9" * 5000 + b"}"))) == 1


def test_a_document_keeps_what_stands_before_a_break(read_bytes):
    found = read_bytes("a.json", b'[{"title": "1"}, {"title": "2"}, {"title": ')
    assert titles(found) == ["1", "2"]
    assert told(found)[0].startswith("a.json:3: broken JSON")


def test_an_object_alone_has_no_number(read_bytes):
    (found,) = read_bytes("a.json", b'{"title": "1", "authors": [{"name": "x", "url": "y"}]}')
    assert (str(found.place), found.format) == ("a.json", Format.RECORD)


def test_arrays_inside_objects_are_found(read_bytes):
    rows = b'[{"title": "1"}, {"title": "2"}]'
    for around in (
        b'{"articles": %s}',
        b'{"ok": true, "tags": [{"title": "x"}], "data": {"page": [1, 2], "news": %s}, "n": 3}',
        b'{"version": "1.1", "title": "x", "items": %s}',
        b'{"content": %s, "total": 2}',
    ):
        assert titles(read_bytes("a.json", around % rows)) == ["1", "2"], around
    hits = b'{"hits": {"hits": [{"_id": "a", "_source": {"title": "1"}}]}}'
    assert titles(read_bytes("a.json", hits)) == ["1"]


def test_an_article_with_related_ones_stays_one_article(read_bytes):
    for data in (
        b'{"title": "1", "text": "t", "also": [{"title": "2", "url": "u"}]}',
        b'{"related": [{"title": "2", "url": "u"}], "title": "1", "text": "t"}',
    ):
        assert titles(read_bytes("a.json", data)) == ["1"]


def test_objects_one_after_another_are_read(read_bytes):
    assert titles(read_bytes("a.json", b'{\n"title": "1"}\n{\n"title": "2"\n}')) == ["1", "2"]
    assert titles(read_bytes("a.json", b'{"title": "1"}\n{"title": "2"}')) == ["1", "2"]


def test_a_value_that_is_too_long_breaks_a_document(read_bytes):
    data = b'[{"title": "1"}, {"title": "' + b"x" * 3_000_000 + b'"}]'
    found = read_bytes("a.json", data, file_bytes=1_000_000)
    assert titles(found) == ["1"]
    assert told(found) == ["a.json:2: a JSON value is longer than 1000000 bytes"]


def test_lines_lost_in_a_crash_are_told_of(read_bytes):
    found = read_bytes("a.jsonl", b'{"title": "1"}\n' + bytes(300) + b'\n{"title": "3"}\n')
    assert (titles(found), told(found)) == (["1", "3"], ["a.jsonl:2: is filled with NUL bytes"])


JSON = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.text(st.characters(exclude_categories=["Cs"])) | st.integers(-(2**62), 2**62) | st.none(),
    min_size=1,
)


@given(st.lists(JSON, min_size=1, max_size=5), st.booleans())
def test_what_json_writes_is_what_is_read(read_bytes, objects, ascii_only):
    lines = "\n".join(json.dumps(one, ensure_ascii=ascii_only) for one in objects)
    array = json.dumps(objects, ensure_ascii=ascii_only)
    for name, text in (("a.jsonl", lines), ("a.json", array)):
        found = read_bytes(name, text.encode())
        assert [one.content for one in inputs(found)] == objects
        assert told(found) == []
