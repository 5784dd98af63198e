"""A folder of news under random edits: files come, change, move their articles and go."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

from invented import lines, record

if TYPE_CHECKING:
    import random
    from pathlib import Path


class Newsroom:
    """A folder under random edits."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder
        self.chance = chance
        self.files: dict[str, list[dict[str, Any]]] = {}
        self.next = 0
        for _ in range(6):
            self.add()

    def edit(self) -> None:
        edits = (self.add, self.change, self.change, self.drop, self.move, self.remove, self.copy)
        self.chance.choice(edits)()

    def add(self) -> None:
        kind = self.chance.choice(("jsonl", "jsonl", "zip", "tar.gz", "jsonl.gz", "html"))
        folder = self.chance.choice(("", "deep/", "deep/er/"))
        self.next += 1
        count = 1 if kind == "html" else self.chance.randint(1, 8)
        self.write(f"{folder}{self.next}.{kind}", [self.article() for _ in range(count)])

    def change(self) -> None:
        name = self.any()
        rows = [self.article() if self.chance.random() < 0.3 else row for row in self.files[name]]
        at = self.chance.randrange(len(rows))
        rows[at] = rows[at] | {"text": self.article()["text"]}
        self.write(name, rows)

    def drop(self) -> None:
        name = self.any()
        rows = self.files[name]
        self.write(name, rows[: max(1, len(rows) // 2)])

    def move(self) -> None:
        giver, taker = self.any(), self.any()
        if "html" in giver + taker or giver == taker or len(self.files[giver]) < 2:
            return
        *rest, moved = self.files[giver]
        self.write(giver, rest)
        self.write(taker, [*self.files[taker], moved])

    def copy(self) -> None:
        """Put an article of one file, changed, into another too."""
        giver, taker = self.any(), self.any()
        if "html" in giver + taker:
            return
        row = self.chance.choice(self.files[giver]) | {"text": self.article()["text"]}
        self.write(taker, [*self.files[taker], row])

    def remove(self) -> None:
        if len(self.files) > 4:
            name = self.any()
            del self.files[name]
            (self.folder / name).unlink()

    def any(self) -> str:
        return self.chance.choice(sorted(self.files))

    def article(self) -> dict[str, Any]:
        self.next += 1
        return record(self.next, self.chance.randrange(10**6))

    def write(self, name: str, rows: list[dict[str, Any]]) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(packed(name, rows))
        self.files[name] = rows


def packed(name: str, rows: list[dict[str, Any]]) -> bytes:
    data = lines(rows)
    if name.endswith(".html"):
        paragraphs = "".join(f"<p>{row['text']}</p>" for row in rows)
        head = f"<title>{rows[0]['title']}</title>"
        page = f"<h1>{rows[0]['title']}</h1>{paragraphs}"
        return f"<html><head>{head}</head><body><article>{page}</article></body></html>".encode()
    if name.endswith(".jsonl.gz"):
        return gzip.compress(data)
    memory = io.BytesIO()
    if name.endswith(".zip"):
        with zipfile.ZipFile(memory, "w") as archive:
            archive.writestr("inside.jsonl", data)
        return memory.getvalue()
    if name.endswith(".tar.gz"):
        with tarfile.open(fileobj=memory, mode="w:gz") as tar:
            member = tarfile.TarInfo("inside.jsonl")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        return memory.getvalue()
    return data
