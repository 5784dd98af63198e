"""Both kernels by name; tests that need the compiled one skip where there is none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from searchsvc.engines.whoosh import kernel, portable

if TYPE_CHECKING:
    from collections.abc import Callable

    from searchsvc.engines.whoosh.kernel import Kernel


def compiled() -> Kernel:
    """Give the compiled kernel; CI has one."""
    if kernel.compiled is None:
        assert not os.environ.get("CI"), "CI installs with a compiler"
        pytest.skip("needs the compiled kernel: install again where there is gcc")
    return kernel.compiled


IMPLEMENTATIONS: dict[str, Callable[[], Kernel]] = {
    "compiled": compiled,
    "portable": lambda: portable,
}
