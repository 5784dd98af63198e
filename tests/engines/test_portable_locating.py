"""Matches made with the compiled loops and without them are the same."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from occurrences import ANALYZER, QUICK, bytes_of, page

from searchsvc.engines.protocol import Match, Zone, matches_of
from searchsvc.engines.whoosh import locating, portable_locating
from searchsvc.engines.whoosh.locating import CONSTANTS, compiled
from searchsvc.model import Article
from searchsvc.schema import POSITION_GAP

if TYPE_CHECKING:
    from types import ModuleType

needs_compiled = pytest.mark.skipif(compiled is None, reason="no compiler was there")

WAYS = [pytest.param(portable_locating, id="portable")]
WAYS += [pytest.param(compiled, id="compiled")] if compiled is not None else []

ROWS = st.lists(
    st.lists(st.integers(0, 40) | st.integers(-(2**63), 2**63 - 1), max_size=12), max_size=4
).map(lambda rows: [bytes_of(sorted(row)) for row in rows])


@needs_compiled
@given(st.integers(0, 2**32))
@settings(max_examples=500)
def test_both_ways_measure_the_same(seed: int) -> None:
    documents, standing = page(Random(seed))
    expected = portable_locating.places(documents, standing, ANALYZER.offsets)
    assert compiled.places(documents, standing, ANALYZER.offsets, QUICK, CONSTANTS) == expected


@needs_compiled
@given(ROWS)
def test_both_ways_unite_the_same_keys(rows: list[bytes]) -> None:
    assert compiled.united(rows) == portable_locating.united(rows)


@needs_compiled
@given(st.lists(st.sets(st.integers(0, 60)), max_size=4))
def test_both_ways_find_the_same_side_by_side(positions: list[set[int]]) -> None:
    rows = [bytes_of(sorted(row)) for row in positions]
    assert compiled.side_by_side(rows) == portable_locating.side_by_side(rows)


@pytest.mark.parametrize("way", WAYS)
def test_keys_are_united_and_stand_side_by_side(way: ModuleType) -> None:
    one, two = bytes_of([3, 7, 9]), bytes_of([4, 7, 10])
    assert way.united([one, two]) == bytes_of([3, 4, 7, 9, 10])
    assert way.side_by_side([one, two]) == bytes_of([3, 9])
    assert way.united([]) == way.side_by_side([]) == b""


def matches(way: ModuleType, article: Article, tokens: int, *standing: tuple) -> list[Match]:
    documents = ((article.title, article.text, 7, tokens, article.title_made),)
    extra = () if way is portable_locating else (QUICK, CONSTANTS)
    (found,) = way.places(documents, standing, ANALYZER.offsets, *extra)
    return list(matches_of(found))


def stands(clause: int, *positions: int, length: int = 1, whole: bool = False) -> tuple:
    keys = bytes_of(7 << 32 | position for position in positions)
    return clause, keys, length, keys if whole else b""


@pytest.mark.parametrize("way", WAYS)
def test_places_in_the_text_come_before_those_in_the_title(way: ModuleType) -> None:
    article = Article(id="а", title="Мэр города", text="Наш мэр. Другой мэр!")
    body = 2 + POSITION_GAP
    assert matches(way, article, 2, stands(1, 0, body + 3), stands(0, body + 1)) == [
        Match(Zone.TEXT, body + 1, 4, 7, 0),
        Match(Zone.TEXT, body + 3, 16, 19, 1),
        Match(Zone.TITLE, 0, 0, 3, 1),
    ]


@pytest.mark.parametrize("way", WAYS)
def test_what_stands_in_a_made_title_stands_in_the_text_too(way: ModuleType) -> None:
    article = Article(id="а", title="Мэр открыл", text="Мэр открыл школу", title_made=True)
    assert matches(way, article, 2, stands(0, 1), stands(1, 1, length=2)) == [
        Match(Zone.TEXT, 1, 4, 10, 0),
        Match(Zone.TEXT, 1, 4, 16, 1),
        Match(Zone.TITLE, 1, 4, 10, 0),
    ]


@pytest.mark.parametrize("way", WAYS)
def test_a_whole_compound_is_marked_whole(way: ModuleType) -> None:
    article = Article(id="а", title="", text="Новый онлайн-сервис")
    assert matches(way, article, 0, stands(0, 1)) == [Match(Zone.TEXT, 1, 6, 12, 0)]
    assert matches(way, article, 0, stands(0, 1, whole=True)) == [Match(Zone.TEXT, 1, 6, 19, 0)]


@pytest.mark.parametrize("way", WAYS)
def test_a_place_behind_the_last_word_is_an_error(way: ModuleType) -> None:
    article = Article(id="а", title="", text="Два слова")
    with pytest.raises(IndexError):
        matches(way, article, 0, stands(0, 1, length=2))


@needs_compiled
@pytest.mark.parametrize(
    "row",
    [
        (0, b"1234567", 1, b""),
        (0, "", 1, b""),
        (0, b"", 0, b""),
        (0, b"", 1 << 31, b""),
        (0, b"", 1, None),
        (),
        None,
    ],
)
def test_what_no_engine_gives_is_refused(row: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        compiled.places((), (row,), ANALYZER.offsets, QUICK, CONSTANTS)


@needs_compiled
@pytest.mark.parametrize("answer", [None, (b"", b"1234"), (b"",), ("", "")])
def test_offsets_that_no_analyzer_gives_are_refused(answer: object) -> None:
    documents = (("", "Мэр", 7, 0, False),)
    with pytest.raises((TypeError, ValueError, IndexError)):
        compiled.places(documents, (stands(0, 0),), lambda *_: answer, lambda *_: None, CONSTANTS)


@needs_compiled
@pytest.mark.parametrize("answer", [b"", b"1234", b"12345678" * 2, "", ()])
def test_places_of_other_tokens_are_refused(answer: object) -> None:
    documents = (("", "Мэр", 7, 0, False),)
    with pytest.raises((TypeError, IndexError)):
        compiled.places(documents, (stands(0, 0),), print, lambda *_: answer, CONSTANTS)


@needs_compiled
def test_texts_that_are_not_read_quickly_are_read_whole() -> None:
    standing = (stands(0, 0, 130, 132), stands(1, 129, 131, length=2))
    documents = (("Мэр", "Мэр и мэры, мэр", 7, 1, False),)
    arguments = (documents, standing, ANALYZER.offsets)
    assert compiled.places(*arguments, QUICK, CONSTANTS) == compiled.places(
        *arguments, lambda *_: None, CONSTANTS
    )


def test_places_come_from_the_compiled_loops_where_there_are_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    class Loops:
        @staticmethod
        def places(*arguments: object) -> list[bytes]:
            asked.append(arguments)
            return []

    monkeypatch.setattr(locating, "compiled", Loops)
    assert locating._places((), (), ANALYZER) == []
    assert len(asked) == 1
