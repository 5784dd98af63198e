"""Work on batches: what one process gives, several give too, and errands are run between."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from invented import records, write

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.config import Settings
from searchsvc.engines.whoosh.digest import Preparer
from searchsvc.indexing import working
from searchsvc.indexing.working import Work, outcomes
from searchsvc.sources.limits import SourceLimits
from searchsvc.sources.reading import Lines, portions
from searchsvc.sources.walking import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


class Errands:
    """A builder that wants work done."""

    def __init__(self) -> None:
        self.asked = 0
        self.results: list[object] = []

    def errands(self, parts: int, *, last: bool = False) -> Sequence[Callable[[], object]]:
        self.asked += 1
        return [dict] * (parts if last else 1)

    def done(self, result: object) -> None:
        self.results.append(result)


def worked(folder: Path, processes: int, builder: Any) -> tuple[int, list[str], list[str]]:
    limits = SourceLimits.of(Settings())
    found = (item for file in walk([folder]) for item in portions(file, limits))
    read, ids, failures = 0, [], []
    for outcome in outcomes(found, Work(Preparer(Analyzer())), processes, builder):
        read += outcome.read
        ids += [digest.id for digest in outcome.prepared]
        failures += [str(failure.place) for failure in outcome.failures]
    return read, ids, failures


@pytest.fixture
def few_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "ALONE", 20_000)
    monkeypatch.setattr(working, "BATCH_BYTES", 20_000)


@pytest.fixture(params=["forked", "spawned"])
def started(request: pytest.FixtureRequest) -> Any:
    """Let processes be started in both ways: a second thread forbids forking."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    if request.param == "spawned":
        thread.start()
    yield request.param
    end.set()
    if request.param == "spawned":
        thread.join()


@pytest.mark.usefixtures("few_alone")
def test_several_processes_give_what_one_gives(seeds: Path, started: str) -> None:
    for number in range(12):
        write(seeds / f"{number}.jsonl", records(60, number * 100))
    with (seeds / "1.jsonl").open("ab") as file:
        file.write(b"{broken\n")
    builder = Errands()
    one, several = worked(seeds, 1, builder), worked(seeds, 2, builder)
    assert one == several
    assert one[0] == len(one[1]) == 720
    assert len(one[2]) == 1
    assert builder.results == [{}] * (builder.asked + 1)
    assert builder.asked > 1


@pytest.mark.usefixtures("few_alone")
@pytest.mark.parametrize("change", ["before", "after"])
def test_a_file_that_is_replaced_meanwhile_is_read_as_it_was(
    seeds: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before or after its blocks are given to another process."""
    for number in range(6):
        write(seeds / f"{number}.jsonl", records(60, number * 100))
    whole = worked(seeds, 1, Errands())
    elsewhere = Lines.elsewhere

    def replaced(lines: Lines) -> Lines:
        sent = elsewhere(lines) if change == "after" else lines
        assert lines.file is not None
        (seeds / "other").write_bytes(b"")
        (seeds / "other").replace(lines.file.path)
        return sent if change == "after" else elsewhere(lines)

    monkeypatch.setattr(Lines, "elsewhere", replaced)
    assert worked(seeds, 2, Errands()) == whole
    assert worked(seeds, 1, Errands()) != whole
