"""Indexes: each contestant's is built once for a corpus and kept while its code stays the same.

In: a corpus and contestants. Out: what each build took. The builds run one after another.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bench.contestants.contract import Mode
from bench.worker import Built, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.corpus import Corpus
    from bench.entries import Entry

STAMP = "built.json"

ANSWERING = frozenset(
    [
        *("choosing", "clauses", "evaluation", "facets", "fuzzy", "kernel", "locating", "operands"),
        *("ordering", "paging", "placing", "plain_words", "portable", "portable_nodes"),
        *("portable_positions", "portable_second_pass", "portable_segment", "portable_sets"),
        *("portable_spans", "portable_terms", "portable_wide", "reader", "resolving", "scoring"),
        *("second_pass", "segment", "sets", "spans", "titled_terms", "unpacking"),
    ]
)
"""Modules of our engine that only read: an index outlives their changes."""


def build(
    entries: Sequence[Entry],
    corpus: Corpus,
    folder: Path,
    say: Callable[[str], None],
    *,
    keep: bool = False,
) -> dict[str, Built]:
    """Build what is not there, ours of a mode first: others take as many segments.

    With ``keep`` an index of older code is taken as it is.
    """
    finished: dict[str, Built] = {}
    segments: dict[Mode, int] = {}
    for entry in entries:
        if not entry.shares:
            wanted = segments.get(entry.mode, 1)
            finished[entry.name] = _kept(entry, folder, wanted, keep=keep) or _one(
                entry, corpus, folder, wanted, say
            )
            segments.setdefault(entry.mode, finished[entry.name].segments)
    return finished | {entry.name: finished[entry.shares] for entry in entries if entry.shares}


def _kept(entry: Entry, folder: Path, segments: int, *, keep: bool) -> Built | None:
    stamp = folder / f"{entry.name}.{STAMP}"
    if not stamp.exists():
        return None
    former = json.loads(stamp.read_text(encoding="utf-8"))
    fits = former["segments"] == segments and former["of"] == _fingerprint(entry)
    return Built(**former["built"]) if fits or keep else None


def _one(
    entry: Entry, corpus: Corpus, folder: Path, segments: int, say: Callable[[str], None]
) -> Built:
    stamp = folder / f"{entry.name}.{STAMP}"
    stamp.unlink(missing_ok=True)
    say(f"building {entry.name}")
    of = _fingerprint(entry)
    worker = Worker(entry, folder)
    try:
        path = corpus.words if entry.mode is Mode.WORDS else corpus.terms
        built = worker.build(path, segments)
    finally:
        worker.close()
    values = {"of": of, "segments": segments, "built": built._asdict()}
    stamp.write_text(json.dumps(values), encoding="utf-8")
    return built


def _fingerprint(entry: Entry) -> str:
    """Hash what an index depends on: the contestant's code, its library, for ours what writes."""
    files = [Path(__file__).with_name("corpus.py"), Path(find_spec(entry.module).origin)]
    if entry.needs == "searchsvc":
        package = Path(find_spec("searchsvc").origin).parent
        engine = (package / "engines" / "whoosh").glob("*.py")
        files += [package / "schema.py", *sorted((package / "analysis").glob("*.py"))]
        files += sorted(path for path in engine if path.stem not in ANSWERING)
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return f"{digest.hexdigest()[:16]} {_version(entry.needs)}"


def _version(name: str) -> str:
    try:
        return version({"whoosh": "whoosh3"}.get(name, name))
    except PackageNotFoundError:
        return ""
