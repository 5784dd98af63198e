"""Long work shared among processes that are forked off, so that nothing of it is sent to them."""

from __future__ import annotations

import gc
import multiprocessing
import os
import warnings
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ItemT = TypeVar("ItemT")


def share(work: Callable[[Sequence[ItemT]], None], items: Sequence[ItemT]) -> None:
    """Work on items in as many processes as there are processors; raise if one of them fails."""
    parts = os.cpu_count() or 1
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=work, args=(items[part::parts],)) for part in range(parts)]
    gc.freeze()
    with warnings.catch_warnings():
        # Libraries may have threads, which do nothing here.
        warnings.simplefilter("ignore", DeprecationWarning)
        for process in processes:
            process.start()
    for process in processes:
        process.join()
    gc.unfreeze()
    assert not any(process.exitcode for process in processes), "a process failed: see above"
