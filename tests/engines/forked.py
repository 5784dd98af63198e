"""Long work in processes that are forked off, so that nothing of it is sent to them."""

from __future__ import annotations

import gc
import multiprocessing
import os
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.context import ForkProcess as Process

ItemT = TypeVar("ItemT")


def share(work: Callable[[Sequence[ItemT]], None], items: Sequence[ItemT]) -> None:
    """Work on items in as many processes as there are processors; raise if one of them fails."""
    parts = os.cpu_count() or 1
    gc.freeze()
    _finish([_started(lambda own=items[part::parts]: work(own)) for part in range(parts)])
    gc.unfreeze()


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[None]:
    """Work in another process meanwhile; raise at the end if it fails."""
    process = _started(work)
    try:
        yield
    finally:
        _finish([process])


def _started(work: Callable[[], None]) -> Process:
    process = multiprocessing.get_context("fork").Process(target=work)
    with warnings.catch_warnings():
        # Libraries may have threads, which do nothing here.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    return process


def _finish(processes: Sequence[Process]) -> None:
    for process in processes:
        process.join()
    assert not any(process.exitcode for process in processes), "a process failed: see above"
