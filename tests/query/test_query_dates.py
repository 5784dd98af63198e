"""Dates in queries: what days they cover."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.query.dates import Side, read_dates, write_dates
from searchsvc.query.syntax import Dates


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("дата:2021", "[2021-01-01..2021-12-31]"),
        ("дата:2021-02", "[2021-02-01..2021-02-28]"),
        ("date:2020-02", "[2020-02-01..2020-02-29]"),
        ("Дата:2021-02-19", "[2021-02-19..2021-02-19]"),
        ("дата:2021-2-9", "[2021-02-09..2021-02-09]"),
        ("дата:19.02.2021", "[2021-02-19..2021-02-19]"),
        ("дата:9.2.2021", "[2021-02-09..2021-02-09]"),
        ("дата:02.2021", "[2021-02-01..2021-02-28]"),
        ("дата:2021-02-01..2021-03-15", "[2021-02-01..2021-03-15]"),
        ("дата:2021..2022-06", "[2021-01-01..2022-06-30]"),
        ("дата:01.02.2021..15.03.2021", "[2021-02-01..2021-03-15]"),
        ("дата:2021-02..", "[2021-02-01..]"),
        ("дата:..2021-02", "[..2021-02-28]"),
        ("дата:2021,", "[2021-01-01..2021-12-31]"),
        ("дата:2021.", "[2021-01-01..2021-12-31]"),
        ("после:2021", "[2021-01-01..]"),
        ("after:2021-03", "[2021-03-01..]"),
        ("до:2022-06", "[..2022-06-30]"),
        ("before:31.12.2021", "[..2021-12-31]"),
        ("-дата:2021", "(* & -[2021-01-01..2021-12-31])"),
    ],
)
def test_a_date_covers_days(typed, days, ask, show):
    asked = ask(typed)
    assert show(asked.node) == days
    assert asked.warnings == ()


@pytest.mark.parametrize(
    "typed",
    [
        "дата:2021-13",
        "дата:2021-02-30",
        "дата:0000",
        "дата:вчера",
        "после:победы",
        "до:2021..2022",
        "дата:21",
        "дата:2021-02..завтра",
        "дата:99999",
    ],
)
def test_what_is_no_date_is_searched_as_text(typed, ask, show):
    asked = ask(typed)
    assert "[" not in show(asked.node)
    assert typed in asked.warnings[0]


def test_an_impossible_date_is_its_words(ask, show):
    assert show(ask("до:победы").node) == "победа + до"


def test_a_range_open_at_both_ends_is_a_word(ask, show):
    asked = ask("дата:..")
    assert show(asked.node) == "дата"
    assert "«дата:»" in asked.warnings[0]


def test_a_reversed_range_is_turned_round(ask, show):
    asked = ask("дата:2022..2021-06")
    assert show(asked.node) == "[2021-06-01..2022-12-31]"
    assert asked.warnings == ("Даты в «дата:2022..2021-06» стоят наоборот и переставлены",)


@given(
    st.dates(),
    st.dates(),
    st.sampled_from(["both", "first", "last", "year"]),
)
def test_a_written_range_reads_back_the_same(one, other, ends):
    first, last = sorted((one, other))
    dates = {
        "both": Dates(first, last),
        "first": Dates(first=first),
        "last": Dates(last=last),
        "year": Dates(first.replace(month=1, day=1), first.replace(month=12, day=31)),
    }[ends]
    name, _, value = write_dates(dates).partition(":")
    assert read_dates(value, Side(name)) == (dates, False)


def test_the_shortest_spelling_is_written(ask):
    assert ask("дата:2021-01-01..2021-12-31").interpreted == "дата:2021"
    assert ask("дата:2021-02-01..2021-02-28").interpreted == "дата:2021-02"
    assert ask("после:2021").interpreted == "после:2021-01-01"
