"""Columns of one number a document: stored as small as they can be, read as they are used.

A constant column is one number. ``first_day``, ``last_day``, ``minute`` and ``group`` are read in
place, so they keep their type; others have as few bytes as their largest number needs. What
follows from other columns is not stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from searchsvc.engines.whoosh.container import MEND
from searchsvc.errors import IndexDamaged
from searchsvc.schema import POSITION_GAP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.container import ArrayFile

    Column = NDArray[Any]

TYPES: dict[str, type[np.generic]] = {
    "tokens": np.int32,
    "title_tokens": np.int32,
    "body_start": np.int32,
    "title_made": np.uint8,
    "lengths": np.uint8,
    "first_day": np.int32,
    "last_day": np.int32,
    "minute": np.int64,
    "group": np.int32,
}
"""The columns as they are used. Minutes have 64 bits: the year 9999 is further from 1970 than 32
bits of minutes reach."""

AS_STORED = frozenset({"tokens"})
"""Columns that no kernel reads: four bytes a document would only be copied."""

IN_PLACE = frozenset({"lengths", "first_day", "last_day", "minute", "group"})

NARROW = (np.uint8, np.uint16, np.uint32)

MOST_BYTE, MOST_SHORT = np.iinfo(np.int8).max, np.iinfo(np.int16).max


def narrowed(values: Column) -> Column:
    """Give numbers the smallest type that holds them; negative ones keep theirs."""
    least, most = values.min(initial=0), values.max(initial=0)
    fitting = (narrow for narrow in NARROW if least >= 0 and most <= np.iinfo(narrow).max)
    return values.astype(next(fitting, values.dtype), copy=False)


def laid_out(columns: dict[str, Column]) -> dict[str, Column]:
    """Give columns by name as they are stored; ``columns`` has all of ``TYPES``."""
    stored = {}
    for name, dtype in TYPES.items():
        values = columns[name].astype(dtype)
        if name == "body_start" or (
            name == "last_day" and np.array_equal(values, columns["first_day"])
        ):
            continue
        constant = values.size > 1 and bool((values == values[0]).all())
        stored[name] = values[:1] if constant else values
        if name not in IN_PLACE:
            stored[name] = narrowed(stored[name])
    return stored


def column(file: ArrayFile, name: str, size: int) -> Column:
    """Give a column of a segment of ``size`` documents; raises IndexDamaged."""
    if name == "body_start":
        return body_starts(column(file, "title_tokens", size), column(file, "title_made", size))
    if name == "last_day" and name not in file:
        name = "first_day"
    values: Column = file[name]
    if name not in AS_STORED:
        values = values.astype(TYPES[name], copy=False)
    if values.size == 1:
        return np.full(size, values[0])
    if values.size != size:
        raise _damaged(name)
    return values


def body_starts(title_tokens: Column, title_made: Column) -> Column:
    """Give where bodies begin: after the title and a gap, or at once where the title is made."""
    apart = (title_tokens > 0) & (title_made == 0)
    starts: Column = np.where(apart, title_tokens + POSITION_GAP, 0).astype(np.int32)
    return starts


def laid_out_values(counts: Column, ordinals: Column) -> dict[str, Column]:
    """Give the numbers of documents' values as they are stored; ``counts`` for each document."""
    stored = {"ordinals": narrowed(ordinals)}
    if not (counts == 1).all():
        stored["counts"] = narrowed(counts)
    return stored


def value_starts(file: ArrayFile, name: str, size: int) -> NDArray[np.int64] | None:
    """Give where the values of each document begin, (size + 1,), or None: each has one.

    Raises IndexDamaged.
    """
    total = file[f"{name}_values/ordinals"].size
    counts = f"{name}_values/counts"
    sizes = file[counts].astype(np.int64) if counts in file else None
    if (total if sizes is None else sizes.size) != size:
        raise _damaged(name)
    if sizes is None:
        return None
    starts = np.zeros(size + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    if starts[-1] != total or sizes.min(initial=0) < 0:
        raise _damaged(name)
    return starts


def groups(file: ArrayFile, size: int) -> NDArray[np.int32] | None:
    """Give each document's group of near-duplicates, or None: no document has one."""
    stored = file["group"]
    if stored.size == 1 and stored.item() < 0:
        return None
    return column(file, "group", size)


def signed(numbers: Column, most: int) -> Column:
    """Give numbers from -1 to ``most`` a small signed type: as they are stored, where they may be.

    The kernel counts a million articles' values a quarter faster so than in 32 bits.
    """
    narrow = np.int8 if most <= MOST_BYTE else np.int16 if most <= MOST_SHORT else np.int32
    if numbers.dtype.kind == "u" and numbers.dtype.itemsize == np.dtype(narrow).itemsize:
        return numbers.view(narrow)
    return numbers.astype(narrow, copy=False)


def one_each(file: ArrayFile, name: str, size: int) -> Column | None:
    """Give the number of each document's only value, -1 where it has none: signed, any size.

    None: a document has more than one. Raises IndexDamaged.
    """
    ordinals, counts = file[f"{name}_values/ordinals"], f"{name}_values/counts"
    if counts not in file:
        value_starts(file, name, size)
        return signed(ordinals, int(ordinals.max(initial=0)))
    has = file[counts]
    if has.max(initial=0) > 1:
        return None
    if has.size != size or int(has.sum(dtype=np.int64)) != ordinals.size:
        raise _damaged(name)
    found = np.full(size, -1, np.int32)
    found[has == 1] = ordinals
    return signed(found, int(found.max(initial=0)))


def value_ordinals(file: ArrayFile, name: str) -> NDArray[np.int32]:
    """Give the numbers of the documents' values, end to end."""
    return file[f"{name}_values/ordinals"].astype(np.int32)


def id_docs(file: ArrayFile) -> NDArray[np.int32]:
    """Give the documents in the order of their ids."""
    docs = file["id/docs"]
    return docs.view(np.int32) if docs.dtype == np.uint32 else docs.astype(np.int32)


def _damaged(name: str) -> IndexDamaged:
    return IndexDamaged(f"the column {name} does not fit the segment; {MEND}")
