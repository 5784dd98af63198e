"""A server goes over to each new generation without a failed or empty answer."""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from invented import built, indexed, records, write

from searchsvc.config import Settings
from searchsvc.errors import IndexMissing
from searchsvc.searching.answer import Question
from searchsvc.searching.service import LOOKED_UP, Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEARCHSVC = (sys.executable, "-c", "from searchsvc.cli import main; main()")
EVERY_ARTICLE = Question(text="сообщение")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def service(root: Path) -> Iterator[Service]:
    built(root, range(10))
    service = Service(Settings(index=root))
    service.ready()
    yield service
    service.close()


class TestPickingUp:
    def test_a_new_generation_answers_the_next_question(self, root: Path, service: Service) -> None:
        for size in (11, 12, 13):
            built(root, range(size))
            answer = service.search(EVERY_ARTICLE)
            assert (answer.total, answer.generation) == (size, size - 9)

    def test_it_is_not_looked_up_for_each_question(
        self, root: Path, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("searchsvc.searching.service.LOOKED_UP", 60.0)
        built(root, range(11))
        assert service.search(EVERY_ARTICLE).total == 11
        built(root, range(12))
        assert service.search(EVERY_ARTICLE).total == 11

    def test_a_first_index_is_found_by_a_service_that_waits(self, root: Path) -> None:
        service = Service(Settings(index=root))
        with pytest.raises(IndexMissing):
            service.ready()
        built(root, range(3))
        assert service.ready().articles == 3

    def test_a_question_under_way_ends_on_the_generation_it_began_with(
        self, root: Path, service: Service
    ) -> None:
        engine = service._current()
        built(root, range(11))
        built(root, range(12))
        assert service.search(EVERY_ARTICLE).total == 12
        assert engine.stats().articles == 10
        assert engine.article("n3").id == "n3"


class TestDamage:
    @pytest.fixture(params=["cut short", "no manifest", "no folder", "no number", "no CURRENT"])
    def damage(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    def test_a_damaged_new_generation_leaves_the_former_one_serving(
        self, root: Path, service: Service, damage: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        built(root, range(12))
        damaged(root, damage)
        with caplog.at_level(logging.ERROR):
            for _ in range(3):
                assert service.search(EVERY_ARTICLE).total == 10
        assert len(caplog.records) == 1
        assert "make index" in caplog.text

    def test_the_next_build_is_picked_up(self, root: Path, service: Service, damage: str) -> None:
        built(root, range(12))
        damaged(root, damage)
        assert service.search(EVERY_ARTICLE).total == 10
        built(root, range(13))
        time.sleep(LOOKED_UP)
        assert service.search(EVERY_ARTICLE).total == 13

    def test_a_new_service_refuses_it(self, root: Path, service: Service, damage: str) -> None:
        built(root, range(12))
        damaged(root, damage)
        with pytest.raises(IndexMissing, match="make index"):
            Service(Settings(index=root)).ready()


def damaged(root: Path, how: str) -> None:
    """Damage the second generation of an index."""
    folder = root / "generations" / "2"
    if how == "cut short":
        (path,) = folder.glob("*.arrays")
        os.truncate(path, 100)
    elif how == "no manifest":
        (folder / "manifest.json").unlink()
    elif how == "no folder":
        shutil.rmtree(folder)
    elif how == "no number":
        (root / "CURRENT").write_text("second")
    else:
        (root / "CURRENT").unlink()


@pytest.mark.prove
def test_no_request_fails_while_the_index_is_rebuilt(whole: bool, tmp_path: Path) -> None:
    rebuilds, articles = (30, 3_000) if whole else (3, 300)
    root, seeds = tmp_path / "index", tmp_path / "seeds"
    write(seeds / "a.jsonl", records(articles))
    indexed(root, seeds)
    with served(root) as address, asked(address) as tally:
        for number in range(rebuilds):
            command = [*SEARCHSVC, "index", "--index", root, seeds, "--procs", "1"]
            subprocess.run(command, check=True, capture_output=True, timeout=120)
            wanted = ("ok", number + 2)
            assert soon(lambda wanted=wanted: tally[wanted]), f"generation {number + 2} is served"
        print(f"{sum(tally.values())} requests over {rebuilds} rebuilds")
    assert {outcome for outcome, _ in tally} == {"ok"}
    assert {generation for _, generation in tally} == set(range(1, rebuilds + 2))


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Run ``searchsvc serve`` on a free port of the loopback; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*SEARCHSVC, "serve", "--index", root, "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            assert soon(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


@contextmanager
def asked(address: str) -> Iterator[Counter[tuple[str, int]]]:
    """Ask from four threads while the block runs; counts outcomes by generation."""
    tally: Counter[tuple[str, int]] = Counter()
    lock, over = threading.Lock(), threading.Event()

    def ask() -> None:
        while not over.is_set():
            outcome = one_request(address)
            with lock:
                tally[outcome] += 1
            over.wait(0.05)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield tally
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout=30)


def one_request(address: str) -> tuple[str, int]:
    query = quote("сообщение номер")
    try:
        with urlopen(f"{address}/api/v1/search?q={query}", timeout=10) as response:
            answer = json.load(response)
    except (URLError, OSError) as error:
        return f"failed: {error}", 0
    full = answer["total"]["value"] > 0 and len(answer["hits"]) == 10
    return "ok" if full else "empty", answer["generation"]


def answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def soon(fact):  # type: ignore[no-untyped-def]
    """Wait for a fact, thirty seconds at most."""
    give_up = time.monotonic() + 30
    while not (is_so := fact()) and time.monotonic() < give_up:
        time.sleep(0.05)
    return is_so
