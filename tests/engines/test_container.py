"""The array file: what was written comes back, and damage is noticed, never trusted."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from searchsvc.engines.whoosh.container import DTYPES, FOOTER, MAGIC, ArrayFile, write_arrays
from searchsvc.errors import IndexDamaged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[np.generic]]

ARRAYS: Arrays = {
    "слова": np.arange(1000, dtype=np.int64),
    "empty": np.zeros(0, np.int32),
    "bytes": np.frombuffer(b"abc", np.uint8),
    "floats": np.linspace(0, 1, 100).astype(np.float32),
}

some_arrays = st.dictionaries(
    st.text(max_size=8),
    st.sampled_from(DTYPES).flatmap(lambda dtype: arrays_of.arrays(dtype, st.integers(0, 50))),
    max_size=5,
)


def written(folder: str | Path, arrays: Arrays) -> Path:
    path = Path(folder) / "file.arrays"
    path.unlink(missing_ok=True)
    write_arrays(path, arrays)
    return path


def assert_same(file: ArrayFile, arrays: Arrays) -> None:
    assert file.names() == tuple(arrays)
    for name, array in arrays.items():
        assert file[name].dtype == array.dtype
        assert file[name].tobytes() == array.tobytes()


@given(some_arrays)
def test_arrays_come_back(arrays: Arrays) -> None:
    with TemporaryDirectory() as folder:
        file = ArrayFile(written(folder, arrays))
        file.verify()
        assert_same(file, arrays)


def test_arrays_are_read_only(tmp_path: Path) -> None:
    array = ArrayFile(written(tmp_path, ARRAYS))["слова"]
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    path = written(tmp_path, ARRAYS)
    with pytest.raises(FileExistsError):
        write_arrays(path, ARRAYS)


@pytest.mark.parametrize("array", [np.zeros((2, 2), np.int32), np.zeros(2, np.complex64)])
def test_only_flat_arrays_of_known_types_are_written(
    tmp_path: Path, array: NDArray[np.generic]
) -> None:
    with pytest.raises(TypeError):
        write_arrays(tmp_path / "file.arrays", {"array": array})


def test_a_missing_array_is_damage(tmp_path: Path) -> None:
    file = ArrayFile(written(tmp_path, ARRAYS))
    assert "empty" in file
    assert "missing" not in file
    with pytest.raises(IndexDamaged, match="no array missing"):
        file["missing"]


def test_a_missing_file_is_damage(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match="cannot be mapped"):
        ArrayFile(tmp_path / "missing.arrays")


@given(st.data())
def test_any_damage_is_noticed_or_does_none(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        path = written(folder, ARRAYS)
        content = bytearray(path.read_bytes())
        start = data.draw(st.integers(0, len(content) - 1), "start")
        damage = data.draw(st.binary(min_size=1, max_size=64), "damage")
        content[start : start + len(damage)] = damage[: len(content) - start]
        path.write_bytes(content)
        assert_damaged_or_same(path)


@given(st.integers(0, 10_000), st.binary(max_size=40))
def test_a_file_of_another_length_is_damaged(length: int, tail: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = written(folder, ARRAYS)
        content = path.read_bytes()
        changed = content[:length] + tail
        if changed == content:
            return
        path.write_bytes(changed)
        assert_damaged_or_same(path)


@pytest.mark.parametrize("bit", range(8))
def test_every_flipped_bit_is_noticed_or_does_no_harm(tmp_path: Path, bit: int) -> None:
    path = written(tmp_path, {"a": np.arange(20, dtype=np.int32), "b": np.arange(3, dtype="<u2")})
    content = path.read_bytes()
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << bit
        path.write_bytes(changed)
        try:
            file = ArrayFile(path)
            file.verify()
        except IndexDamaged:
            continue
        assert file["a"].tolist() == list(range(20))
        assert file["b"].tolist() == [0, 1, 2]


def assert_damaged_or_same(path: Path) -> None:
    try:
        file = ArrayFile(path)
        file.verify()
    except IndexDamaged:
        return
    assert_same(file, ARRAYS)


WRONG_ENTRIES = {
    "outside the file": {"a": ["<i4", 8, 10**9, 0]},
    "before the file": {"a": ["<i4", -8, 1, 0]},
    "fewer than none": {"a": ["<i4", 8, -1, 0]},
    "an unknown type": {"a": ["|O", 8, 1, 0]},
    "too few facts": {"a": ["<i4", 8]},
    "no facts": {"a": None},
    "not numbers": {"a": ["<i4", "8", "1", 0]},
    "no directory": [1, 2],
}


@pytest.mark.parametrize("fact", WRONG_ENTRIES)
def test_a_wrong_directory_is_not_followed(tmp_path: Path, fact: str) -> None:
    path = tmp_path / "file.arrays"
    text = json.dumps(WRONG_ENTRIES[fact]).encode()
    head = MAGIC + bytes(64)
    footer = FOOTER.pack(len(head), len(text), zlib.crc32(text), MAGIC)
    path.write_bytes(head + text + footer)
    with pytest.raises(IndexDamaged):
        ArrayFile(path)
