"""Whoosh's own tests pass with our codec, but for those in a table with their reasons."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.prove


def test_whoosh_own_tests_pass_with_our_codec(whole: bool) -> None:
    if not whole and not os.environ.get("WHOOSH_SDIST"):
        pytest.skip("downloads Whoosh's tests: make whoosh-suite, or give WHOOSH_SDIST=path")
    command = [sys.executable, str(Path(__file__).parent / "run.py")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
