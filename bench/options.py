"""Options that both benchmarks take, and how they speak and stop."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

SIZES = {"5k": 5_000, "57k": 56_571, "64k": 64_008, "200k": 200_000, "1m": 1_000_000}
"""5k is for trying the benchmark itself out; 57k are fontanka and lenta, 64k all real ones."""


def common(about: str) -> argparse.ArgumentParser:
    """Make a parser of what both take: the data, the corpus, the queries, where to write."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("data", type=_data, help="folder that has news/*.jsonl.gz")
    parser.add_argument("--articles", default="57k", choices=SIZES, help="size of the corpus")
    parser.add_argument("--queries", type=int, default=400, help="queries of each shape")
    parser.add_argument("--procs", type=int, default=2, help="processes that analyse corpora")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="output folder")
    parser.add_argument("--keep", action="store_true", help="take indexes of older code as well")
    return parser


def stoppable() -> None:
    """Let SIGTERM end the run as an exception does, so that no process is left behind."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))


def say(what: str) -> None:
    """Tell how far the run is."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def _data(text: str) -> Path:
    if not (Path(text) / "news").is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} has no news/: `make bench DATA=folder`")
    return Path(text)
