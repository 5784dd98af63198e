"""Bytes become text in the encoding they are in, whatever was said of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.sources.encodings import as_utf8, declaration, decode, decoded, known
from searchsvc.sources.streams import Stream

PROSE = (
    "Жители Зареченска посадили сорок лип у новой школы, рассказал садовник Прохор Лядов. "
    "Ещё десять деревьев привезут осенью: питомник обещал вырастить их к сентябрю."
)
RUSSIAN = ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic")


# Mac Cyrillic shares its small letters with cp1251: declared as that, it is believed to be that.
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-16", *RUSSIAN[:-1]])
@pytest.mark.parametrize("declared", [None, "utf-8", "windows-1251", "koi8-r", "gibberish"])
def test_prose_is_read_whatever_is_declared(encoding, declared):
    assert decode(PROSE.encode(encoding), declared) == PROSE


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866"])
@pytest.mark.parametrize(
    "headline",
    [
        "Музей покажет старые карты",
        "НА ПЛОЩАДИ ПОСТАВИЛИ ЁЛКУ",
        "Паром «Бурный» снова ходит",
        "Трамвай № 5 сошёл с рельсов",
    ],
)
def test_a_headline_is_enough(headline, encoding):
    text = headline.encode(encoding, "ignore").decode(encoding)
    assert decode(text.encode(encoding)) == text


def test_mac_cyrillic_is_recognised_in_prose():
    assert decode(PROSE.encode("mac-cyrillic")) == PROSE
    assert decode(PROSE.encode("mac-cyrillic"), "x-mac-cyrillic") == PROSE


def test_a_mark_decides_over_everything():
    assert decode(b"\xef\xbb\xbf" + PROSE.encode(), "koi8-r") == PROSE
    assert decode("\ufeffда".encode("utf-16-be"), "utf-8") == "да"
    assert decode("\ufeffда".encode("utf-32-le")) == "да"


def test_some_bad_bytes_are_replaced_and_told_of():
    data = PROSE.encode().replace("школы".encode(), b"\xff")
    found = decoded(data)
    assert found.text == PROSE.replace("школы", "\ufffd")
    assert found.flaw == f"invalid UTF-8 at byte {data.index(0xFF)}, replaced"


def test_nul_bytes_are_replaced_and_told_of():
    found = decoded(PROSE.encode() + bytes(500) + "да".encode())
    assert found.text == f"{PROSE}\ufffdда"
    assert found.flaw == f"NUL bytes from byte {len(PROSE.encode())}, replaced"


def test_accents_are_no_russian():
    assert decode("Größe, Bürger, Straße".encode("cp1252")) == "Größe, Bürger, Straße"
    assert decode("Größe, Bürger".encode("latin-1"), "iso-8859-1") == "Größe, Bürger"


def test_a_declared_encoding_of_another_alphabet_is_believed():
    for text, encoding in (
        ("Καλημέρα κόσμε", "windows-1253"),
        ("中国新闻报道", "gb2312"),
        ("Київська міська рада", "koi8-u"),
    ):
        assert decode(text.encode(encoding), encoding) == text


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'<meta charset="windows-1251">', "windows-1251"),
        (b"<META http-equiv=Content-Type content='text/html; charset=koi8-r'>", "koi8-r"),
        (b"<?xml version='1.0' encoding='cp866'?>", "cp866"),
        (b"<meta name=viewport><p>charset=koi8-r", None),
        (b" " * 5000 + b'<meta charset="koi8-r">', None),
    ],
)
def test_a_declaration_is_found_in_the_beginning(data, name):
    assert declaration(data) == name


@pytest.mark.parametrize(
    "name", ["hex", "rot13", "unicode_escape", "idna", "utf-7", "", None, "a\0"]
)
def test_what_is_no_encoding_of_text_is_not_believed(name):
    assert known(name) is None


@given(st.binary(max_size=200), st.sampled_from([None, "utf-8", "koi8-r", "utf-16", "shift_jis"]))
def test_any_bytes_become_storable_text(data, declared):
    text = decode(data, declared)
    assert "\0" not in text
    assert text.encode("utf-8").decode("utf-8") == text


@given(st.text(st.characters(exclude_characters="\0\4", exclude_categories=["Cs"]), min_size=1))
def test_valid_utf8_is_never_read_otherwise(text):
    assert decode(text.encode("utf-8"), "windows-1251") == text.removeprefix("\ufeff")


@given(st.binary(max_size=300), st.integers(1, 7))
def test_a_stream_decodes_as_the_whole_does(data, size):
    pieces = iter([data[at : at + size] for at in range(0, len(data), size)])
    stream, flaws = as_utf8(Stream(lambda _: next(pieces, b"")), "utf-8")
    read = b""
    while more := stream.read():
        read += more
    expected = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    assert read.decode("utf-8") == expected
    assert bool(flaws) != _valid(data)


def _valid(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
