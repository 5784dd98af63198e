"""A build killed at any moment leaves the index as it was, and no rubbish for long."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dying_build import STEPS, SWITCHED
from invented import built, indexed, records, write

from searchsvc.config import Settings
from searchsvc.engines.generations import Generations
from searchsvc.engines.opening import check_index
from searchsvc.searching.answer import Question
from searchsvc.searching.service import Service

SEED = 20_260_203
ARTICLES = 2_000
"""Enough that other processes are started to parse them."""
PATIENCE = 120
"""Seconds after which a build hangs, on a machine that has other work too."""
SHORTER, LONGER = 0.5, 1.1
"""A build lasts as long as the machine's other work lets it: what is waited for follows that, so
that one of eight builds has switched before it is killed."""
TESTS = Path(__file__).parents[1]
INDEX = (sys.executable, "-c", "from searchsvc.cli import main; main()", "index")


def answers(root: Path, articles: int) -> None:
    """Hold that the index opens, answers with all its articles and is whole."""
    service = Service(Settings(index=root))
    try:
        assert service.search(Question(text="сообщение")).total == articles
        assert service.search(Question(text="номер")).hits
    finally:
        service.close()
    check_index(root)


def is_tidy(root: Path) -> None:
    """Hold that only the current and the former generation are there."""
    generations = Generations(root)
    current = generations.current()
    kept = {current, generations.manifest(current).former} - {None}
    assert {int(path.name) for path in (root / "generations").iterdir()} == kept
    assert {path.name for path in root.iterdir()} == {"CURRENT", "LOCK", "generations", "lemmas"}


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of indexes of 21 articles; at each a build of 25 was killed at a step."""
    folder = tmp_path_factory.mktemp("killed")
    for step in STEPS:
        built(folder / step, range(20))
        built(folder / step, range(21))
    command = [sys.executable, TESTS / "generations" / "dying_build.py", folder, "25"]
    paths = os.pathsep.join((str(TESTS.parent), str(TESTS)))
    environment = os.environ | {"PYTHONPATH": paths}
    output = subprocess.run(
        command, env=environment, timeout=PATIENCE, check=True, capture_output=True
    )
    assert json.loads(output.stdout) == dict.fromkeys(STEPS, signal.SIGKILL)
    return folder


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step(step: str, killed: Path) -> None:
    root = killed / step
    answers(root, 25 if step in SWITCHED else 21)
    built(root, range(22))
    answers(root, 22)
    is_tidy(root)


@pytest.mark.prove
def test_killed_at_random_moments(whole: bool, tmp_path: Path) -> None:
    kills = 100 if whole else 5
    print(f"seed {SEED}, {kills} kills")
    chance = random.Random(SEED)
    root, seeds = tmp_path / "index", tmp_path / "seeds"
    write(seeds / "many.jsonl", records(ARTICLES))
    indexed(root, seeds)
    lasts, late = _seconds(root, seeds), 0
    for _ in range(kills):
        switched = _kill_one(root, seeds, chance, lasts)
        late += switched
        lasts *= SHORTER if switched else LONGER
    print(f"{late} of {kills} builds had switched before they were killed")
    assert late < kills


def _seconds(root: Path, seeds: Path) -> float:
    """Measure a build from its first folder to its end."""
    with _begun(root, seeds, procs=1) as build:
        started = time.monotonic()
        assert build.wait(timeout=PATIENCE) == 0
        return time.monotonic() - started


def _begun(root: Path, seeds: Path, procs: int) -> subprocess.Popen[bytes]:
    """Start a build and wait until it has made its folder; it may be further then."""
    before = set((root / "generations").iterdir())
    command = [*INDEX, "--index", root, "--procs", str(procs), seeds]
    build = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    give_up = time.monotonic() + PATIENCE
    while not set((root / "generations").iterdir()) - before:
        assert build.poll() is None, "the build ended without a folder"
        assert time.monotonic() < give_up
        time.sleep(0.002)
    return build


def _kill_one(root: Path, seeds: Path, chance: random.Random, lasts: float) -> bool:
    """Kill one build; tell whether it had switched already."""
    before = Generations(root).current()
    with _begun(root, seeds, procs=chance.choice((1, 2))) as build:
        time.sleep(chance.uniform(0, lasts))
        build.kill()
    answers(root, ARTICLES)
    switched = Generations(root).current() != before
    indexed(root, seeds / "many.jsonl")
    answers(root, ARTICLES)
    is_tidy(root)
    return switched


def test_processes_that_parse_end_with_a_build_that_is_killed(tmp_path: Path) -> None:
    root, seeds = tmp_path / "index", tmp_path / "seeds"
    write(seeds / "few.jsonl", records(20))
    indexed(root, seeds)
    write(seeds / "many.jsonl", records(4_000))
    with _begun(root, seeds, procs=2) as build:
        children = _soon(lambda: len(found := _children(build.pid)) >= 2 and found)
        build.kill()
    assert children
    assert _soon(lambda: not any(map(_lives, children)))


def _soon(fact):  # type: ignore[no-untyped-def]
    """Wait for a fact; gives what it is then."""
    give_up = time.monotonic() + PATIENCE
    while not (is_so := fact()) and time.monotonic() < give_up:
        time.sleep(0.02)
    return is_so


def _children(pid: int) -> list[int]:
    """List the processes whose parent is ``pid``: two that parse."""
    return [int(path.name) for path in Path("/proc").iterdir() if _parent(path) == pid]


def _parent(process: Path) -> int | None:
    status = _status(process) if process.name.isdecimal() else []
    return int(status[1]) if status else None


def _lives(pid: int) -> bool:
    status = _status(Path("/proc") / str(pid))
    return bool(status) and status[0] != "Z"


def _status(process: Path) -> list[str]:
    """Read state and parent of a process; nothing when it is gone."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
