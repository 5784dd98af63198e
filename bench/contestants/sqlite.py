"""SQLite FTS5 over streams of terms, its text kept once in an ordinary table."""

from __future__ import annotations

import shutil
import sqlite3
import time
from typing import TYPE_CHECKING, NamedTuple

from bench.contestants.contract import HITS, Answer, Stage, day_of, minute_of
from bench.corpus import rows
from bench.queries import DISTANCE, Query, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.corpus import Row

TABLES = """
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, id TEXT, url TEXT, source TEXT, topic TEXT,
    day INTEGER, minute INTEGER, text TEXT);
CREATE VIRTUAL TABLE posts USING fts5(
    text, content='articles', content_rowid='number', tokenize='unicode61 remove_diacritics 0');
"""

JOINED = "FROM posts JOIN articles ON number = posts.rowid WHERE posts MATCH :match"
WITHIN = f"{JOINED} AND day BETWEEN :first AND :last"

MAPPED = 4_000_000_000


class Statements(NamedTuple):
    """What one query takes: a count, the first ten, and any facets."""

    values: dict[str, object]
    count: str
    best: str
    facets: tuple[str, ...] = ()


class Sqlite:
    """One table of articles, one FTS5 index on it."""

    stages = tuple(Stage)
    hits = HITS

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "articles.sqlite"

    def build(self, corpus: Path, segments: int) -> float:  # noqa: ARG002 - b-trees, no segments
        """Insert everything in one transaction and merge the index into one tree."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        started = time.perf_counter()
        database = sqlite3.connect(self._path)
        database.executescript(TABLES)
        database.executemany(
            "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(_values, rows(corpus))
        )
        database.execute("INSERT INTO posts(posts) VALUES ('rebuild')")
        database.execute("INSERT INTO posts(posts) VALUES ('optimize')")
        database.commit()
        database.close()
        return time.perf_counter() - started

    def open(self) -> int:
        """Open for reading, mapped into memory."""
        self._database = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)
        self._database.execute(f"PRAGMA mmap_size = {MAPPED}")
        return 1

    def prepare(self, query: Query) -> Statements:
        """Write the statements of a query."""
        values: dict[str, object] = {"match": _match(query)}
        if query.shape is Shape.BY_DATE:
            count = "SELECT count(*) FROM posts WHERE posts MATCH :match"
            best = f"SELECT posts.rowid {JOINED} ORDER BY minute DESC LIMIT {self.hits}"
            return Statements(values, count, best)
        if query.shape is Shape.DATED:
            values |= {"first": day_of(str(query.first)), "last": day_of(str(query.last))}
            best = f"SELECT posts.rowid {WITHIN} ORDER BY rank LIMIT {self.hits}"
            return Statements(values, f"SELECT count(*) {WITHIN}", best)
        count = "SELECT count(*) FROM posts WHERE posts MATCH :match"
        best = f"SELECT rowid FROM posts WHERE posts MATCH :match ORDER BY rank LIMIT {self.hits}"
        if query.shape is not Shape.FACETS:
            return Statements(values, count, best)
        counted = [f"SELECT {f}, count(*) {JOINED} GROUP BY {f}" for f in ("topic", "source")]
        return Statements(values, count, best, tuple(counted))

    def ask(self, prepared: Statements, stage: Stage) -> Answer:
        """Run the statements; articles and snippets are asked of the hits alone."""
        run = self._database.execute
        values = prepared.values
        (total,) = run(prepared.count, values).fetchone()
        for facet in prepared.facets:
            run(facet, values).fetchall()
        best = prepared.best
        if stage is Stage.STORED:
            best = f"SELECT * FROM articles WHERE number IN ({best})"
        elif stage is Stage.SNIPPETS:
            best = best.replace("rowid", "*, snippet(posts, 0, '<b>', '</b>', '…', 32)", 1)
        return Answer(total, run(best, values).fetchall())

    def numbers(self, answer: Answer) -> Sequence[int]:
        """Take the row ids."""
        return [number for (number,) in answer.found]


def _values(row: Row) -> tuple[object, ...]:
    days = (day_of(row.date), minute_of(row.date))
    return (row.number, row.id, row.url, row.source, row.topic, *days, row.text)


def _match(query: Query) -> str:
    terms = [f'"{term}"' for term in query.terms]
    if query.shape is Shape.PREFIX:
        return f"{terms[0]}*"
    if query.shape is Shape.PHRASE:
        return f'"{" ".join(query.terms)}"'
    if query.shape is Shape.NEAR:
        # FTS5 counts the tokens between, we the steps from one to the other.
        return f"NEAR({' '.join(terms)}, {DISTANCE - 1})"
    return (" OR " if query.shape is Shape.OR else " AND ").join(terms)
