"""Peers: the benchmark's contestants over one set's corpus, asked for any of a question's words.

In: a set, its queries and a folder. Out: a run. Each peer has its own analysis: Tantivy its Russian
stemmer, the others Snowball stems, Whoosh by its own implementation. For all of them ё is е, and
nobody drops stop words. Indexes and runs are kept while code, packages and data stay the same.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from Stemmer import Stemmer
from whoosh.lang.snowball.russian import RussianStemmer

from bench import corpus
from bench.contestants import bm25s_arrays, sqlite, stock_whoosh, tantivy
from bench.contestants.contract import Stage
from bench.queries import Query, Shape
from bench.retrieval import sets
from bench.retrieval.keeping import is_kept, keep, of_data, of_package, stamp
from searchsvc.evaluation.asking import DEPTH
from searchsvc.evaluation.runs import Ranking, Run, read_run, write_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import ModuleType

    from bench.contestants.contract import Contestant
    from bench.retrieval.sets import Judged
    from searchsvc.evaluation.dataset import JudgedQuery

_WORD = re.compile(r"[^\W_]+")
_snowball = Stemmer("russian")
_whoosh = RussianStemmer()


@cache
def _snowball_stem(word: str) -> str:
    return _snowball.stemWord(word)


@cache
def _whoosh_stem(word: str) -> str:
    return _whoosh.stem(word)


class Peer(NamedTuple):
    """A contestant, the packages it is, and what stems words for one that has no stemmer."""

    name: str
    module: ModuleType
    kind: Callable[[Path], Contestant]
    packages: tuple[str, ...]
    stem: Callable[[str], str] | None = None


PEERS = (
    Peer("tantivy", tantivy, tantivy.Tantivy, ("tantivy",)),
    Peer("sqlite-fts5", sqlite, sqlite.Sqlite, ("PyStemmer",), _snowball_stem),
    Peer("bm25s", bm25s_arrays, bm25s_arrays.Bm25s, ("bm25s", "PyStemmer"), _snowball_stem),
    Peer("stock-whoosh", stock_whoosh, stock_whoosh.StockWhoosh, ("whoosh3",), _whoosh_stem),
)


@dataclass(frozen=True)
class Asking:
    """One peer over one set; ``folder`` is where indexes and runs are kept."""

    peer: Peer
    judged: Judged
    folder: Path

    def run(self, queries: Sequence[JudgedQuery]) -> Run:
        """Give the peer's run, asking it only where it is not kept."""
        path = self.folder / self.judged.name / f"{self.peer.name}.run"
        now = stamp((), self._of, queries)
        if not is_kept(path, now):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_run(Run(self.peer.name, tuple(self._asked(queries))), path)
            keep(path, now)
        return read_run(path)

    @cached_property
    def _of(self) -> str:
        files = [Path(module.__file__ or "") for module in (self.peer.module, corpus)]
        packages = [of_package(name) for name in self.peer.packages]
        data = of_data(self.judged.corpus), self.judged.titles
        return stamp([*files, Path(__file__)], packages, data)

    def _asked(self, queries: Sequence[JudgedQuery]) -> Iterator[Ranking]:
        contestant = self._opened()
        names = _names(sets.articles(self.judged.corpus))
        for query in queries:
            words = _words(query.text)
            stems = tuple(map(self.peer.stem, words)) if self.peer.stem else ()
            question = contestant.prepare(Query(Shape.OR, words, stems)) if words else None
            found = contestant.ask(question, Stage.IDS) if question is not None else None
            numbers = contestant.numbers(found) if found is not None else ()
            yield Ranking(query.id, tuple(names[int(number)] for number in numbers))

    def _opened(self) -> Contestant:
        place = self.folder / self.judged.index / self.peer.name
        contestant = self.peer.kind(place)
        contestant.hits = DEPTH
        if not is_kept(place, self._of):
            place.parent.mkdir(parents=True, exist_ok=True)
            rows = place.with_name(f"{self.peer.name}.jsonl")
            self._write_rows(rows)
            contestant.build(rows, 1)
            rows.unlink()
            keep(place, self._of)
        contestant.open()
        return contestant

    def _write_rows(self, path: Path) -> None:
        with path.open("w", encoding="utf-8") as file:
            for number, article in enumerate(sets.articles(self.judged.corpus)):
                title = article.title if self.judged.titles else ""
                text = self._indexed(f"{title}\n{article.text}")
                row = corpus.Row(f"n{number:07d}", "", text, "", "", "", "")
                file.write(json.dumps(row._asdict(), ensure_ascii=False) + "\n")

    def _indexed(self, text: str) -> str:
        if self.peer.stem is None:
            return text.replace("ё", "е").replace("Ё", "Е")
        return " ".join(map(self.peer.stem, _words(text)))


def _names(corpus: Iterable[sets.Article]) -> list[str]:
    """Give each article a name of its own: an id that is taken gets the article's place."""
    names: dict[str, None] = {}
    for number, article in enumerate(corpus):
        names[f"{article.id}-{number}" if article.id in names else article.id] = None
    return list(names)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.lower().replace("ё", "е")))
