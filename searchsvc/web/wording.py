"""Words of the page: numbers, dates and counts come in, correct Russian goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchsvc.correction.corrector import Reason
from searchsvc.model import ArticleDate, Precision

if TYPE_CHECKING:
    from collections.abc import Sequence

MONTHS = (
    *("январь", "февраль", "март", "апрель", "май", "июнь"),
    *("июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"),
)
MONTHS_OF = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)

ARTICLES = ("статья", "статьи", "статей")
IN_ARTICLES = ("статье", "статьях", "статьях")


def plural(number: int, forms: Sequence[str]) -> str:
    """Choose the form that stands after a number: 1 статья, 3 статьи, 11 статей, 21 статья.

    ``forms`` are those for 1, 2 and 5; the rule is CLDR's for Russian.
    """
    tens, ones = number % 100, number % 10
    if 11 <= tens <= 14:
        return forms[2]
    if ones == 1:
        return forms[0]
    return forms[1] if 2 <= ones <= 4 else forms[2]


def grouped(number: int) -> str:
    """Write a number with its thousands apart: ``12 345`` (no-break spaces)."""
    return f"{number:,}".replace(",", "\u00a0")


def counted(number: int, forms: Sequence[str] = ARTICLES) -> str:
    """Write a number and what it counts: ``2 статьи``."""
    return f"{grouped(number)}\u00a0{plural(number, forms)}"


def found_line(total: int) -> str:
    """Say how many articles were found: ``Нашлась 21 статья``, ``Нашлось 5 статей``."""
    if total == 0:
        return "Ничего не нашлось"
    return f"{plural(total, ('Нашлась', 'Нашлось', 'Нашлось'))} {counted(total)}"


def widened_line(all_words: int) -> str:
    """Say that articles with only some of the words are shown too."""
    if all_words == 0:
        return "Ни в одной статье нет всех слов сразу, показаны статьи с любым из них."
    where = counted(all_words, IN_ARTICLES)
    return f"Все слова есть в {where}, показаны и статьи с любым из них."


REASONS = {
    Reason.LAYOUT: "исправлена раскладка клавиатуры",
    Reason.TRANSLITERATION: "латинские буквы прочитаны по-русски",
    Reason.TYPO: "исправлена опечатка",
    Reason.QUOTES: "кавычки не учтены",
}


def reason_line(reason: Reason) -> str:
    """Say what was done to a query that found nothing."""
    return REASONS[reason]


def took_line(milliseconds: float) -> str:
    """Say how long the search took: ``12 мс``, ``1,4 с``."""
    if milliseconds < 1:
        return "меньше 1\u00a0мс"
    if milliseconds < 1000:
        return f"{milliseconds:.0f}\u00a0мс"
    return f"{milliseconds / 1000:.1f}\u00a0с".replace(".", ",")


def date_line(when: ArticleDate | None) -> str:
    """Write a date as exactly as it is known: ``19 февраля 2021, 10:50``, ``февраль 2021``."""
    if when is None:
        return "без даты"
    start = when.start
    if when.precision is Precision.YEAR:
        return f"{start.year} год"
    if when.precision is Precision.MONTH:
        return f"{MONTHS[start.month - 1]} {start.year}"
    day = f"{start.day} {MONTHS_OF[start.month - 1]} {start.year}"
    return f"{day}, {start:%H:%M}" if when.precision is Precision.MINUTE else day


def month_line(bucket: str) -> str:
    """Name a bucket of the histogram by months: ``2021-02`` is ``февраль 2021``."""
    year, _, month = bucket.partition("-")
    return f"{MONTHS[int(month) - 1]} {year}"
