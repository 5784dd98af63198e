"""Invented news for tests of the whole way: records, files of them, indexes of those."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from searchsvc.config import Settings
from searchsvc.engines.opening import open_builder, open_engine
from searchsvc.engines.protocol import SearchRequest, Sort
from searchsvc.indexing.building import build
from searchsvc.model import Article
from searchsvc.query.tree import Everything

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from searchsvc.indexing.report import Report

SUBJECTS = ("садовник", "библиотекарь", "паромщик", "пекарь", "звонарь", "часовщик", "бакенщик")
DEEDS = ("посадил", "починил", "покрасил", "нашёл", "открыл", "перенёс", "показал", "измерил")
THINGS = ("маяк", "пристань", "липу", "мост", "карусель", "голубятню", "мельницу", "фонтан")
PLACES = ("Зареченске", "Приречье", "Северогорске", "Липовой Косе", "Верхних Бродах")
SOURCES = ("Вестник Приречья", "Северогорск сегодня", "Голос Зареченска")


def record(number: int, seed: int = 0, **given: Any) -> dict[str, Any]:
    """Invent a record; the same number and seed give the same one."""
    chance = random.Random(f"{seed}/{number}")
    sentences = [
        f"{chance.choice(SUBJECTS).capitalize()} {chance.choice(DEEDS)} {chance.choice(THINGS)} "
        f"в {chance.choice(PLACES)}."
        for _ in range(chance.randint(2, 6))
    ]
    day = f"20{chance.randint(20, 25)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    return {
        "id": f"n{number}",
        "url": f"https://invented.example/{number}",
        "title": f"Выпуск {number}: {sentences[0]}",
        "text": " ".join(sentences[1:]) + f" Это сообщение номер {number}.",
        "date": day,
        "source": chance.choice(SOURCES),
    } | given


def records(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Invent records numbered from 0."""
    return [record(number, seed) for number in range(count)]


def lines(rows: Iterable[dict[str, Any]]) -> bytes:
    """Write records as JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def write(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    """Write records to a file of JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lines(rows))
    return path


def article(number: int, **given: Any) -> Article:
    """Invent an article for a builder."""
    row = record(number)
    facts = {name: row[name] for name in ("id", "url", "title", "text", "source")}
    return Article(**(facts | {"origin": f"file-{number % 5}.jsonl"} | given))


def built(root: Path, numbers: Iterable[int], **options: Any) -> int:
    """Build a generation of articles by their numbers; returns the generation's."""
    builder = open_builder(root, **options)
    prepare = builder.preparer()
    try:
        for number in numbers:
            builder.add(prepare(article(number)))
        return builder.commit()
    finally:
        builder.abort()


def indexed(root: Path, *paths: Path, update: bool = False, procs: int = 1) -> Report:
    """Index files and folders; a shrunken index is taken."""
    settings = Settings(index=root, procs=procs)
    builder = open_builder(root, update=update, allow_shrink=True)
    return build(paths, builder, settings, update=update)


def held(root: Path) -> tuple[Article, ...]:
    """List every article of an index."""
    engine = open_engine(root)
    hits = engine.search(SearchRequest(Everything(), limit=1_000_000, sort=Sort.DATE)).hits
    engine.close()
    return tuple(hit.article for hit in hits)
