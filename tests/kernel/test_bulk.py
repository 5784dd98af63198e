"""Packing and unpacking in bulk: the compiled functions are those in numpy, and bear any damage."""

from __future__ import annotations

import bulk_calls
import pytest

from searchsvc.engines.whoosh.bulk import compiled

pytestmark = pytest.mark.skipif(compiled is None, reason="there is no compiled kernel")


@pytest.mark.parametrize("seed", range(3))
def test_sound_calls_give_the_same(seed: int) -> None:
    bulk_calls.compare(compiled, 200, seed)


def test_damaged_calls_give_something_or_an_error() -> None:
    tally = bulk_calls.survive(compiled, 3_000, 5)
    assert 0 < tally.refused < tally.cases
