"""Lines read in the short way: their articles are those of the long way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_plain import SIGNS, WORDS

from searchsvc.model import Article, NarrowArticle, Place
from searchsvc.parsing import narrow
from searchsvc.parsing.narrow import narrow_article
from searchsvc.parsing.records import parse_record

needs_compiled = pytest.mark.skipif(narrow.compiled is None, reason="_lines was not compiled")

USUAL = {
    "id": "снег-1",
    "url": "https://news.example/1",
    "title": "Снег выпал в городе",
    "text": "В город вернулся снег.Мэр рад: «Это — зима!»\nА мы — нет.",
    "date": "2022-01-01T09:50:00",
    "topic": "Погода; Город",
    "views": 12,
}


def line_of(fields: object, **options: Any) -> bytes:
    return json.dumps(fields, **options).encode("utf-8", "surrogatepass")


def long_way(line: bytes) -> Article:
    (article,) = parse_record(json.loads(line), Place("a.jsonl", (), 1)).articles
    return article


def same(line: bytes) -> NarrowArticle | None:
    """Read in both ways where the short one can."""
    found = narrow_article(line, "a.jsonl")
    if found is not None:
        assert found.widened() == long_way(line)
    return found


@needs_compiled
@pytest.mark.parametrize("options", [{}, {"ensure_ascii": False}, {"separators": (",", ":")}])
def test_usual_lines_are_read_in_the_short_way(options: dict[str, Any]) -> None:
    found = same(line_of(USUAL, **options))
    assert found is not None
    assert found.text.decode("cp1251").startswith("В город вернулся снег.\nМэр рад")
    assert found.topics == ("Погода", "Город")
    assert found.language == "ru"


@needs_compiled
@pytest.mark.parametrize(
    "changed",
    [
        {"id": 12},
        {"id": None, "url": "https://www.news.example/1?utm_source=a"},
        {"tags": ["снег", "зима"]},
        {"authors": "А. Снегов и Б. Зимин"},
        {"date": 1641023400},
        {"date": "2022"},
        {"date": "вчера"},
        {"language": "uk-UA"},
        {"text": "The snow is here, and it is cold, says the mayor of the town."},
        {"source": "Пример\\", "topic": 'а "б"'},
        {"title": 'Снег "\\" и / «лёд»'},
        {"online": True, "draft": False, "parent": None},
        {"lead": ""},
    ],
)
def test_other_values_are_read_as_in_general(changed: dict[str, object]) -> None:
    assert same(line_of(USUAL | changed, ensure_ascii=False)) is not None


@needs_compiled
@pytest.mark.parametrize(
    "changed",
    [
        {"lead": "Снег"},
        {"summary": "Снег"},
        {"title": ""},
        {"title": "Снег\nи лёд"},
        {"title": ["Снег идёт"]},
        {"title": "null"},
        {"text": ""},
        {"text": "<p>Снег выпал</p>"},
        {"text": "снег &amp; лёд"},
        {"text": " снег выпал"},
        {"text": "снег  выпал"},
        {"text": "снег вы\u0301пал"},
        {"text": "снігу немає"},
        {"text": "снег \U0001f600 выпал"},
        {"text": "снег ½ выпал"},
        {"text": None},
        {"views": 1.5},
        {"views": 10**18},
        {"tags": [["снег"]]},
        {"meta": {"a": 1}},
        {"source": "\ud83d"},
        {"id": "", "url": ""},
    ],
)
def test_what_is_unusual_goes_the_long_way(changed: dict[str, object]) -> None:
    assert narrow_article(line_of(USUAL | changed), "a.jsonl") is None


@needs_compiled
@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        line_of(USUAL)[:-1],
        line_of(USUAL) + b"}",
        line_of(USUAL)[:-1] + b",}",
        line_of(USUAL)[:-1] + b', "id": "a"}',
        line_of(USUAL)[:-1] + b', "views": 012}',
        line_of(USUAL)[:-1] + b', "views": nil}',
        line_of(USUAL)[:-1] + b', "tags": ["a" "b"]}',
        line_of(USUAL)[:-1] + b', "a": "\xff"}',
        line_of(USUAL)[:-1] + b', "a": "\x01"}',
        line_of(USUAL)[:-1] + b', "a": "\\x"}',
        line_of(USUAL)[:-1] + b', "\\u0061": "a"}',
        b"\xef\xbb\xbf" + line_of(USUAL),
    ],
)
def test_what_is_broken_or_odd_goes_the_long_way(line: bytes) -> None:
    assert narrow_article(line, "a.jsonl") is None


@needs_compiled
@pytest.mark.parametrize("letter", [b"\xc0\xa0", b"\xe0\x80\xa0", b"\xd0", b"\xf0\x9f\x98\x80"])
def test_a_text_that_is_no_utf8_goes_the_long_way(letter: bytes) -> None:
    line = line_of(USUAL, ensure_ascii=False)
    assert narrow_article(line.replace("снег".encode(), letter), "a.jsonl") is None


@needs_compiled
def test_lines_of_different_fields_may_come_by_turns() -> None:
    other = {"headline": "Лёд на реке", "content": "Лёд на реке стал и в городе", "guid": "я"}
    for fields in (USUAL, other, USUAL, other | {"views": 1}, USUAL):
        assert same(line_of(fields)) is not None


@needs_compiled
def test_a_line_without_a_plan_is_not_read_by_that_of_a_line_read_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planned = narrow._planned

    def read_another(names: tuple[str, ...]) -> object:
        if names != ("a", "b"):
            return planned(names)
        assert read(line_of(USUAL)) is not None
        return None

    monkeypatch.setattr(narrow, "_planned", read_another)
    read = narrow._reader()
    assert read is not None
    line = line_of({"a": USUAL["title"], "b": USUAL["text"]})
    assert [read(line), read(line)] == [None, None]


def test_without_what_is_compiled_every_line_goes_the_long_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(narrow, "_read", None)
    assert narrow_article(line_of(USUAL), "a.jsonl") is None


PIECES = st.lists(st.sampled_from(WORDS) | st.sampled_from(SIGNS), min_size=4, max_size=14).map(
    "".join
)
VALUES = (
    PIECES | st.none() | st.integers() | st.booleans() | st.lists(PIECES | st.none(), max_size=2)
)
NAMES = st.sampled_from([*USUAL, "name", "content", "lead", "Title", "author", "tags", "lang", "x"])


@needs_compiled
@settings(max_examples=500)
@given(st.dictionaries(NAMES, VALUES, max_size=6), PIECES, PIECES, st.booleans())
@example({}, "а»!Б ", "за 50 рублей.Как сообщает", True)
def test_any_line_gives_the_same_in_both_ways(
    more: dict[str, object], title: str, text: str, ascii_only: bool
) -> None:
    fields = USUAL | more | {"title": title.strip(), "text": text.strip()}
    same(line_of(fields, ensure_ascii=ascii_only))


@needs_compiled
@settings(max_examples=500)
@given(st.data())
def test_damaged_lines_give_the_same_or_nothing(data: st.DataObject) -> None:
    line = line_of(USUAL, ensure_ascii=data.draw(st.booleans()))
    place = data.draw(st.integers(0, len(line)))
    gone = data.draw(st.integers(0, 3))
    scraps = [b"", b'"', b"\\", b"{", b"[", b"]", b",", b":", b"\xd0", b"null", b"\\u0430", b" "]
    same(line[:place] + data.draw(st.sampled_from(scraps)) + line[place + gone :])
