from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from searchsvc.config import Settings
from searchsvc.engines.protocol import Histogram, Sort
from searchsvc.errors import QueryError
from searchsvc.schema import Field
from searchsvc.searching.answer import Question
from searchsvc.web.parameters import next_query, question_of_api, question_of_page

SETTINGS = Settings()


def asked(**args):
    args = {name.rstrip("_"): value for name, value in args.items()}
    return question_of_api(MultiDict(args), SETTINGS)


def test_nothing_given_is_an_empty_question():
    assert asked() == Question()


def test_an_untouched_form_is_an_empty_question():
    assert asked(q="", from_="", to="", sort="", page="", source="") == Question()


@given(st.text(max_size=5))
def test_words_alone_are_read_as_beside_untouched_fields(words):
    assert asked(q=words) == asked(q=words, sort="", source="", page="")


def test_everything_given_is_in_the_question():
    question = asked(
        q="мэр",
        page="3",
        size="20",
        sort="date_asc",
        from_="2021-02-01",
        to="2021-03-15",
        source="Вести",
        topic="Город",
        author="Иванов",
        facets="source,month",
        cursor="abc",
        group="off",
    )
    assert question == Question(
        text="мэр",
        page=3,
        size=20,
        cursor="abc",
        sort=Sort.DATE_ASC,
        first=date(2021, 2, 1),
        last=date(2021, 3, 15),
        source="Вести",
        topic="Город",
        author="Иванов",
        facets=(Field.SOURCE, Histogram.MONTH),
    )


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2021", date(2021, 1, 1), date(2021, 12, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2021-02-19", date(2021, 2, 19), date(2021, 2, 19)),
    ],
)
def test_a_shorter_date_takes_its_whole_span(typed, first, last):
    question = asked(from_=typed, to=typed)
    assert (question.first, question.last) == (first, last)


@pytest.mark.parametrize(
    ("name", "value", "limit"),
    [
        ("sort", "best", ["relevance", "date", "date_asc"]),
        ("facets", "source,colour", ["source", "topic", "author", "year", "month", "day"]),
        ("facets", "text", ["source", "topic", "author", "year", "month", "day"]),
        ("size", "101", 100),
        ("size", "0", 100),
        ("size", "-1", 100),
        ("size", "ten", 100),
        ("size", "１０", 100),
        ("size", "1" * 5000, 100),
        ("page", "101", 100),
        ("page", "1.5", 100),
        ("from", "вчера", "YYYY-MM-DD"),
        ("from", "2021-13", "YYYY-MM-DD"),
        ("to", "2021-02-30", "YYYY-MM-DD"),
        ("to", "0000", "YYYY-MM-DD"),
        ("to", "2021-02-03T10:00", "YYYY-MM-DD"),
        ("source", "а" * 301, 300),
        ("cursor", "a" * 301, 300),
        ("group", "maybe", ["on", "off"]),
        ("group", "on", ["off"]),
    ],
)
def test_a_wrong_value_names_parameter_and_limit(name, value, limit):
    with pytest.raises(QueryError) as caught:
        question_of_api(MultiDict({name: value}), SETTINGS)
    assert (caught.value.parameter, caught.value.limit) == (name, limit)
    assert len(str(caught.value.value)) <= 40


@pytest.mark.parametrize(
    ("first", "last"), [("2021-02-20", "2021-02-19"), ("2022", "2021"), ("2021-03", "2021-02")]
)
@pytest.mark.parametrize("read", [question_of_api, question_of_page])
def test_days_that_end_before_they_begin_are_refused(read, first, last):
    with pytest.raises(QueryError, match="from must not be after to") as caught:
        read(MultiDict({"from": first, "to": last}), SETTINGS)
    assert caught.value.parameter == "from"
    assert str(caught.value.value).startswith(first)
    assert str(caught.value.limit).startswith(last)


def test_days_of_one_span_are_whole():
    assert asked(**{"from": "2021-02-19", "to": "2021"}).last == date(2021, 12, 31)


def test_a_parameter_given_twice_is_refused():
    with pytest.raises(QueryError) as caught:
        question_of_api(MultiDict([("q", "мэр"), ("q", "край")]), SETTINGS)
    assert (caught.value.parameter, caught.value.limit) == ("q", 1)


def test_a_parameter_with_a_typo_is_refused_by_the_api_and_overlooked_by_the_page():
    args = MultiDict({"pagesize": "5"})
    with pytest.raises(QueryError) as caught:
        question_of_api(args, SETTINGS)
    assert caught.value.parameter == "pagesize"
    assert question_of_page(args, SETTINGS).size == 10


def test_the_window_bounds_the_page_whatever_its_size():
    assert asked(size="100", page="10").page == 10
    with pytest.raises(QueryError, match="cursor"):
        asked(size="100", page="11")


@pytest.mark.parametrize(
    ("args", "sort"),
    [
        ({}, Sort.DATE),
        ({"q": "  "}, Sort.DATE),
        ({"sort": "relevance"}, Sort.DATE),
        ({"sort": "date_asc"}, Sort.DATE_ASC),
        ({"q": "мэр"}, None),
        ({"q": "мэр", "sort": "relevance"}, Sort.RELEVANCE),
    ],
)
def test_the_page_shows_the_newest_when_no_words_are_asked_for(args, sort):
    assert question_of_page(MultiDict(args), SETTINGS).sort is sort


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=9)))
def test_the_next_hits_are_asked_for_as_urllib_writes_it(args):
    expected = {name: value for name, value in args.items() if name != "page"} | {"cursor": "c"}
    assert next_query(MultiDict(args), "c") == urlencode(expected)


def test_a_lower_limit_of_hits_is_the_size_of_a_page() -> None:
    settings = replace(SETTINGS, page_size=5)
    assert question_of_page(MultiDict({"q": "мост"}), settings).size == 5
    assert question_of_api(MultiDict({"q": "мост"}), settings).size == 5
