"""Whole corpora of real news are indexed without a crash, in less than a gigabyte."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from searchsvc.engines.opening import check_index

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 46_695
PART = 0.02
"""The part of each corpus that CI indexes."""
ROWS = {
    "fontanka": 46_695,
    "lenta": 9_876,
    "ria": 4_362,
    "rucoco": 3_075,
    "channel1_headlines": 141_180,
}
PAGES = 5_670
GIGABYTE = 10**9
SEARCHSVC = (sys.executable, "-c", "from searchsvc.cli import main; main()")


@pytest.mark.prove
@pytest.mark.parametrize("name", ROWS)
def test_every_row_of_a_corpus_is_there(name: str, data: Path, whole: bool, root: Path) -> None:
    if not whole:
        pytest.skip("a part of every corpus is indexed instead")
    report, peak = indexed_apart(root, data / "news" / f"{name}.jsonl.gz")
    rows = ROWS[name]
    print(f"{name}: {rows} rows, {report['seconds']:.0f} s, {peak / 10**6:.0f} MB at most")
    assert (report["read"], report["kept"], report["failed"]) == (rows, rows, 0)
    assert peak < GIGABYTE
    assert check_index(root) == 1


def test_every_row_of_a_part_of_each_corpus_is_there(
    data: Path, whole: bool, root: Path, seeds: Path
) -> None:
    if whole:
        pytest.skip("the whole corpora are indexed")
    print(f"seed {SEED}")
    rows = sum(
        sampled_rows(data / "news" / f"{name}.jsonl.gz", seeds / f"{name}.jsonl") for name in ROWS
    )
    report, peak = indexed_apart(root, seeds)
    assert (report["read"], report["kept"], report["failed"]) == (rows, rows, 0)
    assert peak < GIGABYTE
    assert check_index(root) == 1


@pytest.mark.prove
def test_every_page_of_the_telegram_archive_is_read(
    data: Path, whole: bool, root: Path, tmp_path: Path
) -> None:
    archive, pages = data / "html" / "telegram_2019-11-01.tar.gz", PAGES
    if not whole:
        archive, pages = sampled_pages(archive, tmp_path / "pages.tar.gz")
    report, peak = indexed_apart(root, archive)
    print(f"{pages} pages, {report['seconds']:.0f} s, {peak / 10**6:.0f} MB at most")
    assert report["read"] == pages
    assert report["articles"] >= 0.99 * pages
    assert report["kept"] == report["articles"] - report["replaced"]
    assert all(failure["reason"] for failure in report["failures"])
    assert peak < GIGABYTE
    assert check_index(root) == 1


def sampled_rows(corpus: Path, path: Path) -> int:
    """Write a part of a corpus; gives the number of its rows."""
    chance = random.Random(SEED)
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        chosen = [line for line in lines if chance.random() < PART]
    path.write_text("".join(chosen), "utf-8")
    return len(chosen)


def sampled_pages(archive: Path, path: Path) -> tuple[Path, int]:
    """Write a part of an archive; gives its file and the number of its pages."""
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    pages = 0
    with tarfile.open(archive) as given, tarfile.open(path, "w:gz") as taken:
        for member in given:
            content = given.extractfile(member) if member.isfile() else None
            if content is not None and chance.random() < PART:
                taken.addfile(member, io.BytesIO(content.read()))
                pages += 1
    return path, pages


def indexed_apart(root: Path, path: Path) -> tuple[dict[str, Any], int]:
    """Index by a process of its own; gives its report and the most bytes it and its children had.

    Memory is what all of them hold at one moment, looked at every fifth of a second.
    """
    command = [*SEARCHSVC, "index", "--index", root, path, "--json", "--procs", "2"]
    peak = 0
    report = root.with_suffix(".json")
    with (
        report.open("w") as output,
        subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL) as child,
    ):
        while child.poll() is None:
            peak = max(peak, sum(map(resident, family(child.pid))))
            time.sleep(0.2)
    assert child.returncode == 0
    return json.loads(report.read_text()), peak


def family(pid: int) -> Iterator[int]:
    """List a process and its descendants."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from family(int(child))


def resident(pid: int) -> int:
    """Give the bytes of memory of a process, 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except OSError:
        return 0
