"""The index that queries are asked of: built of a corpus the shipped way, or one that is there."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from searchsvc.engines.generations import Generations
from searchsvc.engines.opening import open_builder
from searchsvc.errors import ConfigError
from searchsvc.indexing.building import build
from searchsvc.parsing.titles import title_from_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from searchsvc.config import Settings
    from searchsvc.indexing.building import Progress
    from searchsvc.model import Article


@contextmanager
def indexed(
    corpus: Path | None,
    settings: Settings,
    *,
    kept: Path | None = None,
    titles: bool = True,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Iterator[Path]:
    """Give the folder of an index of a corpus, without its titles where they are the queries.

    An index that stands at ``kept`` is given as it is; else one is built there, or for a while
    in a temporary folder. Raises ConfigError where there is nothing to build it of, BuildRefused.
    """
    if kept is not None and Generations(kept).exists():
        yield kept
        return
    if corpus is None:
        raise ConfigError("there is no corpus.jsonl beside the queries: name one with --corpus")
    if not corpus.exists():
        raise ConfigError(f"there is no corpus {corpus}")
    with tempfile.TemporaryDirectory(prefix="searchsvc-") as folder:
        root = kept or Path(folder) / "index"
        edit = None if titles else untitled
        build(
            [corpus],
            open_builder(root),
            replace(settings, index=root),
            progress=progress,
            edit=edit,
        )
        yield root


def untitled(article: Article) -> Article:
    """Take the title off an article: one is made of its text, as for articles that have none."""
    return replace(article, title=title_from_text(article.text), title_made=True)
