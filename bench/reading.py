"""A hundred short queries to be read by eye: what a reader would type, and the five best answers.

    python -m bench.reading DATA [--index FOLDER] [--variant plain]

In: the folder that has ``news/``, an index of fontanka, and a variant's name (``ours`` by default).
Out: text for reading: each query, how it was understood, and its first five articles with their
dates and first snippets, words marked; at the end a count of where the words stand side by side,
which is no judgment but what a reader looks at first. Without an index only the queries.

The queries are the same every time (``bench.drawing``). Texts are their publishers': nothing of the
output belongs into a repository.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.drawing import drawn
from bench.retrieval.sets import articles
from bench.retrieval.variants import OURS, VARIANTS
from searchsvc.analysis.analyzer import Analyzer
from searchsvc.config import Settings
from searchsvc.searching.answer import Question
from searchsvc.searching.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bench.drawing import Drawn
    from searchsvc.highlighting.snippet import Snippet
    from searchsvc.searching.answer import Answer

QUERIES = 100
HITS = 5

SHOWN = 220
"""Characters of a snippet."""


def lines(number: int, query: Drawn, answer: Answer, service: Service) -> Iterator[str]:
    """Write one query's answer for reading."""
    understood = answer.query
    yield f"{number:3}. {query.text}   ({query.kind})"
    yield f"     {_sizes(answer)}; {understood.interpreted}; {' '.join(understood.lemmas)}"
    if understood.corrected:
        used = "instead" if understood.corrected.used else "offered"
        yield f"     {used}: {understood.corrected.text} ({understood.corrected.reason})"
    titled = service.search(Question(text=f'заголовок:"{query.text}"', size=1, correct=False))
    yield f"     in titles side by side: {titled.total}"
    for place, found in enumerate(answer.hits, 1):
        sign = "=" if found.article.title == query.title else " "
        date = found.article.date
        day = date.first_day.isoformat() if date else "no date   "
        yield f"   {sign}{place}  {day} {found.score:.2f}  {_marked(found.title)}"
        for snippet in found.snippets[:1]:
            yield f"        {_marked(snippet)[:SHOWN]}"
    yield ""


class Seen(NamedTuple):
    """Of answers, how often the words stand side by side: first hits', and shares of the five."""

    queries: int
    first_title: int
    first: int
    titles: float
    all: float

    def plus(self, other: Seen) -> Seen:
        """Add another's counts."""
        return Seen._make(one + two for one, two in zip(self, other, strict=True))

    @property
    def line(self) -> str:
        """Write it as a line of the table, in percent."""
        shares = (100 * value / self.queries for value in self[1:])
        return f"{self.queries:>8}" + "".join(f"{share:>8.0f}" for share in shares)


NOTHING = Seen(0, 0, 0, 0.0, 0.0)


def seen(query: Drawn, answer: Answer, analyzer: Analyzer) -> Seen:
    """Look where an answer's articles have the query's words side by side."""
    words = _lemmas(query.text, analyzer)
    titles = [_says(found.article.title, words, analyzer) for found in answer.hits]
    either = [
        titled or _says(found.article.text, words, analyzer)
        for titled, found in zip(titles, answer.hits, strict=True)
    ]
    shares = sum(titles) / HITS, sum(either) / HITS
    return Seen(1, sum(titles[:1]), sum(either[:1]), *shares)


def _says(text: str, words: Sequence[frozenset[str]], analyzer: Analyzer) -> bool:
    places = _lemmas(text, analyzer)
    runs = (places[start : start + len(words)] for start in range(len(places) - len(words) + 1))
    return any(not any(map(frozenset.isdisjoint, words, run)) for run in runs)


def _lemmas(text: str, analyzer: Analyzer) -> list[frozenset[str]]:
    return [frozenset(analyzer.lemmas(form)) for form in analyzer.analyse(text).forms]


def _sizes(answer: Answer) -> str:
    widened = f", {answer.query.all_words} with all words" if answer.query.widened else ""
    return f"{answer.total} found{widened}"


def _marked(snippet: Snippet) -> str:
    text = snippet.text
    for start, end in sorted(snippet.marks, reverse=True):
        text = f"{text[:start]}⟦{text[start:end]}⟧{text[end:]}"
    return " ".join(text.split())


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder that has news/fontanka.jsonl.gz")
    parser.add_argument("--index", type=Path, help="index of fontanka; without it only queries")
    parser.add_argument("--variant", default=OURS, choices=[one.name for one in VARIANTS])
    options = parser.parse_args()
    corpus = options.data / "news" / "fontanka.jsonl.gz"
    titles = sorted({article.title for article in articles(corpus)})
    queries = [query for query, _ in zip(drawn(titles), range(QUERIES), strict=False)]
    for line in _read(queries, options.index, options.variant):
        print(line)


def _read(queries: Iterable[Drawn], index: Path | None, name: str) -> Iterator[str]:
    if index is None:
        yield from (f"{number:3}. {query.text}" for number, query in enumerate(queries, 1))
        return
    analyzer = Analyzer()
    (variant,) = (one for one in VARIANTS if one.name == name)
    with variant.weighing():
        service = Service(replace(variant.applied(Settings()), index=index))
        counted: dict[str, Seen] = {}
        for number, query in enumerate(queries, 1):
            answer = service.search(Question(text=query.text, size=HITS))
            yield from lines(number, query, answer, service)
            for kind in (query.kind, "all"):
                counted[kind] = counted.get(kind, NOTHING).plus(seen(query, answer, analyzer))
        service.close()
    yield f"{'side by side, %':<18} queries  first: title anywhere  five: title anywhere"
    for kind, own in counted.items():
        yield f"{kind:<18} {own.line}"


if __name__ == "__main__":
    main()
