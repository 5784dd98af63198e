"""The file of lemmas: forms and their lemmas from one build to the next, compressed.

In: forms and lemmas, sorted, and which lemmas each form has. Out: the same, or nothing where the
file is of another version of the analysis or cannot be read, which is said in the log. It is an
array file (``container``) of zstd frames: 244,000 forms take 1.9 MB where plain they take 9.7.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import zstandard

from searchsvc.engines.whoosh.container import ArrayFile, write_arrays
from searchsvc.engines.whoosh.numbering import Numbered
from searchsvc.errors import IndexDamaged

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

log = logging.getLogger(__name__)

LEVEL = 3
"""zstd's level: 0.04 s; level 9 takes 0.16 s and 0.25 MB less."""

LARGEST = 1 << 28
"""Bytes that a frame may unpack to: ten times a million forms."""


class Stored(NamedTuple):
    """What is kept: form i has the next ``counts[i]`` of the ``numbers`` of lemmas.

    Forms and lemmas are lines of UTF-8.
    """

    forms: bytes
    lemmas: bytes
    counts: NDArray[np.int32]
    numbers: NDArray[np.int32]


class Kept(NamedTuple):
    """What was kept, with forms and lemmas that go on being numbered."""

    forms: Numbered
    lemmas: Numbered
    counts: NDArray[np.int32]
    numbers: NDArray[np.int32]


def write(path: Path, fingerprint: str, stored: Stored) -> None:
    """Write the file anew, in one step, durable."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    write_arrays(
        part,
        {
            "made": _bytes(fingerprint.encode()),
            "forms": _packed(stored.forms),
            "lemmas": _packed(stored.lemmas),
            "counts": _packed(stored.counts.astype("<i4").tobytes()),
            # Forms are sorted, so that neighbours have near lemmas: half the size.
            "steps": _packed(np.diff(stored.numbers, prepend=np.int32(0)).astype("<i4").tobytes()),
        },
    )
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)


def read(path: Path, fingerprint: str) -> Kept | None:
    """Read the file; nothing where there is none that is good."""
    if not path.exists():
        return None
    try:
        file = ArrayFile(path)
        file.verify()
        if "made" not in file or file["made"].tobytes() != fingerprint.encode():
            return None
        forms, lemmas, counts, steps = (
            _unpacked(file, name) for name in ("forms", "lemmas", "counts", "steps")
        )
        numbers = np.cumsum(np.frombuffer(steps, "<i4"), dtype=np.int32)
        kept = Kept(_numbered(forms), _numbered(lemmas), np.frombuffer(counts, "<i4"), numbers)
    except (IndexDamaged, UnicodeDecodeError, ValueError, zstandard.ZstdError) as error:
        log.warning("the table of lemmas is made anew: %s", error)
        return None
    if not _fit(kept):
        log.warning("the table of lemmas is made anew: its parts do not fit together")
        return None
    return kept


def _numbered(lines: bytes) -> Numbered:
    """Give numbers to strings; raises ValueError where they are no texts or one is there twice."""
    lines.decode("utf-8", "surrogatepass")
    numbered = Numbered()
    if numbered.numbers(lines).size > len(numbered):
        raise ValueError("a string stands twice")
    return numbered


def _fit(kept: Kept) -> bool:
    counts, numbers = kept.counts, kept.numbers
    in_range = not numbers.size or 0 <= int(numbers.min()) <= int(numbers.max()) < len(kept.lemmas)
    whole = counts.size == len(kept.forms) and int(counts.sum(dtype=np.int64)) == numbers.size
    return in_range and whole and not (counts < 0).any()


def _packed(data: bytes) -> NDArray[np.uint8]:
    return _bytes(zstandard.ZstdCompressor(level=LEVEL).compress(data))


def _unpacked(file: ArrayFile, name: str) -> bytes:
    frame = file[name].tobytes()
    if not 0 <= zstandard.frame_content_size(frame) <= LARGEST:
        raise ValueError(f"{name} claims to be too large")
    return zstandard.ZstdDecompressor().decompress(frame)


def _bytes(data: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8)
