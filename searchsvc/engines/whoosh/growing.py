"""Arrays that grow on disk: made piece by piece, whatever their size, then written as one file.

In: pieces by name. Out: an array file; see ``container``. Pieces wait in files beside it.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO, Self

import numpy as np

from searchsvc.engines.whoosh.container import Pieces, write_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Growing:
    """Named arrays under construction; a context that leaves no pieces behind."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = ExitStack()
        self._files: dict[str, BinaryIO] = {}
        self._dtypes: dict[str, np.dtype[np.generic]] = {}

    def __enter__(self) -> Self:
        name, folder = f".{self._path.name}.", self._path.parent
        self._folder = Path(self._stack.enter_context(TemporaryDirectory(prefix=name, dir=folder)))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def append(self, name: str, piece: NDArray[np.generic]) -> None:
        """Add a piece to an array; all pieces of one have the same type."""
        if name not in self._files:
            part = self._folder / str(len(self._files))
            self._files[name] = self._stack.enter_context(part.open("wb"))
            self._dtypes[name] = piece.dtype
        if piece.dtype != self._dtypes[name]:
            raise TypeError(f"{name} has {self._dtypes[name]}, a piece {piece.dtype}")
        if piece.size:
            self._files[name].write(np.ascontiguousarray(piece).data)

    def write(self) -> str:
        """Write all arrays as one file; returns its SHA-256 in hex."""
        for file in self._files.values():
            file.flush()
        return write_arrays(
            self._path,
            {n: Pieces(self._dtypes[n], Path(file.name)) for n, file in self._files.items()},
        )
