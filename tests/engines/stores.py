"""Stores of packed articles, as a segment's file would have them."""

from __future__ import annotations

import numpy as np

from searchsvc.engines.whoosh.stored import Store
from searchsvc.engines.whoosh.storing import Packed, compressed, dictionary_for, stored_arrays


def store_of_packed(packed: list[bytes], dictionary: bytes = b"") -> Store:
    """Compress articles, each in a block of its own; without a dictionary, with their own."""
    whole = Packed(packed, np.array([len(each) for each in packed], np.int64))
    shared = dictionary_for(whole, dictionary)
    frames = [compressed(half, lambda: shared) for half in whole.halves()]
    arrays = stored_arrays(shared, frames)
    return Store(
        arrays["stored/starts"],
        np.concatenate(arrays["stored/bytes"]),
        arrays["stored/dictionary"],
    )
