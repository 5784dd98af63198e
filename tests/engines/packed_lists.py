"""Posting lists drawn at random, and packed as a segment has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh import unpacking
from searchsvc.engines.whoosh.documents import CHUNK
from searchsvc.engines.whoosh.packing import Packer, Postings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.unpacking import Packed


def drawn(random: np.random.Generator, documents: int, sizes: Sequence[int]) -> Postings:
    """Draw posting lists of given sizes: mostly plain frequencies, some in titles, few large."""
    docs = [np.sort(random.choice(documents, size, replace=False)) for size in sizes]
    count = sum(sizes)
    tf = random.geometric(0.6, count) + (random.random(count) < 0.01) * random.integers(300)
    title_tf = np.minimum(tf, (random.random(count) < 0.1) * random.geometric(0.8, count))
    widths = random.integers(1, 33, int(tf.sum()))
    narrow = random.random(widths.size) < 0.999
    gaps = random.integers(0, 1 << np.where(narrow, np.minimum(widths, 11), widths))
    sums = np.cumsum(gaps)
    heads = np.cumsum(tf) - tf
    positions = sums - np.repeat(sums[heads] - gaps[heads], tf)
    return Postings(
        terms=np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
        docs=np.concatenate([np.zeros(0, np.int64), *docs]).astype(np.int32),
        tf=tf.astype(np.int32),
        title_tf=title_tf.astype(np.int32),
        positions=positions.astype(np.uint32),
    )


def packed(pieces: Sequence[Postings], terms: int, documents: int) -> Packed:
    parts: dict[str, list[NDArray[np.generic]]] = {}
    packer = Packer(
        "field", terms, documents, lambda *row: parts.setdefault(row[0], []).append(row[1])
    )
    for piece in pieces:
        packer.add(piece)
    packer.finish()
    arrays = {name.removeprefix("field/"): np.concatenate(part) for name, part in parts.items()}
    return unpacking.packed(arrays.__getitem__, whole=documents <= CHUNK)
