"""Invented documents of every kind of field, and random queries of Whoosh over them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from whoosh import fields, query
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.filedb.filestore import RamStorage
from whoosh.util.numeric import byte_to_length, length_to_byte

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

    from whoosh.codec.base import Codec
    from whoosh.index import Index

WORDS = (
    *("маяк", "мост", "маяка", "мостик", "липа", "липы", "фонтан", "фонарь", "фонтаны"),
    *("пристань", "причал", "город", "городской", "паром", "паромщик", "река", "речной", "берег"),
)

OFTEN = [1 / (rank + 1) for rank in range(len(WORDS))]
PATTERNS = ("м*", "*т", "фон?ан*", "п*м", "?ост")
FIRST = datetime(2024, 1, 1)

LENGTHS = [size for size in range(1, 60) if byte_to_length(length_to_byte(size)) == size]
"""Numbers of words that Whoosh's own codec keeps as they are; it rounds others, which is wrong."""


def schema() -> fields.Schema:
    """Describe documents with a field of each kind that has postings."""
    analyzer = SpaceSeparatedTokenizer()
    return fields.Schema(
        id=fields.ID(unique=True, stored=True),
        text=fields.TEXT(analyzer=analyzer, stored=True, vector=True),
        title=fields.TEXT(analyzer=analyzer, chars=True, sortable=True),
        tags=fields.KEYWORD(commas=True, scorable=True),
        day=fields.DATETIME(sortable=True),
        number=fields.NUMERIC(sortable=True, signed=True),
    )


def documents(count: int, random: Random) -> list[dict[str, Any]]:
    """Invent documents."""
    return [
        {
            "id": str(number),
            "text": " ".join(random.choices(WORDS, OFTEN, k=random.choice(LENGTHS))),
            "title": " ".join(random.choices(WORDS, k=random.randint(1, 5))),
            "tags": ",".join(random.sample(WORDS, random.randint(1, 4))),
            "day": FIRST + timedelta(minutes=random.randrange(60 * 1440)),
            "number": random.randint(-500, 500),
        }
        for number in range(count)
    ]


def written(codec: Codec, rows: Sequence[dict[str, Any]], segments: int) -> Index:
    """Write an index of several segments; every seventh document is deleted, some are replaced."""
    index = RamStorage().create_index(schema())
    for first in range(segments):
        writer = index.writer(codec=codec)
        for row in rows[first::segments]:
            writer.add_document(**row)
        writer.commit(merge=False)
    writer = index.writer(codec=codec)
    for row in rows[::7]:
        writer.delete_by_term("id", row["id"])
    for row in rows[3::50]:
        writer.update_document(**row | {"title": "мост и берег"})
    writer.commit(merge=False)
    return index


class QueryMaker:
    """Makes random queries; the same generator gives the same ones."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def queries(self, count: int) -> Iterator[query.Query]:
        """Make queries up to three levels deep."""
        return (self.tree(self._random.randint(0, 3)) for _ in range(count))

    def tree(self, depth: int) -> query.Query:
        """Make a query."""
        if depth == 0 or self._random.random() < 0.3:
            return self._random.choice(self._leaves())()
        parts = [self.tree(depth - 1) for _ in range(self._random.randint(2, 3))]
        a, b = parts[:2]
        branches: list[Callable[[], query.Query]] = [
            *[lambda: query.And(parts), lambda: query.Or(parts)] * 3,
            lambda: query.And([a, query.Not(b)]),
            lambda: query.AndNot(a, b),
            lambda: query.AndMaybe(a, b),
            lambda: query.Require(a, b),
            lambda: query.DisjunctionMax(parts),
            lambda: query.Not(a),
        ]
        return self._random.choice(branches)()

    def _leaves(self) -> list[Callable[[], query.Query]]:
        random = self._random
        field = random.choice(("text", "text", "title"))
        words = random.choices(WORDS, OFTEN, k=2)
        number, day = random.randint(-500, 500), FIRST + timedelta(days=random.randrange(60))
        days, slop = timedelta(days=random.randint(0, 20)), random.randint(1, 3)
        end, open_ = number + random.randint(0, 300), random.random() < 0.3
        return [
            *[lambda: query.Term(field, words[0])] * 3,
            lambda: query.Term("tags", words[0]),
            lambda: query.Phrase(field, words, slop=slop),
            lambda: query.Prefix(field, words[0][: random.randint(2, 4)]),
            lambda: query.Wildcard(field, random.choice(PATTERNS)),
            lambda: query.FuzzyTerm(field, words[0]),
            lambda: query.TermRange(field, *sorted(words)),
            lambda: query.NumericRange("number", number, end, startexcl=open_, endexcl=not open_),
            lambda: query.DateRange("day", day, day + days),
            lambda: query.Every(field),
        ]
