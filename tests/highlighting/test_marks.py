"""Marks: matches become sorted, disjoint ranges."""

from searchsvc.engines.protocol import Match, Zone
from searchsvc.highlighting.fragments import mark
from searchsvc.highlighting.marks import Range, inside, merge, placed


def match(start: int, end: int, clause: int = 0) -> Match:
    return Match(Zone.TEXT, 0, start, end, clause)


def test_overlapping_and_nested_matches_are_one() -> None:
    assert merge(placed([match(5, 9), match(0, 3), match(2, 4), match(6, 7)], 20)) == [
        (0, 4),
        (5, 9),
    ]


def test_matches_side_by_side_stay_two() -> None:
    assert merge(placed([match(0, 3), match(3, 5)], 20)) == [(0, 3), (3, 5)]


def test_a_phrase_is_one_mark_though_its_words_match_too() -> None:
    text = "мэр Москвы"
    assert mark(text, [match(0, 3), match(4, 10), match(0, 10, 1)]).marks == ((0, 10),)


def test_matches_that_are_not_in_the_text_are_left_out() -> None:
    matches = [match(-1, 2), match(3, 3), match(4, 2), match(8, 11), match(8, 10)]
    assert placed(matches, 10) == [(8, 10, 0)]


def test_the_part_of_a_mark_inside_a_piece_counts_from_the_piece() -> None:
    ranges = [Range(0, 4), Range(6, 9), Range(10, 14)]
    assert inside(ranges, 2, 11) == ((0, 2), (4, 7), (8, 9))
    assert inside(ranges, 4, 6) == ()


def test_a_whole_text_is_marked_as_it_is() -> None:
    snippet = mark("  Мэр <b>Москвы</b> ", [match(9, 15)])
    assert snippet.text == "  Мэр <b>Москвы</b> "
    assert not snippet.cut_before
    assert not snippet.cut_after
