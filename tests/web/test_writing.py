import pytest

from searchsvc.web.writing import by_orjson, by_standard_library, to_bytes

VALUES = [
    {"я": ["Мэр", "«ёлка»", "<b>&'\""], "a": None, "b": True},
    {"score": 12.3456, "took_ms": 0.07, "count": 140_000, "zero": 0.0, "whole": 3.0},
    ["нуль\x00 и \x1b, \ufffe, \u2028, 😀", "\\ и /", "\t\n\r"],
]


@pytest.mark.parametrize("value", VALUES)
def test_both_ways_to_write_give_the_same_bytes(value):
    pytest.importorskip("orjson")
    assert by_orjson(value) == by_standard_library(value)


def test_letters_are_as_they_are_and_keys_in_their_order():
    assert by_standard_library({"я": "Мэр", "а": 1}) == '{"я":"Мэр","а":1}\n'.encode()
    assert to_bytes([]) == b"[]\n"
