"""Who takes part: the table of contestants, and which of them are able to here."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from bench.contestants.contract import Mode

if TYPE_CHECKING:
    from pathlib import Path

    from bench.contestants.contract import Contestant

KERNEL = "searchsvc.engines.whoosh._kernel"


class Entry(NamedTuple):
    """One contestant; it ``needs`` a module and may have to do ``without`` another.

    ``shares`` names the one whose index it opens, ``rival`` whom it is measured against if not
    against the rival of its mode.
    """

    name: str
    mode: Mode
    module: str
    kind: str
    needs: str
    shares: str = ""
    without: str = ""
    rival: str = ""

    @property
    def index(self) -> str:
        """Name of the folder of its index."""
        return self.shares or self.name

    def contestant(self, folder: Path) -> Contestant:
        """Make it over a folder of indexes."""
        made: Contestant = getattr(import_module(self.module), self.kind)(folder / self.index)
        return made


_ROOM = "bench.contestants"

ENTRIES = (
    Entry("ours", Mode.WORDS, f"{_ROOM}.ours", "Ours", "searchsvc"),
    Entry("ours-ranked", Mode.WORDS, f"{_ROOM}.ours", "OursRanked", "searchsvc", "ours"),
    Entry("ours-numpy", Mode.WORDS, f"{_ROOM}.ours", "Ours", KERNEL, "ours", KERNEL),
    Entry("ours-in-parts", Mode.WORDS, f"{_ROOM}.ours", "OursInParts", "searchsvc", rival="ours"),
    Entry("tantivy", Mode.WORDS, f"{_ROOM}.tantivy", "Tantivy", "tantivy"),
    Entry("ours-terms", Mode.TERMS, f"{_ROOM}.ours", "OursOnTerms", "searchsvc"),
    Entry(
        "ours-terms-numpy", Mode.TERMS, f"{_ROOM}.ours", "OursOnTerms", KERNEL, "ours-terms", KERNEL
    ),
    Entry("tantivy-terms", Mode.TERMS, f"{_ROOM}.tantivy", "TantivyOnTerms", "tantivy"),
    Entry("sqlite-fts5", Mode.TERMS, f"{_ROOM}.sqlite", "Sqlite", "sqlite3"),
    Entry("bm25s", Mode.TERMS, f"{_ROOM}.bm25s_arrays", "Bm25s", "bm25s"),
    Entry(
        "stock-whoosh",
        Mode.TERMS,
        f"{_ROOM}.stock_whoosh",
        "StockWhoosh",
        "whoosh",
        rival="ours-terms",
    ),
)

RIVALS = {Mode.WORDS: "tantivy", Mode.TERMS: "tantivy-terms"}
"""Whom the others of a mode are measured against."""


def rival(name: str) -> str:
    """Name the one that a contestant is measured against."""
    (entry,) = (entry for entry in ENTRIES if entry.name == name)
    return entry.rival or RIVALS[entry.mode]


def able(names: tuple[str, ...]) -> tuple[list[Entry], dict[str, str]]:
    """Choose contestants by name (all for none) and say why others stay away."""
    chosen = [entry for entry in ENTRIES if not names or entry.name in names]
    absent = {
        entry.name: f"there is no module {entry.needs}"
        for entry in chosen
        if find_spec(entry.needs) is None
    }
    return [entry for entry in chosen if entry.name not in absent], absent
