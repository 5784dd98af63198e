"""The engines under test: what opens a reader and what begins a build of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from searchsvc.engines.opening import open_builder, open_engine
from searchsvc.engines.whoosh import portable
from searchsvc.engines.whoosh.reader import WhooshEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from searchsvc.engines.protocol import Builder, Engine
    from searchsvc.model import Article


class Factory(NamedTuple):
    """One engine: ``builder(root, update=, allow_shrink=)`` and ``reader(root)``."""

    builder: Callable[..., Builder[Any]]
    reader: Callable[[Path], Engine]

    def built(self, root: Path, articles: Iterable[Article]) -> Engine:
        """Build an index of articles and open it."""
        builder = self.builder(root)
        add_all(builder, articles)
        builder.commit()
        return self.reader(root)

    def updated(self, root: Path, articles: Iterable[Article], gone: Iterable[str] = ()) -> Engine:
        """Delete and add articles on top of what is there, and open the result."""
        builder = self.builder(root, update=True, allow_shrink=True)
        builder.delete(gone)
        add_all(builder, articles)
        builder.commit()
        return self.reader(root)


def add_all(builder: Builder[Any], articles: Iterable[Article]) -> None:
    """Prepare and add articles."""
    prepare = builder.preparer()
    for article in articles:
        builder.add(prepare(article))


FACTORIES = {
    "whoosh": Factory(open_builder, open_engine),
    "whoosh-portable": Factory(open_builder, lambda root: WhooshEngine.open(root, kernel=portable)),
}
