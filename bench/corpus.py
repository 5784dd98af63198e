"""Corpora: real news as one file of JSON lines, and larger ones recombined from it.

In: the folder with ``news/*.jsonl.gz`` and how many articles are wanted. Out: ``words.jsonl``, the
articles as they are, and ``terms.jsonl``, the same as pre-analysed streams of first lemmas, so that
every engine can be given the same tokens. Both are written once and kept.
"""

from __future__ import annotations

import gzip
import json
import re
from concurrent.futures import ProcessPoolExecutor
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.recombining import recombined
from searchsvc.analysis.analyzer import Analyzer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

SOURCES = ("fontanka", "lenta", "ria", "rucoco")
"""In this order: the first two are 56,571 articles, all four 64,008."""

REAL = 64_008

GAP = " ".join(["gapgapgap"] * 8)
"""Stands between title and body in a stream of terms; no phrase or proximity reaches across."""

BATCH = 500

_NOT_LETTERS = re.compile(r"[\W_]+")


class Row(NamedTuple):
    """One article of a corpus; ``date`` is ``YYYY-MM-DD[THH:MM:SS]`` or empty."""

    id: str
    title: str
    text: str
    date: str
    source: str
    topic: str
    url: str

    @property
    def number(self) -> int:
        """The article's place in the corpus, from 0."""
        return int(self.id[1:])


class Corpus(NamedTuple):
    """Where a corpus lies: one file of whole articles, one of their streams of terms."""

    words: Path
    terms: Path
    articles: int


def made(data: Path, folder: Path, articles: int, procs: int, *, streams: bool) -> Corpus:
    """Write the corpus of the first ``articles`` articles into a folder, unless it is there.

    The ``streams`` of terms of a million articles take longer than everything else: only if asked.
    """
    folder.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(folder / "words.jsonl", folder / "terms.jsonl", articles)
    if not corpus.words.exists():
        _write(corpus.words, islice(chain(real(data), _made_up(data, articles)), articles))
    if streams and not corpus.terms.exists():
        _write(corpus.terms, analysed(rows(corpus.words), procs))
    return corpus


def rows(path: Path) -> Iterator[Row]:
    """Read a corpus file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield Row(**json.loads(line))


def real(data: Path) -> Iterator[Row]:
    """Read the real articles in their order; ids are their places."""
    number = 0
    for source in SOURCES:
        with gzip.open(data / "news" / f"{source}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                yield _row(number, json.loads(line))
                number += 1


def analysed(articles: Iterable[Row], procs: int) -> Iterator[Row]:
    """Turn title and text into one stream of first lemmas, space by space."""
    batches = _batches(articles)
    if procs <= 1:
        for batch in batches:
            yield from _terms_of(batch)
        return
    with ProcessPoolExecutor(procs) as pool:
        for several in _batches(batches, 8 * procs):
            for result in pool.map(_terms_of, several):
                yield from result


def term(lemma: str) -> str:
    """Leave only letters and digits, so that no engine splits a term again."""
    return _NOT_LETTERS.sub("", lemma).casefold() or "x"


def _made_up(data: Path, articles: int) -> Iterator[Row]:
    if articles > REAL:
        yield from (Row(**made._asdict()) for made in recombined(list(real(data)), REAL))


def _row(number: int, values: Mapping[str, Any]) -> Row:
    date = str(values.get("date") or "")
    return Row(
        id=f"n{number:07d}",
        title=values.get("title") or "",
        text=values.get("text") or "",
        # A year alone becomes its first of July: every engine here compares days.
        date=f"{date}-07-01" if re.fullmatch(r"\d{4}", date) else date,
        source=str(values.get("source") or ""),
        topic=str(values.get("topic") or ""),
        url=f"https://news.example/{number}",
    )


def _write(path: Path, articles: Iterable[Row]) -> None:
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        for row in articles:
            file.write(json.dumps(row._asdict(), ensure_ascii=False) + "\n")
    part.rename(path)


def _batches(items: Iterable[Any], size: int = BATCH) -> Iterator[list[Any]]:
    items = iter(items)
    while batch := list(islice(items, size)):
        yield batch


_analyzer = Analyzer()


def _terms_of(batch: list[Row]) -> list[Row]:
    return [
        row._replace(title="", text=f"{_stream(row.title)} {GAP} {_stream(row.text)}")
        for row in batch
    ]


def _stream(text: str) -> str:
    return " ".join(term(_analyzer.lemmas(form)[0]) for form in _analyzer.analyse(text).forms)
