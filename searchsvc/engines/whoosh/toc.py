"""Whoosh's table of contents of one generation: written when sealed, read when opened.

A TOC is a pickle: it is read only from an index folder that its owner trusts, after its size and
the versions in the manifest were compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, open_dir

from searchsvc.engines.whoosh.codec import ArraySegment, whoosh_schema

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

INDEX_NAME = "MAIN"
"""Whoosh's own default, so that ``open_dir`` needs no name."""


def new_entry() -> ArraySegment:
    """Name a new segment."""
    return ArraySegment(INDEX_NAME)


def write_toc(folder: Path, entries: Sequence[ArraySegment]) -> None:
    """Write the table of contents, Whoosh's commit."""
    storage = FileStorage(str(folder))
    TOC(whoosh_schema(), list(entries), 1).write(storage, INDEX_NAME)


def read_toc(folder: Path) -> tuple[ArraySegment, ...]:
    """List the segments, as Whoosh opens them."""
    index = open_dir(str(folder))
    reader = index.reader()
    entries = tuple(leaf.segment() for leaf, _ in reader.leaf_readers() if leaf.segment())
    reader.close()
    return entries
