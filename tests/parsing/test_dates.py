from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.model import ArticleDate, Precision
from searchsvc.parsing.dates import find_date, parse_date

WEDNESDAY = date(2023, 10, 25)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("19 февраля 2021 / 10:50", "2021-02-19T10:50+03:00"),
        ("19 февраля 2021 года, 10:50", "2021-02-19T10:50+03:00"),
        ("19 февраля 2021 г. 10:50 (МСК)", "2021-02-19T10:50+03:00"),
        ("19.02.2021 10:50", "2021-02-19T10:50+03:00"),
        ("19.02.2021г.", "2021-02-19"),
        ("19.02.21", "2021-02-19"),
        ("10:50, 19 февраля 2021", "2021-02-19T10:50+03:00"),
        ("Опубликовано: 19 февраля 2021, 10:50", "2021-02-19T10:50+03:00"),
        ("Дата публикации: 19.02.2021", "2021-02-19"),
        ("19 Февраля 2021, Пятница", "2021-02-19"),
        ("1-го мая 2020", "2020-05-01"),
        ("сегодня, 13:26", "2023-10-25T13:26+03:00"),
        ("вчера, 9:05", "2023-10-24T09:05+03:00"),
        ("вчера в 9:05", "2023-10-24T09:05+03:00"),
        ("20 окт", "2023-10-20"),
        ("26 окт", "2022-10-26"),
        ("20 окт. 2023", "2023-10-20"),
        ("27 сен 10:00", "2023-09-27T10:00+03:00"),
        ("29 февраля", "2020-02-29"),
        ("Чт, 19 февраля", "2023-02-19"),
        ("февраль 2021", "2021-02"),
        ("2021-02", "2021-02"),
        ("2021", "2021"),
        ("2021 год", "2021"),
        ("2026-02-03", "2026-02-03"),
        ("2026-02-03+03:00", "2026-02-03"),
        ("2019-11-01T05:48:00+00:00", "2019-11-01T08:48+03:00"),
        ("2019-11-01T05:48:00Z", "2019-11-01T08:48+03:00"),
        ("2019-11-01T05:48:00.123456Z", "2019-11-01T08:48+03:00"),
        ("2019-11-01 05:48:00", "2019-11-01T05:48+03:00"),
        ("20191101T054800Z", "2019-11-01T08:48+03:00"),
        ("20191101", "2019-11-01"),
        ("2019-12-31T22:30:00Z", "2020-01-01T01:30+03:00"),
        ("Mon, 03 Feb 2026 10:00:00 +0300", "2026-02-03T10:00+03:00"),
        ("Mon, 03 Feb 2026 10:00:00 GMT", "2026-02-03T13:00+03:00"),
        ("Tue, 3 Feb 26 10:00:00 GMT", "2026-02-03T13:00+03:00"),
        ("01 Nov 2019, 05:48", "2019-11-01T05:48+03:00"),
        ("November 1, 2019 at 5:48 pm", "2019-11-01T17:48+03:00"),
        ("1572587280", "2019-11-01T08:48+03:00"),
        ("1572587280000", "2019-11-01T08:48+03:00"),
    ],
)
def test_reads(text: str, iso: str) -> None:
    read = parse_date(text, reference=WEDNESDAY)
    assert read is not None
    assert read.isoformat() == iso


@pytest.mark.parametrize(
    "text",
    [
        "31 февраля 2021",
        "31.02.2021",
        "2021-02-31",
        "29.02.2021",
        "2021-13-01",
        "19 февраля 2021 25:00",
        "1899",
        "2101",
        "12345",
        "",
        "вчерашний день",
        "Мы встретились 19 февраля 2021 года на вокзале",
    ],
)
def test_is_no_date(text: str) -> None:
    assert parse_date(text, reference=WEDNESDAY) is None


@pytest.mark.parametrize("text", ["сегодня, 13:26", "вчера", "20 окт", "Чт, 19 февраля"])
def test_needs_a_reference(text: str) -> None:
    assert parse_date(text) is None


def test_knows_how_exact_a_date_is() -> None:
    found = [parse_date(it) for it in ("2021", "февраль 2021", "19.02.2021", "19.02.2021 10:50")]
    assert [it.precision for it in found if it] == list(Precision)


@pytest.mark.parametrize(
    "line",
    ["Москва, 19 февраля 2021", "19 февраля 2021 Просмотров: 123", "Дата: 19.02.2021, И. Петров"],
)
def test_finds_the_date_of_a_date_line(line: str) -> None:
    found = find_date(line)
    assert found is not None
    assert found.isoformat() == "2021-02-19"


@pytest.mark.parametrize(
    "line",
    ["2021 год", "февраль 2021", "В субботу 19 февраля 2021 года в городе открыли новый мост."],
)
def test_is_no_date_line(line: str) -> None:
    assert find_date(line) is None


moments = st.datetimes(datetime(1900, 1, 3), datetime(2100, 12, 29), timezones=st.just(UTC))


@given(moments)
def test_a_written_moment_is_read_back(moment: datetime) -> None:
    written = ArticleDate.of(moment)
    assert parse_date(written.isoformat()) == written


@given(moments, st.sampled_from([Precision.YEAR, Precision.MONTH, Precision.DAY]))
def test_a_written_span_is_read_back(moment: datetime, precision: Precision) -> None:
    starts = {Precision.YEAR: {"month": 1, "day": 1}, Precision.MONTH: {"day": 1}}
    day = datetime(moment.year, moment.month, moment.day).replace(**starts.get(precision, {}))
    written = ArticleDate(day, precision)
    assert parse_date(written.isoformat()) == written


@given(st.text(alphabet="0123456789 .:-/TZ+феврнтля,годасч", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    for read in (parse_date(text, reference=WEDNESDAY), find_date(text)):
        assert read is None or 1899 <= read.start.year <= 2101


@given(st.text(), st.dates())
def test_no_reference_breaks_it(text: str, reference: date) -> None:
    for words in (text, "20 окт", "вчера"):
        read = parse_date(words, reference=reference)
        assert read is None or isinstance(read, ArticleDate)
