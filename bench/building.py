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


def build(
    entries: Sequence[Entry], corpus: Corpus, folder: Path, say: Callable[[str], None]
) -> dict[str, Built]:
    """Build what is not there, ours of a mode first: others take as many segments."""
    finished: dict[str, Built] = {}
    segments: dict[Mode, int] = {}
    for entry in entries:
        if not entry.shares:
            finished[entry.name] = _one(entry, corpus, folder, segments.get(entry.mode, 1), say)
            segments.setdefault(entry.mode, finished[entry.name].segments)
    return finished | {entry.name: finished[entry.shares] for entry in entries if entry.shares}


def _one(
    entry: Entry, corpus: Corpus, folder: Path, segments: int, say: Callable[[str], None]
) -> Built:
    stamp = folder / f"{entry.name}.{STAMP}"
    wanted = f"{_fingerprint(entry)} {segments}"
    if stamp.exists():
        former = json.loads(stamp.read_text(encoding="utf-8"))
        if former["of"] == wanted:
            return Built(**former["built"])
    say(f"building {entry.name}")
    stamp.unlink(missing_ok=True)
    worker = Worker(entry, folder)
    try:
        path = corpus.words if entry.mode is Mode.WORDS else corpus.terms
        built = worker.build(path, segments)
    finally:
        worker.close()
    stamp.write_text(json.dumps({"of": wanted, "built": built._asdict()}), encoding="utf-8")
    return built


def _fingerprint(entry: Entry) -> str:
    """Hash what an index depends on: the contestant's code, its library, for ours the engine."""
    files = [Path(__file__).with_name("corpus.py"), Path(find_spec(entry.module).origin)]
    if entry.needs == "searchsvc":
        package = Path(find_spec("searchsvc").origin).parent
        files += [package / "schema.py", *sorted((package / "analysis").rglob("*.py"))]
        files += sorted((package / "engines").rglob("*.py"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return f"{digest.hexdigest()[:16]} {_version(entry.needs)}"


def _version(name: str) -> str:
    try:
        return version({"whoosh": "whoosh3"}.get(name, name))
    except PackageNotFoundError:
        return ""
