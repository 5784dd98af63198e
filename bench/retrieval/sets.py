"""The data sets: those that lie in the folder of data, and those made of its corpora.

In: the folder with ``retrieval/`` and ``news/``. Out: for each set a folder of the BEIR layout, its
corpus, and whether titles are indexed: they are not where they are the queries.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from bench.retrieval.tails import tail_queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

HEADLINES = 2_000
TAILS = 1_000


class Article(NamedTuple):
    """An article of a corpus as its file has it."""

    id: str
    title: str
    text: str


class Known(NamedTuple):
    """A query and the one article that it is about."""

    text: str
    article_id: str


class Judged(NamedTuple):
    """One set: ``corpus`` is indexed without its titles where ``titles`` is False."""

    name: str
    folder: Path
    corpus: Path
    titles: bool

    @property
    def index(self) -> str:
        """Name of the index that this set is asked of; sets over the same one share it."""
        stem = self.corpus.name.partition(".")[0]
        if stem == "corpus":
            return self.folder.name
        return stem if self.titles else f"{stem}_untitled"


def sets(data: Path, made: Path) -> list[Judged]:
    """List all sets; those that are made are written below ``made`` unless they are there."""
    given, news = data / "retrieval", data / "news"
    lenta, fontanka = news / "lenta.jsonl.gz", news / "fontanka.jsonl.gz"
    listed = [
        Judged(name, given / name, given / name / "corpus.jsonl", titles=True)
        for name in ("xquad_ru", "xquad_ru_sentences_razdel")
    ]
    listed.append(Judged("lenta_headlines", given / "lenta_headlines", lenta, titles=False))
    folder = made / "fontanka_headlines"
    _write(folder, lambda: headlines(articles(fontanka)))
    listed.append(Judged(folder.name, folder, fontanka, titles=False))
    for corpus in (lenta, fontanka):
        folder = made / f"{corpus.name.partition('.')[0]}_tail"
        _write(folder, lambda corpus=corpus: tails(articles(corpus)))
        listed.append(Judged(folder.name, folder, corpus, titles=True))
    return listed


def headlines(corpus: Iterable[Article]) -> Iterator[Known]:
    """Draw 2,000 headlines of four words or more that no two articles share."""
    listed = list(corpus)
    times = Counter(article.title for article in listed)
    titles = {
        article.id: article.title
        for article in listed
        if len(article.title.split()) >= 4 and times[article.title] == 1
    }
    for article_id in random.Random(20).sample(sorted(titles), HEADLINES):
        yield Known(titles[article_id], article_id)


def tails(corpus: Iterable[Article]) -> Iterator[Known]:
    """Draw 1,000 articles and ask each for words of its end."""
    chance = random.Random(6)
    texts = {article.id: article.text for article in corpus}
    found = 0
    for article_id in chance.sample(sorted(texts), len(texts)):
        query = tail_queries(texts[article_id], chance)
        if query is not None:
            yield Known(query, article_id)
            found += 1
        if found == TAILS:
            return


def articles(corpus: Path) -> Iterator[Article]:
    """Read a corpus of JSON lines, gzipped or not."""
    opened = gzip.open if corpus.suffix == ".gz" else open
    with opened(corpus, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            name = row.get("_id") or row["id"]
            yield Article(name, row.get("title") or "", row.get("text") or "")


def _write(folder: Path, draw) -> None:
    if (folder / "qrels.tsv").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    qrels = ["query-id\tcorpus-id\tscore\n"]
    with (folder / "queries.jsonl").open("w", encoding="utf-8") as file:
        for number, known in enumerate(draw()):
            row = {"_id": f"q{number}", "text": known.text}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            qrels.append(f"q{number}\t{known.article_id}\t1\n")
    (folder / "qrels.tsv").write_text("".join(qrels), encoding="utf-8")
