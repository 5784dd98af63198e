"""Packed posting lists: what was packed in pieces of any size is read back, in ranges of any."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packed_lists import drawn, packed

from searchsvc.engines.whoosh import packing, unpacking
from searchsvc.engines.whoosh.packing import CHUNK, SPARSE, Postings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from searchsvc.engines.whoosh.unpacking import Packed

DOCUMENTS = {"one chunk": CHUNK, "three chunks": 2 * CHUNK + 1_000}


def cut(postings: Postings, borders: Sequence[int]) -> Iterator[Postings]:
    """Cut postings into pieces, each of whole terms."""
    ends = np.searchsorted(postings.terms, sorted(borders)).tolist()
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(postings.tf)))
    for first, last in zip([0, *ends], [*ends, postings.docs.size], strict=True):
        rows = (column[first:last] for column in postings[:-1])
        yield Postings(*rows, postings.positions[offsets[first] : offsets[last]])


def assert_same(field: Packed, postings: Postings, low: int, high: int) -> None:
    """Compare the terms of a range with what was packed."""
    first, last = np.searchsorted(postings.terms, (low, high)).tolist()
    blocks = unpacking.blocks_of(field, low, high)
    assert field.blocks[list(blocks)].tolist() == [first, last]
    sizes = np.bincount(postings.terms[first:last] - low, minlength=high - low)
    assert unpacking.frequencies_of_terms(field, low, high).tolist() == sizes.tolist()
    assert np.array_equal(unpacking.documents(field, *blocks), postings.docs[first:last])
    assert_same_postings(field, postings, first, last)


def assert_same_postings(field: Packed, postings: Postings, first: int, last: int) -> None:
    tf, title_tf = unpacking.frequencies(field, first, last)
    assert np.array_equal(tf, postings.tf[first:last])
    assert np.array_equal(title_tf, postings.title_tf[first:last])
    begin, end = int(postings.tf[:first].sum()), int(postings.tf[:last].sum())
    wanted = (postings.tf[first:last], postings.title_tf[first:last], postings.positions[begin:end])
    for found, true in zip(unpacking.postings(field, first, last), wanted, strict=True):
        assert np.array_equal(found, true)
    assert np.array_equal(unpacking.positions(field, first, last), postings.positions[begin:end])


@pytest.mark.parametrize("documents", DOCUMENTS.values(), ids=DOCUMENTS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_postings_come_back(documents: int, data: st.DataObject) -> None:
    seed = data.draw(st.integers(0, 1 << 30), "seed")
    common = st.integers(SPARSE - 2, 3 * SPARSE)
    sizes = data.draw(st.lists(st.integers(1, 300) | common, max_size=12), "sizes")
    borders = data.draw(st.lists(st.integers(0, len(sizes)), max_size=3), "borders")
    postings = drawn(np.random.default_rng(seed), documents, sizes)
    field = packed(list(cut(postings, borders)), len(sizes), documents)
    assert_same(field, postings, 0, len(sizes))
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(sizes))] * 2), "range"))
    assert_same(field, postings, low, high)
    places = st.integers(0, postings.docs.size)
    assert_same_postings(field, postings, *sorted(data.draw(st.tuples(places, places), "places")))


@pytest.fixture(params=["compiled", "portable"])
def both(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with the compiled functions and without."""
    if request.param == "portable":
        monkeypatch.setattr(packing, "compiled", None)
        monkeypatch.setattr(unpacking, "compiled", None)
    elif packing.compiled is None:
        pytest.skip("there is no compiled kernel")


@pytest.mark.skipif(packing.compiled is None, reason="there is no compiled kernel")
@given(seed=st.integers(0, 1 << 30), size=st.integers(0, 700), first=st.integers(0, 1 << 31))
def test_both_ways_of_packing_give_the_same(seed: int, size: int, first: int) -> None:
    postings = drawn(np.random.default_rng(seed), 1_000, [size])[2:]
    compiled = packing.pack_frames(*postings, first)
    for one, two in zip(compiled, packing.portable_frames(*postings, first), strict=True):
        assert one.dtype == two.dtype
        assert one.tolist() == two.tolist()


