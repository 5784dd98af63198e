from datetime import datetime

import pytest

from searchsvc.model import ArticleDate, Precision
from searchsvc.web import wording

START = datetime(2021, 2, 19, 10, 5)


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (0, "0 статей"),
        (1, "1 статья"),
        (2, "2 статьи"),
        (4, "4 статьи"),
        (5, "5 статей"),
        (11, "11 статей"),
        (12, "12 статей"),
        (14, "14 статей"),
        (20, "20 статей"),
        (21, "21 статья"),
        (22, "22 статьи"),
        (101, "101 статья"),
        (111, "111 статей"),
        (112, "112 статей"),
        (121, "121 статья"),
        (1_011, "1 011 статей"),
        (46_695, "46 695 статей"),
        (1_000_001, "1 000 001 статья"),
    ],
)
def test_counts_agree_with_their_noun(number, line):
    assert wording.counted(number).replace("\u00a0", " ") == line


@pytest.mark.parametrize(
    ("total", "line"),
    [
        (0, "Ничего не нашлось"),
        (1, "Нашлась 1 статья"),
        (3, "Нашлось 3 статьи"),
        (11, "Нашлось 11 статей"),
        (21, "Нашлась 21 статья"),
    ],
)
def test_the_verb_agrees_too(total, line):
    assert wording.found_line(total).replace("\u00a0", " ") == line


@pytest.mark.parametrize(
    ("all_words", "beginning"),
    [
        (0, "Ни в одной статье нет всех слов"),
        (1, "Все слова есть в 1 статье,"),
        (7, "Все слова есть в 7 статьях,"),
    ],
)
def test_a_widened_search_says_so(all_words, beginning):
    assert wording.widened_line(all_words).replace("\u00a0", " ").startswith(beginning)


@pytest.mark.parametrize(
    ("when", "line"),
    [
        (ArticleDate(START, Precision.MINUTE), "19 февраля 2021, 10:05"),
        (ArticleDate(START, Precision.DAY), "19 февраля 2021"),
        (ArticleDate(START, Precision.MONTH), "февраль 2021"),
        (ArticleDate(START, Precision.YEAR), "2021 год"),
        (ArticleDate(datetime(2019, 5, 1), Precision.DAY), "1 мая 2019"),
        (None, "без даты"),
    ],
)
def test_dates_are_as_exact_as_they_are_known(when, line):
    assert wording.date_line(when) == line


def test_a_month_of_the_histogram_has_a_name():
    assert wording.month_line("2019-11") == "ноябрь 2019"


@pytest.mark.parametrize(
    ("milliseconds", "line"),
    [(0.4, "меньше 1 мс"), (1, "1 мс"), (12.6, "13 мс"), (1_440, "1,4 с")],
)
def test_time_is_said_in_what_a_reader_reads(milliseconds, line):
    assert wording.took_line(milliseconds).replace("\u00a0", " ") == line
