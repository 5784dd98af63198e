"""Runs: what was found for each query, best first; written and read as TREC run files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from searchsvc.errors import ConfigError, ParseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Ranking(NamedTuple):
    """The articles found for one query, best first."""

    query_id: str
    article_ids: tuple[str, ...]


class Run(NamedTuple):
    """The rankings of one engine over one data set."""

    name: str
    rankings: tuple[Ranking, ...]


def write_run(run: Run, path: Path) -> None:
    """Write a TREC run; raises ConfigError where an id has a space in it.

    Scores count down to 1: tools order by score and break ties by id, an engine by its own rules
    (articles with all the words come first whatever their score).
    """
    with path.open("w", encoding="utf-8") as file:
        file.writelines(line for ranking in run.rankings for line in _lines(ranking, run.name))


def read_run(path: Path) -> Run:
    """Read a TREC run, ordered by score and then by rank; raises ConfigError, ParseError."""
    found: dict[str, dict[str, tuple[float, int]]] = {}
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                query_id, article_id, place = _parsed(line, f"{path}:{number}")
                if found.setdefault(query_id, {}).setdefault(article_id, place) is not place:
                    raise ParseError(f"{path}:{number}: {article_id!r} stands there twice")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ParseError(f"{path}: is not UTF-8") from None
    rankings = (
        Ranking(query, tuple(sorted(ids, key=ids.__getitem__))) for query, ids in found.items()
    )
    return Run(path.stem, tuple(rankings))


def _lines(ranking: Ranking, tag: str) -> Iterator[str]:
    count = len(ranking.article_ids)
    for number, article_id in enumerate(ranking.article_ids):
        for name in (ranking.query_id, article_id):
            if name.split() != [name]:
                raise ConfigError(f"the id {name!r} has spaces, a TREC run cannot hold it")
        yield f"{ranking.query_id} Q0 {article_id} {number + 1} {count - number} {tag}\n"


def _parsed(line: str, where: str) -> tuple[str, str, tuple[float, int]]:
    try:
        query_id, _, article_id, rank, score, _ = line.split()
        return query_id, article_id, (-float(score), int(rank))
    except ValueError:
        message = "is no line of a TREC run: query Q0 article rank score name"
        raise ParseError(f"{where}: {message}") from None
