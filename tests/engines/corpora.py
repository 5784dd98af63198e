"""Real news as articles: a seeded sample of the corpora, each article findable by its number."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from searchsvc.model import Format, Input, Place
from searchsvc.parsing.parsing import parse
from searchsvc.parsing.titles import title_from_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from searchsvc.model import Article

FILES = ("lenta.jsonl.gz", "fontanka.jsonl.gz")


def sample(folder: Path, count: int, seed: int) -> list[Article]:
    """Sample articles evenly from the corpora, as far as the smaller one goes."""
    random, chosen = Random(seed), []
    for place, name in enumerate(FILES):
        share = (count - len(chosen)) // (len(FILES) - place)
        chosen += _chosen(folder / "news" / name, share, random)
    return numbered(chosen, random)


def numbered(articles: Iterable[Article], random: Random) -> list[Article]:
    """Give each article an author of its own, so that one facet lists all ids of an answer.

    A part of them loses what an article may lack: the title (one is made), the text, the date.
    """
    made = []
    for article in articles:
        lame = _without_something(article, random)
        made.append(replace(lame, authors=(*article.authors, marker(article.id))))
    return made


def marker(article_id: str) -> str:
    """Name the author who wrote nothing but the article of an id."""
    return f"Автор-{article_id}"


def _without_something(article: Article, random: Random) -> Article:
    chance = random.random()
    if chance < 0.1 and article.text:
        return replace(article, title=title_from_text(article.text), title_made=True)
    if chance < 0.13:
        return replace(article, title="", title_made=False)
    if chance < 0.16:
        return replace(article, text="", title_made=False)
    return replace(article, date=None) if chance < 0.2 else article


def _chosen(path: Path, count: int, random: Random) -> Iterator[Article]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    for number in random.sample(range(len(lines)), min(count, len(lines))):
        item = Input(Place(path.name, (), number + 1), Format.RECORD, json.loads(lines[number]))
        for article in parse(item).articles:
            yield replace(article, id=f"{path.name[0]}{number}")
