"""Array files in a Whoosh storage, and strings in arrays: what the codec's parts share.

In: named arrays, a storage (a folder or memory). Out: one file; the arrays read from it again.
Numbers are stored in the smallest unsigned type that holds them all; an empty array is left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from searchsvc.engines.whoosh.container import MEND, ArrayFile, write_into
from searchsvc.errors import IndexDamaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[Any]

EMPTY: NDArray[Any] = np.zeros(0, np.uint8)


def save_arrays(storage: Any, name: str, arrays: Mapping[str, Numbers]) -> None:
    """Write arrays to a new file of a storage."""
    with storage.create_file(name) as file:
        write_into(file, {key: array for key, array in arrays.items() if array.size})


def open_arrays(storage: Any, name: str) -> ArrayFile:
    """Map a file where the storage is a folder, else read it.

    Raises IndexDamaged, and FileNotFoundError where a later commit took the file away: then
    Whoosh reads the table of contents again.
    """
    folder = getattr(storage, "folder", "")
    if not folder:
        with storage.open_file(name) as file:
            return ArrayFile(Path(name), bytes(file.get(0, storage.file_length(name))))
    try:
        return ArrayFile(Path(folder) / name)
    except IndexDamaged as damage:
        if isinstance(damage.__cause__, FileNotFoundError):
            raise damage.__cause__ from None
        raise


def part(file: ArrayFile, name: str) -> Numbers:
    """Give an array, or an empty one if it was left out."""
    if name not in file:
        return EMPTY
    return file[name]


def compact(numbers: Sequence[int] | Numbers) -> Numbers:
    """Store whole numbers from 0 on in the smallest unsigned type.

    >>> compact([1, 300]).dtype
    dtype('uint16')
    """
    array = np.asarray(numbers, np.uint64)
    return array.astype(np.min_scalar_type(int(array.max(initial=0))))


def offsets_of(sizes: Sequence[int] | Numbers) -> Numbers:
    """Give where each piece begins when pieces are laid end to end, and where the last ends."""
    return compact(np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64))))


def pack_strings(name: str, strings: Sequence[bytes]) -> dict[str, Numbers]:
    """Lay strings end to end: their bytes and offsets, as arrays of a file."""
    if not strings:
        return {}
    data = np.frombuffer(b"".join(strings), np.uint8)
    return {f"{name}/bytes": data, f"{name}/offsets": offsets_of([len(s) for s in strings])}


class Strings:
    """Strings that were packed; if they were sorted, found by halving. Thread-safe."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        data, offsets = part(file, f"{name}/bytes"), part(file, f"{name}/offsets")
        if data.size != (offsets[-1] if offsets.size else 0):
            raise damaged(file, name)
        self._data, self._offsets = data.data, offsets.data

    def __len__(self) -> int:
        return max(0, len(self._offsets) - 1)

    def __iter__(self) -> Iterator[bytes]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> bytes:
        return bytes(self._data[self._offsets[number] : self._offsets[number + 1]])

    def lower_bound(self, key: bytes) -> int:
        """Give the number of the first string that is not before a key."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self[middle] < key:
                low = middle + 1
            else:
                high = middle
        return low


def damaged(file: ArrayFile, name: str) -> IndexDamaged:
    """Say which arrays of a file do not fit each other."""
    return IndexDamaged(f"{file.path.name}: the arrays of {name} do not fit together; {MEND}")
