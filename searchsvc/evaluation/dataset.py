"""Evaluation, first step: a BEIR folder goes in, its queries and judgments come out.

``queries.jsonl`` has ``_id`` and ``text`` a line; ``qrels.tsv`` (or ``qrels/test.tsv``) a header
and the columns ``query-id``, ``corpus-id``, ``score``. The corpus is ``corpus.jsonl`` beside them
or any input that can be indexed; it is not read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.errors import ConfigError, ParseError
from searchsvc.model import Failure, Format
from searchsvc.sources.reading import Skip, read
from searchsvc.sources.walking import walk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from searchsvc.model import Place
    from searchsvc.sources.limits import SourceLimits

CORPORA = ("corpus.jsonl", "corpus.jsonl.gz")
QUERIES = ("queries.jsonl", "queries.jsonl.gz")
QRELS = ("qrels.tsv", "qrels/test.tsv")


class JudgedQuery(NamedTuple):
    """A query that has at least one relevant article."""

    id: str
    text: str


class Qrel(NamedTuple):
    """How relevant an article is to a query: 0 is not, more is better."""

    query_id: str
    article_id: str
    grade: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """Queries in the order of their file, judgments, and where the articles lie."""

    name: str
    corpus: Path | None
    queries: tuple[JudgedQuery, ...]
    qrels: tuple[Qrel, ...]


def read_dataset(folder: Path, limits: SourceLimits, corpus: Path | None = None) -> Dataset:
    """Read a folder; ``corpus`` is taken in place of its own articles.

    Raises ConfigError where a file is missing, ParseError where one cannot be used.
    """
    qrels = tuple(_qrel(*row) for row in _rows(_found(folder, QRELS), limits))
    texts: dict[str, str] = {}
    for fields, place in _rows(_found(folder, QUERIES), limits):
        query_id = _field(fields, "_id", place)
        if query_id in texts:
            raise ParseError(f"{place}: the query {query_id!r} stands there twice")
        texts[query_id] = _field(fields, "text", place)
    judged = {qrel.query_id for qrel in qrels if qrel.grade > 0}
    if not judged <= texts.keys():
        query_id = min(judged - texts.keys())
        raise ParseError(f"{folder}: {query_id!r} is judged but is no query")
    if not judged:
        raise ParseError(f"{folder}: no query has a relevant article")
    if corpus is None:
        corpus = next((folder / name for name in CORPORA if (folder / name).exists()), None)
    queries = (JudgedQuery(*pair) for pair in texts.items() if pair[0] in judged)
    return Dataset(folder.resolve().name, corpus, tuple(queries), qrels)


def _found(folder: Path, names: tuple[str, ...]) -> Path:
    for name in names:
        if (folder / name).exists():
            return folder / name
    raise ConfigError(f"{folder} has no {names[0]}: it must be a folder of the BEIR layout")


def _rows(path: Path, limits: SourceLimits) -> Iterator[tuple[Mapping[str, object], Place]]:
    for file in walk([path]):
        if isinstance(file, Failure):
            raise ParseError(f"{file.place}: {file.reason}")
        for item in read(file, limits):
            if isinstance(item, Failure | Skip):
                raise ParseError(f"{item.place}: {item.reason}")
            if item.format is not Format.RECORD or not isinstance(item.content, Mapping):
                raise ParseError(f"{item.place}: is no record")
            yield item.content, item.place


def _qrel(fields: Mapping[str, object], place: Place) -> Qrel:
    query_id, article_id, grade = (
        _field(fields, name, place) for name in ("query-id", "corpus-id", "score")
    )
    try:
        return Qrel(query_id, article_id, int(grade))
    except ValueError:
        raise ParseError(f"{place}: the score {grade[:40]!r} is not a whole number") from None


def _field(fields: Mapping[str, object], name: str, place: Place) -> str:
    value = fields.get(name)
    if not isinstance(value, str | int) or not str(value).strip():
        raise ParseError(f"{place}: has no {name!r}")
    return str(value).strip()
