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
from searchsvc.engines.whoosh.documents import (
    BITMAP,
    CHUNK,
    RACK,
    RACKED,
    SPARSE,
    documents,
    pack_documents,
    portable_documents,
)
from searchsvc.engines.whoosh.packing import Postings

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


def cut_to(postings: Postings, count: int) -> Postings:
    """Keep the first postings, of so many documents."""
    rows = (column[:count] for column in (postings.terms, postings.docs, postings.tf))
    return Postings(
        *rows, postings.title_tf[:count], postings.positions[: postings.tf[:count].sum()]
    )


def assert_same(field: Packed, postings: Postings, low: int, high: int) -> None:
    """Compare the terms of a range with what was packed."""
    first, last = np.searchsorted(postings.terms, (low, high)).tolist()
    blocks = unpacking.blocks_of(field, low, high)
    assert field.blocks[list(blocks)].tolist() == [first, last]
    sizes = np.bincount(postings.terms[first:last] - low, minlength=high - low)
    assert unpacking.frequencies_of_terms(field, low, high).tolist() == sizes.tolist()
    assert np.array_equal(documents(field, *blocks), postings.docs[first:last])
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
    common = st.integers(SPARSE - 2, 3 * SPARSE) | st.integers(RACKED - 2, SPARSE)
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
    assert field.large.tolist() == [0, 1, 2]
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


@pytest.mark.skipif(packing.compiled is None, reason="there is no compiled kernel")
@given(seed=st.integers(0, 1 << 30), data=st.data())
@settings(max_examples=50, deadline=None)
def test_both_ways_of_packing_documents_give_the_same(seed: int, data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 3 * SPARSE) | st.integers(1, 500), max_size=6))
    documents = data.draw(st.sampled_from([CHUNK, 13_000]))
    docs = drawn(np.random.default_rng(seed), documents, sizes).docs
    blocks = np.array(sizes, np.int64)
    two = portable_documents(docs, blocks)
    for compiled, portable in zip(pack_documents(docs, blocks), two, strict=True):
        assert compiled.dtype == portable.dtype
        assert compiled.tolist() == portable.tolist()


def test_a_block_is_an_array_a_rack_or_a_bitmap_whichever_is_small() -> None:
    sizes = (RACKED, RACKED + 1, SPARSE, SPARSE + 1)
    postings = drawn(np.random.default_rng(1), CHUNK, sizes)
    field = packed([postings], len(sizes), CHUNK)
    assert field.lows.size == RACKED
    assert field.large.tolist() == [1, 2, 3]
    assert field.large_before.tolist() == np.cumsum([0, *sizes[1:]]).tolist()
    words = (RACK + -(-size // 8) for size in (RACKED + 1, SPARSE))
    assert field.large_at.tolist() == np.cumsum([0, *words, BITMAP]).tolist()


def test_a_bitmap_tells_the_bits_before_each_512() -> None:
    field = packed([drawn(np.random.default_rng(1), CHUNK, [SPARSE + 1])], 1, CHUNK)
    bits = np.unpackbits(field.words[:1_024].view(np.uint8), bitorder="little").reshape(-1, 512)
    ranks = field.words[1_024:BITMAP].view("<u2")
    assert ranks.tolist() == (np.cumsum(bits.sum(1)) - bits.sum(1)).tolist()


def test_a_block_with_a_full_shelf_stays_an_array() -> None:
    one = drawn(np.random.default_rng(1), CHUNK, [2_000])
    for first, racked in ((256, False), (257, True)):
        docs = one._replace(docs=np.arange(first, first + 510, dtype=np.int32))
        field = packed([cut_to(docs, 510)], 1, CHUNK)
        assert field.large.tolist() == [0] * racked
        assert documents(field, 0, 1).tolist() == docs.docs.tolist()


def test_blocks_are_told_how_many_larger_ones_are_before_them() -> None:
    sizes = [1] * 63 + [RACKED + 1] + [1] * 64 + [RACKED + 1]
    field = packed([drawn(np.random.default_rng(1), CHUNK, sizes)], len(sizes), CHUNK)
    assert field.large.tolist() == [63, 128]
    assert field.large_near.tolist() == [0, 1, 1]


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


LIES = {
    "blocks that descend": {"blocks": (1, 2**32 - 1)},
    "a block behind the postings": {"blocks": (2, 2**32 - 1)},
    "an array before the first": {"large_before": (1, 2**32 - 1)},
    "an array that is no block": {"large": (0, 3)},
    "a rack behind the words": {"large_at": (0, 2**32 - 1)},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_documents_that_lie_elsewhere_are_damage(
    monkeypatch: pytest.MonkeyPatch, lie: dict[str, tuple[int, int]]
) -> None:
    sizes = [9, RACKED + 1, 300]
    field = packed([drawn(np.random.default_rng(1), CHUNK, sizes)], len(sizes), CHUNK)
    for part, (place, value) in lie.items():
        array = getattr(field, part).copy()
        array[place] = value
        field = field._replace(**{part: array})
    asked, empty = [0], np.empty
    monkeypatch.setattr(np, "empty", lambda size, kind: asked.append(size) or empty(size, kind))
    for first, last in ((0, 3), (2, 4)):
        with pytest.raises(ValueError, match="damaged"):
            documents(field, first, last)
    assert max(asked) <= sum(sizes), "nothing is claimed that is not there"


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
