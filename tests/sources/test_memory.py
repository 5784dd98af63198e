"""Memory does not grow with the size of what is read."""

import subprocess
import sys

import pytest

MEASURE = """
import re, sys
from pathlib import Path
from searchsvc.config import Settings
from searchsvc.sources.limits import SourceLimits
from searchsvc.sources.reading import read
from searchsvc.sources.walking import walk
(file,) = walk([Path(sys.argv[1])])
count = sum(1 for _ in read(file, SourceLimits.of(Settings())))
# Unlike ru_maxrss, this does not begin with the size of the process that started this one.
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())
print(count, int(peak[1]) // 1024)
"""
LINE = b'{"title": "T%07d", "text": "' + "Липы посадили у школы. ".encode() * 100 + b'"}\n'


def measure(path):
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
    )
    count, mebibytes = map(int, done.stdout.split())
    return count, mebibytes


def write(path, opening, mebibytes, between=b"", begin=b"", end=b""):
    count = mebibytes * 1024 * 1024 // len(LINE)
    with opening(path, "wb") as file:
        file.write(begin)
        for number in range(count):
            file.write(LINE % number)
            if number + 1 < count:
                file.write(between)
        file.write(end)
    return count


@pytest.mark.prove
def test_json_lines_stream(tmp_path, whole):
    count = write(tmp_path / "a.jsonl", open, 1200 if whole else 60)
    read, mebibytes = measure(tmp_path / "a.jsonl")
    assert read == count
    assert mebibytes < 300 if whole else mebibytes < 80


@pytest.mark.prove
def test_json_arrays_stream(tmp_path, whole):
    path = tmp_path / "a.json"
    count = write(path, open, 1200 if whole else 60, between=b",", begin=b"[", end=b"]")
    read, mebibytes = measure(path)
    assert read == count
    assert mebibytes < 300 if whole else mebibytes < 80


@pytest.mark.prove
def test_a_line_longer_than_allowed_is_not_held(tmp_path, whole):
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(LINE % 1 + b'{"text": "')
        for _ in range(1000 if whole else 200):
            file.write(bytes(range(32, 34)) * 512 * 1024)
        file.write(b'"}\n' + LINE % 2)
    read, mebibytes = measure(path)
    assert (read, path.stat().st_size > 200 * 1024 * 1024) == (3, True)
    assert mebibytes < 300