@pytest.mark.usefixtures("both")
def test_a_huge_list_may_come_chunk_by_chunk() -> None:
    documents = DOCUMENTS["three chunks"]
    postings = drawn(np.random.default_rng(1), documents, [100_000, 5])
    borders = np.searchsorted(postings.docs[:100_000], (CHUNK, 2 * CHUNK)).tolist()
    numbered = postings._replace(terms=np.arange(postings.docs.size))
    pieces = list(cut(numbered, borders))
    ends = [0, *borders, postings.docs.size]
    terms = [postings.terms[first:last] for first, last in pairwise(ends)]
    whole = [piece._replace(terms=own) for piece, own in zip(pieces, terms, strict=True)]
    field = packed(whole, 2, documents)
    assert field.dense.tolist() == [0, 1]
    assert_same(field, postings, 0, 2)


def test_nothing_is_packed() -> None:
    nothing = drawn(np.random.default_rng(1), 10, [])
    for pieces in ([], [nothing]):
        field = packed(pieces, 0, 10)
        assert field.postings == 0
        assert_same(field, nothing, 0, 0)


def test_usual_frequencies_take_half_a_byte() -> None:
    tf = [*range(1, 10), *range(1, 7), 10, 7, 2]
    title_tf = [0] * 9 + [1] * 6 + [0, 1, 2]
    postings = Postings(
        terms=np.arange(len(tf), dtype=np.int32),
        docs=np.zeros(len(tf), np.int32),
        tf=np.array(tf, np.int32),
        title_tf=np.array(title_tf, np.int32),
        positions=np.arange(sum(tf), dtype=np.uint32),
    )
    field = packed([postings], len(tf), 1)
    assert field.freqs.size == 9
    assert field.freqs[:2].tolist() == [0x10, 0x32]
    assert field.rare_at.tolist() == [15, 16, 17]
    assert field.rare_tf.tolist() == [10, 7, 2]
    assert field.rare_title.tolist() == [0, 1, 2]
    assert_same(field, postings, 0, len(tf))


def test_a_block_is_a_bitmap_where_that_is_smaller() -> None:
    postings = drawn(np.random.default_rng(1), CHUNK, [SPARSE, SPARSE + 1])
    field = packed([postings], 2, CHUNK)
    assert field.dense.tolist() == [1]
    assert field.dense_before.tolist() == [0, SPARSE + 1]
    assert field.lows.size == SPARSE
    bits = np.unpackbits(field.bitmaps.view(np.uint8), bitorder="little").reshape(-1, 512)
    assert field.ranks.tolist() == (np.cumsum(bits.sum(1)) - bits.sum(1)).tolist()


def test_arrays_that_do_not_fit_are_damage() -> None:
    field = packed([drawn(np.random.default_rng(1), CHUNK, [9, SPARSE + 1])], 2, CHUNK)
    for part in set(PARTS) - {"lists", "chunks"}:
        arrays = field._asdict()
        for wrong in (
            arrays[part][:-1],
            np.append(arrays[part], arrays[part][:1]),
            arrays[part][:0],
        ):
            if wrong.size == arrays[part].size or (part.startswith("rare") and not wrong.size):
                continue
            changed = {**arrays, part: wrong}
            with pytest.raises(ValueError, match="damaged"):
                unpacking.packed(changed.__getitem__, whole=True)


@pytest.mark.usefixtures("both")
@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_is_noticed_or_gives_other_postings(data: st.DataObject) -> None:
    postings = drawn(np.random.default_rng(5), 1_000, [300])
    arrays = packed([postings], 1, 1_000)._asdict()
    part = data.draw(st.sampled_from([name for name in PARTS if arrays[name].size]), "part")
    values = arrays[part] = arrays[part].copy()
    place = data.draw(st.integers(0, values.size - 1), "place")
    values[place] = data.draw(st.integers(0, int(np.iinfo(values.dtype).max)), "value")
    try:
        field = unpacking.packed(arrays.__getitem__, whole=True)
        tf, title_tf, positions = unpacking.postings(field, 0, field.postings)
        assert tf.size == title_tf.size == field.postings
        assert positions.size == tf.sum()
    except ValueError:
        return


PARTS = tuple(unpacking.DTYPES)
