"""Builds that kill themselves at a step of their commit: dying_build.py FOLDER ARTICLES.

Run as a process of its own, which forks one build a step; each writes to the index of the step's
name in the folder. Prints a JSON object: the signal that ended each, 0 where the step was missed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from invented import built

from searchsvc.engines import generations
from searchsvc.engines.generations import Generations
from searchsvc.engines.whoosh import builder
from searchsvc.engines.whoosh.builder import WhooshBuilder

REPLACE = Path.replace


def die() -> None:
    """End as the kernel ends a process that has no say."""
    os.kill(os.getpid(), signal.SIGKILL)


def dying_after(owner: Any, name: str) -> None:
    """Make a function the last that this process does."""
    whole = getattr(owner, name)

    def last(*given: Any, **options: Any) -> Any:
        whole(*given, **options)
        die()

    setattr(owner, name, last)


def dying_at_rename(of: str, *, after: bool) -> None:
    """Die before or after a file takes its place."""

    def rename(path: Path, target: Path) -> Path:
        if target.name == of and not after:
            die()
        REPLACE(path, target)
        if target.name == of:
            die()
        return target

    Path.replace = rename  # type: ignore[method-assign, assignment]


def dying_while_removing() -> None:
    """Die with a folder half removed."""

    def half(folder: Path, **_: object) -> None:
        next(folder.iterdir()).unlink()
        die()

    generations.shutil.rmtree = half  # type: ignore[attr-defined, assignment]


STEPS = {
    "begun": lambda: dying_after(Generations, "begin"),
    "adding": lambda: dying_after(WhooshBuilder, "add"),
    "flushed": lambda: dying_after(WhooshBuilder, "_flush"),
    "merged": lambda: dying_after(WhooshBuilder, "_merge"),
    "contents written": lambda: dying_after(builder, "write_toc"),
    "a file synced": lambda: dying_after(generations, "_durable"),
    "manifest aside": lambda: dying_at_rename("manifest.json", after=False),
    "manifest in place": lambda: dying_at_rename("manifest.json", after=True),
    "sealed": lambda: dying_after(Generations, "seal"),
    "checked": lambda: dying_after(WhooshBuilder, "_check"),
    "switch aside": lambda: dying_at_rename("CURRENT", after=False),
    "switched": lambda: dying_at_rename("CURRENT", after=True),
    "clearing": dying_while_removing,
    "committed": lambda: dying_after(WhooshBuilder, "commit"),
}
SWITCHED = {"switched", "clearing", "committed"}
"""Steps after which the new generation is the current one."""


def ended(step: str, root: Path) -> int:
    """Build until the step is reached; gives the signal that ended the build."""
    child = os.fork()
    if not child:
        STEPS[step]()
        built(root, range(int(sys.argv[2])))
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    print(json.dumps({step: ended(step, Path(sys.argv[1]) / step) for step in STEPS}))
