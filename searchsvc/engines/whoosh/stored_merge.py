"""Merging stored articles: compressed blocks are copied where segments share a dictionary.

In: the stores of segments and their living documents. Out: the arrays of the merged store. Blocks
with another dictionary than the largest store's are compressed anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from searchsvc.engines.whoosh.sets import spread
from searchsvc.engines.whoosh.stored import compress, starts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.growing import Growing
    from searchsvc.engines.whoosh.stored import Store

    Docs = NDArray[np.int64]

COPIED = 1_000
"""Documents whose blocks are copied at once."""


def append_store(growing: Growing, stores: Sequence[Store], living: Sequence[Docs]) -> None:
    """Append the arrays of the merged store."""
    dictionary = max(
        stores, key=lambda store: store.data.size if store.dictionary else -1
    ).dictionary
    growing.append("stored/dictionary", np.frombuffer(dictionary, np.uint8))
    growing.append("stored/bytes", np.zeros(0, np.uint8))
    sizes = [np.zeros(0, np.int64)]
    for store, docs in zip(stores, living, strict=True):
        for lengths, data in _blocks(store, docs, dictionary):
            sizes.append(lengths)
            growing.append("stored/bytes", data)
    growing.append("stored/starts", starts_of(np.concatenate(sizes)))


def _blocks(
    store: Store, docs: Docs, dictionary: bytes
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint8]]]:
    for first in range(0, docs.size, COPIED):
        some = docs[first : first + COPIED]
        if store.dictionary == dictionary:
            yield _copied(store, some)
        else:
            blocks = compress([store.packed(doc) for doc in some.tolist()], dictionary)
            lengths = np.array([len(block) for block in blocks], np.int64)
            yield lengths, np.frombuffer(b"".join(blocks), np.uint8)


def _copied(store: Store, docs: Docs) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    starts, ends = store.starts[docs].astype(np.int64), store.starts[docs + 1].astype(np.int64)
    lengths = ends - starts
    whole = ends[-1] - starts[0] == lengths.sum()
    return lengths, store.data[slice(starts[0], ends[-1]) if whole else spread(starts, lengths)]
