"""Damaged arrays and wrong calls give an error or an answer, in both kernels."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from implementations import IMPLEMENTATIONS
from random_calls import CLOSE
from runs import survive

if TYPE_CHECKING:
    from searchsvc.engines.whoosh.kernel import Kernel

SEED = 20261123
SIZE = 300


@pytest.fixture(params=IMPLEMENTATIONS)
def kernel(request: pytest.FixtureRequest) -> Kernel:
    return IMPLEMENTATIONS[request.param]()


def test_random_damage_is_survived(kernel: Kernel, whole: bool) -> None:
    cases = 50_000 if whole else 2_000
    damaged = survive(kernel, cases, SEED)
    print(f"\nseed {SEED}: {damaged}")
    assert cases / 3 < damaged.refused < cases, "damage should be seen, and not everywhere"


def docs(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int32)


def boolean(kernel: Kernel, **changes: Any) -> Any:
    word = (1.0, ((docs(1, 2), np.array([256, 512], np.uint16), None),))
    arguments = {
        "mode": "A",
        "size": SIZE,
        "table": CLOSE,
        "must": (word,),
        "should": (),
        "without": (),
        "range": (None, None, 0, 0),
        "dead": None,
        "order": (None, 1),
        "after": (-math.inf, -1),
        "wanted": 5,
        "best": False,
        "deadline": math.inf,
    }
    assert set(changes) <= set(arguments)
    return kernel.boolean(*(arguments | changes).values())


def spans(kernel: Kernel, **changes: Any) -> Any:
    none, empty = np.zeros(0, np.int64), np.zeros(0, np.uint32)
    parts = {
        "tf": np.array([2, 1, 255], np.uint8),
        "samples": np.zeros(1, np.int64),
        "positions": np.arange(258, dtype=np.uint16),
        "wide": False,
        "over_index": none,
        "over_count": empty,
        "place": 0,
        "number": 0,
        "docs": docs(1, 2, 4),
        "lengths": np.zeros(SIZE, np.uint8),
        "table": CLOSE,
        "size": SIZE,
        "weight": 1.0,
        "distance": 3,
        "items": None,
    }
    assert set(changes) <= set(parts)
    given = parts | changes
    names = ("tf", "samples", "positions", "wide", "over_index", "over_count")
    item = ((given["number"], given["docs"], given["place"]),)
    items = (item, item) if given["items"] is None else given["items"]
    fixed = [given[name] for name in ("size", "table", "lengths", "weight", "distance")]
    stream = tuple(given[name] for name in names)
    return kernel.spans(*fixed, (stream,), items, time.monotonic() + 60)


def test_what_is_sound_is_answered(kernel: Kernel) -> None:
    assert boolean(kernel)[0] == 2
    assert np.frombuffer(spans(kernel)[1], np.int32).tolist() == [1, 4]


def words(*lists: Any) -> Any:
    return ((1.0, lists),)


CODE = np.array([256], np.uint16)

SETS = {
    "a document too high": {"must": words((docs(SIZE), CODE, None))},
    "a document below zero": {"must": words((docs(-1), CODE, None))},
    "one too high among the optional": {"mode": "O", "should": words((docs(SIZE), CODE, None))},
    "one below zero there": {"mode": "O", "should": words((docs(-(2**31)), CODE, None))},
    "one below zero later": {
        "mode": "O",
        "size": 20_000,
        "should": words((docs(9_000, -(2**31)), None, None)),
    },
    "fewer codes than documents": {"must": words((docs(1, 2), CODE, None))},
    "more scores than documents": {"must": words((docs(1), None, np.zeros(2, np.float32)))},
    "bytes that are no whole numbers": {"must": words((b"12345", None, None))},
    "a finished set among lists": {"must": words((docs(1), CODE, None), (docs(2), None, None))},
    "a short table": {"table": CLOSE[:-1]},
    "a weight that is no number": {"must": ((math.nan, words((docs(1), CODE, None))[0][1]),)},
    "a score that is no number": {
        "must": words((docs(1), None, np.array([math.nan], np.float32))),
    },
    "few days": {"range": (np.zeros(SIZE, np.int32), np.zeros(SIZE - 1, np.int32), 0, 0)},
    "too few marks of death": {"dead": np.zeros(SIZE - 1, np.uint8)},
    "too many minutes": {"order": (np.zeros(SIZE + 1, np.int64), 1)},
    "a size below zero": {"size": -1},
    "a size beyond all": {"size": 2**31},
    "an unknown mode": {"mode": "X"},
    "all of nothing": {"must": ()},
    "an array with holes": {"must": words((np.zeros(4, np.int32)[::2], None, None))},
    "a view with holes": {"must": words((memoryview(np.zeros(4, np.int32))[::2], None, None))},
}


@pytest.mark.parametrize("fact", SETS)
def test_sets_refuse(kernel: Kernel, fact: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        boolean(kernel, **SETS[fact])


PHRASES = {
    "a document too high": {"docs": docs(1, 2, SIZE)},
    "a document below zero": {"docs": docs(-4, -3, -2)},
    "more documents than postings": {"docs": docs(1, 2, 3, 4)},
    "postings beyond the stream": {"place": 1},
    "postings before the stream": {"place": -1},
    "postings far beyond": {"place": 2**63 - 1},
    "another stream": {"number": 1},
    "a stream before the first": {"number": -1},
    "no samples": {"samples": np.zeros(0, np.int64)},
    "a sample beyond the positions": {"samples": np.array([257], np.int64)},
    "a sample before the positions": {"samples": np.array([-1], np.int64)},
    "a sample at the end of numbers": {"samples": np.array([2**63 - 1], np.int64)},
    "a sample at their beginning": {"samples": np.array([-(2**63)], np.int64)},
    "too few positions": {"positions": np.zeros(257, np.uint16)},
    "wide positions that are narrow": {"wide": True},
    "more occurrences than positions": {
        "over_index": np.array([2], np.int64),
        "over_count": np.array([2**32 - 1], np.uint32),
    },
    "as many places as counts": {"over_index": np.array([2], np.int64)},
    "few lengths": {"lengths": np.zeros(SIZE - 1, np.uint8)},
    "a short table": {"table": CLOSE[1:]},
    "a weight that is no number": {"weight": math.nan},
    "a pair of one": {"items": (((0, docs(1), 0),),)},
    "nothing to find": {"items": ()},
}


@pytest.mark.parametrize("fact", PHRASES)
def test_phrases_refuse(kernel: Kernel, fact: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        spans(kernel, **PHRASES[fact])


STRINGS = {
    "a string beyond the bytes": (b"abc", [0, 4, 3]),
    "a string before the bytes": (b"abc", [0, -1, 3]),
    "a string that ends before it begins": (b"abc", [0, 2, 1]),
    "a string at the end of numbers": (b"abc", [2**63 - 1, 2**63 - 1, 2**63 - 1]),
}


@pytest.mark.parametrize("fact", STRINGS)
def test_strings_refuse(kernel: Kernel, fact: str) -> None:
    blob, offsets = STRINGS[fact]
    with pytest.raises(ValueError, match="damaged"):
        kernel.find(blob, np.array(offsets, np.int64), b"z")


@pytest.mark.parametrize("must", [5, (5,), ((1.0, 5),), ((1.0, (5,)),), words((5, None, None))])
def test_what_is_no_tuple_or_array_is_named(kernel: Kernel, must: Any) -> None:
    with pytest.raises(TypeError):
        boolean(kernel, must=must)


def test_positions_that_are_all_one_take_no_longer(kernel: Kernel) -> None:
    many = 200_000
    posted = {
        "tf": np.array([255], np.uint8),
        "docs": docs(1),
        "positions": np.full(many, 7, np.uint16),
        "over_index": np.zeros(1, np.int64),
        "over_count": np.array([many], np.uint32),
    }
    begun = time.monotonic()
    assert spans(kernel, **posted) == (0, b"", b"")
    assert time.monotonic() - begun < 5
