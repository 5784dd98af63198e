"""The kernel built with AddressSanitizer and UndefinedBehaviourSanitizer, and calls of it.

``python tests/kernel/sanitized.py --cases 100000`` (``make sanitize``) builds it aside, starts
itself anew with the sanitizer loaded, and makes as many calls, half of them damaged. A finding
ends the process with status 99.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searchsvc.engines.whoosh.kernel import Kernel

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ROOM = ROOT / "searchsvc" / "engines" / "whoosh"
SEED = 20261122
FOUND = 99

FLAGS = (
    *("-shared", "-fPIC", "-O1", "-g", "-fno-omit-frame-pointer", "-ffp-contract=off"),
    *("-Wall", "-Wextra", "-Werror"),
    *("-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
)


class Ended(NamedTuple):
    """What came of processes: the status of the first that failed, and what all wrote."""

    returncode: int
    stdout: str
    stderr: str


def compiler() -> str:
    """Find gcc, or give nothing."""
    return shutil.which("gcc") or ""


def library() -> str:
    """Find AddressSanitizer's library, or give nothing."""
    if not compiler():
        return ""
    command = [compiler(), "-print-file-name=libasan.so"]
    path = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    return str(Path(path).resolve()) if Path(path).is_absolute() else ""


def sources() -> dict[str, str]:
    """Read the kernel's sources and headers by name."""
    alone = {"_inversion", "_locating", "_numbering", "_stored"}
    files = (path for path in sorted(ROOM.glob("_*.[ch]")) if path.stem not in alone)
    return {path.name: path.read_text() for path in files}


def build(folder: Path, changed: dict[str, str] | None = None) -> Path:
    """Compile the kernel, or changed sources of it, with sanitizers; give the library's path."""
    for name, text in (sources() | (changed or {})).items():
        (folder / name).write_text(text)
    built = folder / "_kernel.so"
    include = f"-I{sysconfig.get_path('include')}"
    code = map(str, sorted(folder.glob("_*.c")))
    command = [compiler(), *FLAGS, include, *code, "-o", str(built)]
    subprocess.run(command, check=True, capture_output=True)
    return built


def load(path: Path) -> Kernel:
    """Load a kernel from where it was built."""
    spec = importlib.util.spec_from_file_location("_kernel", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module  # type: ignore[return-value]


def start(built: Path, cases: int, seed: int, processes: int = 1) -> Ended:
    """Make calls in processes that have the sanitizer loaded, each with a seed of its own."""
    return run_all(__file__, ["--kernel", str(built)], cases, seed, processes)


def run_all(script: str, options: Sequence[str], cases: int, seed: int, processes: int) -> Ended:
    """Share cases among processes that have the sanitizer loaded, each with a seed of its own."""
    command = [sys.executable, script, *options]
    commands = [
        [*command, "--cases", str(share), "--seed", str(own)]
        for own, share in enumerate(shares(cases, processes), seed)
    ]
    with ThreadPoolExecutor(processes) as pool:
        ended = list(pool.map(_ran, commands))
    return Ended(
        next((one.returncode for one in ended if one.returncode), 0),
        "".join(one.stdout for one in ended),
        "".join(one.stderr for one in ended),
    )


def shares(cases: int, parts: int) -> list[int]:
    """Divide cases evenly."""
    return [cases * (part + 1) // parts - cases * part // parts for part in range(parts)]


def _ran(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)


def environment() -> dict[str, str]:
    """Give the environment of a process with the sanitizer in it."""
    return {
        **os.environ,
        "LD_PRELOAD": library(),
        "ASAN_OPTIONS": f"detect_leaks=0:allocator_may_return_null=1:exitcode={FOUND}",
        "UBSAN_OPTIONS": f"print_stacktrace=1:exitcode={FOUND}",
        # Each object has memory of its own, so that a step out of it is seen.
        "PYTHONMALLOC": "malloc",
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(HERE), str(HERE.parent / "engines"))),
    }


def run(built: Path, cases: int, seed: int) -> None:
    """Make calls of a built kernel in this process, and say how many."""
    # numpy only where the sanitizer is loaded
    import bulk_calls  # noqa: PLC0415
    from runs import compare, survive  # noqa: PLC0415

    kernel = load(built)
    bulk_calls.compare(kernel, cases // 10, seed)
    bulk_calls.survive(kernel, cases, seed)
    damaged, sound = survive(kernel, cases - cases // 2, seed), compare(kernel, cases // 2, seed)
    print(f"seed {seed}: {sound}, {damaged}, sanitized without a finding")


def main() -> int:
    """Build and run, or run what was built."""
    parser = argparse.ArgumentParser(description="Calls of the kernel under sanitizers.")
    parser.add_argument("--cases", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--kernel", type=Path)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if options.kernel:
        run(options.kernel, options.cases, options.seed)
        return 0
    if not library():
        print("needs gcc and libasan")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        ended = start(build(Path(folder)), options.cases, options.seed, options.processes)
    print(ended.stdout, ended.stderr, sep="", end="")
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main())
