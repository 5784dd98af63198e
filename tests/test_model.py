"""The shared values: dates as they are written."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from searchsvc.model import MOSCOW, ArticleDate, Precision


@given(st.datetimes())
def test_a_minute_is_written_with_the_offset_moscow_had_then(start: datetime) -> None:
    written = ArticleDate(start, Precision.MINUTE).isoformat()
    assert written == start.replace(tzinfo=MOSCOW).isoformat(timespec="minutes")


def test_what_is_not_known_is_not_written() -> None:
    start = datetime(2021, 2, 1)
    dates = [ArticleDate(start, precision).isoformat() for precision in Precision]
    assert dates == ["2021", "2021-02", "2021-02-01", "2021-02-01T00:00+03:00"]
