"""Columns: stored small, read as they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.engines.whoosh.columns import (
    AS_STORED,
    TYPES,
    column,
    laid_out,
    laid_out_values,
    one_each,
    value_ordinals,
    value_starts,
)
from searchsvc.errors import IndexDamaged
from searchsvc.schema import POSITION_GAP

if TYPE_CHECKING:
    from searchsvc.engines.whoosh.columns import Column
    from searchsvc.engines.whoosh.container import ArrayFile

SIZES = st.integers(0, 6)


def opened(arrays: dict[str, Column]) -> ArrayFile:
    return cast("ArrayFile", arrays)


def columns_of(size: int, random: np.random.Generator) -> dict[str, Column]:
    """Draw columns; some constant, some narrow, some not."""
    columns: dict[str, Column] = {}
    for name, dtype in TYPES.items():
        largest = random.choice([1, 200, 60_000, 2**31 - 1])
        values = random.integers(0, min(largest, int(np.iinfo(dtype).max)), size)
        columns[name] = values.astype(dtype)
    columns["title_made"] = (columns["title_made"] > 100).astype(np.uint8)
    columns["title_tokens"] %= 1_000
    apart = (columns["title_tokens"] > 0) & (columns["title_made"] == 0)
    columns["body_start"] = (apart * (columns["title_tokens"] + POSITION_GAP)).astype(np.int32)
    if random.random() < 0.5:
        columns["last_day"] = columns["first_day"]
    columns["minute"] -= 2**31
    return columns


@given(SIZES, st.integers(0, 1 << 30))
def test_columns_come_back(size: int, seed: int) -> None:
    columns = columns_of(size, np.random.default_rng(seed))
    stored = opened(laid_out(columns))
    for name, dtype in TYPES.items():
        found = column(stored, name, size)
        assert name in AS_STORED or found.dtype == dtype
        assert found.tolist() == columns[name].tolist()


def test_what_says_little_takes_little() -> None:
    columns = {name: np.arange(1_000).astype(dtype) for name, dtype in TYPES.items()}
    columns["group"] = np.full(1_000, -1, np.int32)
    columns["last_day"] = columns["first_day"]
    stored = laid_out(columns)
    assert "body_start" not in stored
    assert "last_day" not in stored
    assert stored["group"].tolist() == [-1]
    assert stored["tokens"].dtype == np.uint16


def test_a_column_of_another_length_is_damage() -> None:
    stored = opened(laid_out(columns_of(5, np.random.default_rng(1))))
    with pytest.raises(IndexDamaged):
        column(stored, "first_day", 6)


@given(st.lists(st.lists(st.integers(0, 300), max_size=3), max_size=6))
def test_values_come_back(rows: list[list[int]]) -> None:
    counts = np.array([len(row) for row in rows], np.int64)
    flat = np.array([number for row in rows for number in row], np.int64)
    arrays = laid_out_values(counts, flat)
    file = opened({f"topic_values/{part}": array for part, array in arrays.items()})
    starts = value_starts(file, "topic", len(rows))
    assert (starts is None) == all(len(row) == 1 for row in rows)
    ordinals = value_ordinals(file, "topic").tolist()
    ends = range(len(rows) + 1) if starts is None else starts.tolist()
    assert [ordinals[ends[doc] : ends[doc + 1]] for doc in range(len(rows))] == rows


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("counts", [None, [1, 1], [2, 2]])
def test_values_that_do_not_fit_the_documents_are_damage(size: int, counts: list[int]) -> None:
    arrays: dict[str, Column] = {"topic_values/ordinals": np.zeros(2, np.uint8)}
    if counts is not None:
        arrays["topic_values/counts"] = np.array(counts, np.uint8)
    with pytest.raises(IndexDamaged):
        value_starts(opened(arrays), "topic", size)


@pytest.mark.parametrize(("most", "width"), [(0, 1), (127, 1), (128, 2), (40_000, 4)])
@pytest.mark.parametrize("all_have_one", [True, False])
def test_the_only_values_of_documents_are_small_signed_numbers(
    most: int, width: int, all_have_one: bool
) -> None:
    counts = np.array([1, 1, int(all_have_one)])
    stored = laid_out_values(counts, np.array([0, most, 0][: counts.sum()]))
    file = opened({f"topic_values/{name}": column for name, column in stored.items()})
    found = one_each(file, "topic", 3)
    assert found is not None
    assert found.tolist() == [0, most, 0 if all_have_one else -1]
    assert found.dtype == f"i{width}"
