"""What is said to be done is on disk: files and folders are synced before the switch."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invented import built

if TYPE_CHECKING:
    import pytest


def test_all_is_on_disk_before_the_switch(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built(root, range(10))
    events = recorded(monkeypatch)
    number = built(root, range(20))
    folder = root / "generations" / str(number)
    switch = events.index(("rename", root / "CURRENT", ""))
    synced = {(path, digest) for what, path, digest in events[:switch] if what == "sync"}
    for path in folder.iterdir():
        name = "manifest.json.new" if path.name == "manifest.json" else path.name
        assert (folder / name, digest_of(path)) in synced, f"{name} as it is now"
    assert (root / "CURRENT.new", digest_of(root / "CURRENT")) in synced
    assert {(folder, ""), (root / "generations", ""), (root, "")} <= synced


def test_names_are_on_disk_after_their_rename(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = recorded(monkeypatch)
    built(root, range(10))
    renames = [at for at, (what, _, _) in enumerate(events) if what == "rename"]
    assert [events[at][1].name for at in renames] == ["lemmas", "manifest.json", "CURRENT"]
    for at in renames:
        assert ("sync", events[at][1].parent, "") in events[at:]


def digest_of(path: Path) -> str:
    return "" if path.is_dir() else hashlib.sha256(path.read_bytes()).hexdigest()


def recorded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Path, str]]:
    """Note each fsync, with what the file held then, and each rename."""
    events: list[tuple[str, Path, str]] = []
    fsync, rename = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        events.append(("sync", path, digest_of(path)))
        fsync(descriptor)

    def noted_rename(source: Any, target: Any) -> None:
        events.append(("rename", Path(target), ""))
        rename(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_rename)
    return events
