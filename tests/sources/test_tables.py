"""Rows of CSV and TSV become records under the names of the header."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st
from sources_found import inputs, told


def rows(found):
    return [tuple(one.content.values()) for one in inputs(found)]


def test_the_delimiter_is_told_by_the_header(read_bytes):
    for mark in ",;\t|":
        data = f"title{mark}text\nа{mark}б\n".encode()
        assert rows(read_bytes("a.csv", data)) == [("а", "б")]
    assert rows(read_bytes("a.csv", b"sep=;\ntitle;text\n1;2")) == [("1", "2")]


def test_quoted_fields_hold_delimiters_and_lines(read_bytes):
    (found,) = read_bytes("a.csv", 'title,text\r\n"а, ""б""","в\r\nг"\r\n'.encode())
    assert found.content == {"title": 'а, "б"', "text": "в\r\nг"}
    assert str(found.place) == "a.csv:1"


def test_fields_may_be_big(read_bytes):
    (found,) = read_bytes("a.csv", b"title,text\n1," + b"x" * 1_000_000)
    assert len(found.content["text"]) == 1_000_000


def test_quotes_of_the_text_stay_in_tsv(read_bytes):
    data = 'title\ttext\n"Мост" сыграли\tв парке\n"Мост ""2"""\t"в парке\nе\tж\n'.encode()
    assert rows(read_bytes("a.tsv", data)) == [
        ('"Мост" сыграли', "в парке"), ('Мост "2"', '"в парке'), ("е", "ж"),
    ]  # fmt: skip


def test_a_row_with_too_many_fields_costs_that_row_only(read_bytes):
    found = read_bytes("a.csv", b"title,text\n1,2,3\n4,5,\n6\n")
    assert rows(found) == [("4", "5"), ("6",)]
    assert told(found) == ["a.csv:1: has 3 fields under 2 columns"]


def test_a_quote_that_is_never_closed_is_told_of(read_bytes):
    found = read_bytes("a.csv", b'title,text\n1,2\n3,"4\n5,6\n')
    assert (rows(found), told(found)) == (
        [("1", "2")],
        ["a.csv:2: has a quote that is never closed"],
    )


def test_a_row_that_is_too_long_costs_no_more_than_it_may(read_bytes):
    data = b'title,text\n1,"' + b"x\n" * 60_000 + b'"\n' + b"y" * 200_000 + b"\n5,6\n"
    found = read_bytes("a.csv", data, file_bytes=100_000)
    assert rows(found)[-1] == ("5", "6")
    assert told(found)[0] == "a.csv:1: is longer than 100000 characters"
    assert told(found)[-1].endswith("is longer than 100000 bytes")


def test_columns_without_a_name_get_one(read_bytes):
    (found,) = read_bytes("a.csv", b",title\n1,2\n")
    assert found.content == {"column 1": "1", "title": "2"}


def test_bad_letters_are_told_of_with_their_row(read_bytes):
    found = read_bytes("a.csv", "title,text\nПервая,строка\nВторая,стр".encode() + b"\xff\n")
    assert rows(found) == [("Первая", "строка"), ("Вторая", "стр\ufffd")]
    assert told(found) == ["a.csv:2: invalid UTF-8 at byte 56, replaced"]


def test_prose_is_no_table(read_bytes):
    for text in (
        "Мэр, губернатор, министр\nприехали",
        "id, сказал он, и title\n",
        "Дата; текст; суть",
    ):
        (found,) = read_bytes("a.txt", text.encode())
        assert found.content == text


LETTERS = st.characters(exclude_characters="\4", exclude_categories=["Cs", "Cc"])
FIELD = st.text(LETTERS, min_size=1)


@given(st.lists(st.tuples(FIELD, FIELD), min_size=1, max_size=5), st.sampled_from(",;|"))
def test_what_csv_writes_is_what_is_read(read_bytes, written, delimiter):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([("title", "text"), *written])
    found = read_bytes("a.csv", text.getvalue().encode())
    assert (rows(found), told(found)) == (written, [])
