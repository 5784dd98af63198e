"""Sources, tables: CSV and TSV with a header row become records, row by row.

In: numbered lines of text. Out: records from 1, the header not counted.
"""

from __future__ import annotations

import csv
import io
import re
from itertools import islice
from typing import TYPE_CHECKING, Literal, NamedTuple

from searchsvc.sources.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from searchsvc.sources.lines import TextLine

_FIELD_SIZE = 2**31 - 1
"""No limit of ``csv``'s own, which is 131,072 characters: rows are bounded here."""

_DELIMITERS = "\t;,|"
"""By how rarely they stand in prose; the one that cuts the header into most columns is taken."""

_COLUMN = re.compile(r"[\w .:/()-]{1,40}")
# Columns without one of which lines of text are not taken for a table by content alone.
_USUAL_COLUMNS = {
    "id", "url", "link", "title", "headline", "text", "body", "content", "date", "published",
    "published_at", "summary", "ссылка", "заголовок", "название", "текст", "дата",
}  # fmt: skip
_EXPLICIT = re.compile(r"sep=(.)\s*$", re.M)
_WHOLE_QUOTED = re.compile(r'"(?:[^"]|"")*"')


def looks_like_table(text: str) -> bool:
    """Tell a table by a first row of short column names, usual ones among them, and a second."""
    header = text.partition("\n")[0].rstrip("\r")[:4096]
    delimiter = _delimiter(header)
    columns = [name.strip().lower() for name in _split(header, delimiter)]
    usual = len(_USUAL_COLUMNS.intersection(columns))
    if usual < 2 or not all(map(_COLUMN.fullmatch, columns)):
        return False
    csv.field_size_limit(_FIELD_SIZE)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        first, second = islice(rows, 2)
    except (ValueError, csv.Error):
        return False
    return len(first) == len(second)


def table_records(lines: Iterator[TextLine], sample: str, limit: int) -> Iterator[Record]:
    """Give the rows as records; raises Broken.

    ``sample`` is the beginning of the same text, by which delimiter and quoting are told;
    ``limit`` is the longest row in characters.
    """
    csv.field_size_limit(_FIELD_SIZE)
    dialect = _dialect(sample)
    source = _RowLines(lines, limit)
    if dialect.announced:
        next(source, "")
    rows = csv.reader(source, delimiter=dialect.delimiter, quoting=dialect.quoting)
    columns: list[str] = []
    for number, row in _numbered(rows, source):
        yield from source.told(number)
        if isinstance(row, str):
            yield Record(number, None, row)
        elif source.unclosed:
            yield Record(number, None, "has a quote that is never closed")
        elif not columns:
            columns = _columns(row)
        else:
            yield _record(number, columns, row, dialect)
    yield from source.told(None)


class _Dialect(NamedTuple):
    delimiter: str
    quoting: Literal[0, 3]
    announced: bool


class _Unusable(Exception):
    """A line or a row that cannot be used, while those after it can."""


class _RowLines:
    """Lines for ``csv.reader``, which goes on after an error that they raise."""

    def __init__(self, lines: Iterator[TextLine], limit: int):
        self.unclosed = False
        self._lines = lines
        self._limit = limit
        self._length = 0
        self._flaws: list[str] = []

    def __iter__(self) -> _RowLines:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.unclosed = self._length > 0
            raise StopIteration
        if line.text is None:
            raise _Unusable(line.flaw)
        if line.flaw:
            self._flaws.append(line.flaw)
        self._length += len(line.text) + 1
        if self._length > self._limit:
            raise _Unusable(f"is longer than {self._limit} characters")
        return line.text + "\n"

    def begin_row(self) -> None:
        self._length = 0

    def told(self, number: int | None) -> Iterator[Record]:
        """Give what was wrong with the lines of the last row."""
        for flaw in self._flaws:
            yield Record(number, None, flaw)
        self._flaws.clear()


def _numbered(
    rows: Iterator[list[str]], source: _RowLines
) -> Iterator[tuple[int, list[str] | str]]:
    """Give rows their numbers, the header's being 0; in place of a broken row stands the reason."""
    number = 0
    while True:
        source.begin_row()
        try:
            row: list[str] | str = next(rows)
        except StopIteration:
            return
        except (csv.Error, _Unusable) as error:
            row = str(error)
        if row:
            yield number, row
            number += 1


def _dialect(sample: str) -> _Dialect:
    announced = _EXPLICIT.match(sample)
    if announced:
        return _Dialect(announced[1], csv.QUOTE_MINIMAL, announced=True)
    lines = sample.splitlines()
    delimiter = _delimiter(lines[0]) if lines else ","
    bare = delimiter == "\t" and _one_row_a_line(lines)
    return _Dialect(delimiter, csv.QUOTE_NONE if bare else csv.QUOTE_MINIMAL, announced=False)


def _delimiter(header: str) -> str:
    return max(_DELIMITERS, key=lambda mark: len(_split(header, mark)))


def _split(header: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        return header.split(delimiter)


def _one_row_a_line(lines: list[str]) -> bool:
    """Tell TSV whose quotes are its text's own: ``1<TAB>"Рога и копыта" закрылись``."""
    return len({line.count("\t") for line in lines[:-1] or lines}) == 1


def _unquoted(field: str) -> str:
    return field[1:-1].replace('""', '"') if _WHOLE_QUOTED.fullmatch(field) else field


def _columns(row: list[str]) -> list[str]:
    return [name.strip() or f"column {number}" for number, name in enumerate(row, start=1)]


def _record(number: int, columns: list[str], row: list[str], dialect: _Dialect) -> Record:
    bare = dialect.quoting == csv.QUOTE_NONE
    if any(row[len(columns) :]) or (bare and len(row) < len(columns)):
        return Record(number, None, f"has {len(row)} fields under {len(columns)} columns")
    values = map(_unquoted, row) if bare else row
    return Record(number, dict(zip(columns, values, strict=False)))
