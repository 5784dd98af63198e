"""Which terms stand for a pattern over several segments: counted together, without the deleted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import article, found, lemma

from searchsvc.engines.protocol import SearchRequest
from searchsvc.engines.whoosh import choosing
from searchsvc.engines.whoosh.choosing import Chosen, standing
from searchsvc.query.tree import Expansion, ExpansionKind
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from factories import Factory

    from searchsvc.engines.protocol import Engine

FORMS = ("слон", "слива", "слово", "случай", "слух")


def prefix(limit: int, field: Field = Field.TEXT) -> Expansion:
    return Expansion(ExpansionKind.PREFIX, "сл", field, limit=limit)


@pytest.fixture(scope="module")
def engine(factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Three segments: «слон» in three articles, «слива» in two; «слух» only in a deleted one."""
    root = tmp_path_factory.mktemp("parts")
    factory.built(root, [article("a", "слон слива"), article("b", "слух"), article("c", "слух")])
    factory.updated(root, [article("d", "слон слива"), article("e", "слово", "слово")])
    return factory.updated(root, [article("f", "слон")], ["b", "c"])


def chosen(engine: Engine, item: Expansion) -> tuple[set[str], tuple[str, ...]]:
    result = engine.search(SearchRequest(item))
    return {hit.article.id for hit in result.hits}, result.truncated


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(
    ("limit", "ids", "truncated"),
    [
        (1, "adf", True),
        (2, "adf", True),
        (3, "adef", False),
        (4, "adef", False),
        (200, "adef", False),
    ],
)
def test_the_most_frequent_of_all_segments_stand(
    engine: Engine, limit: int, ids: str, truncated: bool, again: bool
) -> None:
    expected = (set(ids), ("сл",) if truncated else ())
    assert chosen(engine, prefix(limit)) == expected
    if again:
        assert chosen(engine, prefix(limit)) == expected, "what is kept says the same"


def test_in_titles_only_those_of_titles_stand(engine: Engine) -> None:
    assert chosen(engine, prefix(1, Field.TITLE)) == ({"e"}, ())


def test_patterns_of_other_limits_are_others(engine: Engine) -> None:
    assert found(engine, prefix(1)) == found(engine, lemma("слон"))
    assert found(engine, prefix(200)) > found(engine, prefix(1))


class Terms:
    """Sorted terms and how many articles have each: what ``standing`` asks of a field."""

    def __init__(self, counts: dict[str, int]) -> None:
        self.texts = sorted(counts)
        self.counts = counts
        self.lexicon = self

    def keys(self, low: int, high: int) -> list[bytes]:
        return [text.encode() for text in self.texts[low:high]]

    def some(self, numbers: list[int]) -> list[bytes]:
        return [self.texts[number].encode() for number in numbers]

    def frequencies(self, numbers: Sequence[int]) -> np.ndarray[Any, Any]:
        return np.array([self.counts[self.texts[number]] for number in numbers], np.int64)

    living_frequencies = frequencies


class Undeleted:
    has_deletions = False


class Thinned:
    has_deletions = True


counted = st.dictionaries(st.text("абв", min_size=1, max_size=2), st.integers(0, 3), max_size=9)


@given(
    segments=st.lists(st.tuples(counted, counted), min_size=1, max_size=3),
    limit=st.integers(1, 9),
    ranges=st.booleans(),
)
def test_counting_by_hand_gives_the_same(
    segments: Sequence[tuple[dict[str, int], ...]], limit: int, ranges: bool
) -> None:
    rows = [[Chosen(cast("Any", Terms(own)), range(len(own))) for own in row] for row in segments]
    if not ranges:
        rows = [[c._replace(numbers=np.array(c.numbers, np.uint32)) for c in row] for row in rows]
    sums: Counter[tuple[str, int]] = Counter()
    for row in segments:
        for place, own in enumerate(row):
            for text, count in own.items():
                sums[text, place] += count
    ranked = sorted((name for name in sums if sums[name]), key=lambda name: (-sums[name], name))
    cut = len(sums) > limit and len(ranked) > limit
    stand = set(ranked[:limit] if len(sums) > limit else sums)
    every = cast("Any", [Undeleted()] * len(rows))
    found, truncated = standing(every, rows, prefix(limit))
    assert truncated == cut
    named = {
        (chosen.field.lexicon.texts[number], place)  # type: ignore[attr-defined]
        for row in found
        for place, chosen in enumerate(row)
        for number in chosen.each()
    }
    assert named == stand


@pytest.mark.parametrize(("at_once", "looks"), [(1, 4), (10, 3), (25, 2), (10**6, 1)])
def test_what_is_left_after_deletions_is_counted_while_there_is_time(
    at_once: int, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "AT_ONCE", at_once)
    terms = Terms({"слива": 10, "слово": 11, "слон": 1, "слух": 9})
    rows = [[Chosen(cast("Any", terms), range(4))]]
    every = cast("Any", [Thinned()])
    looked: list[int] = []
    found, _ = standing(every, rows, prefix(2), lambda: looked.append(len(looked)))
    assert [terms.texts[number] for number in found[0][0].each()] == ["слива", "слово"]
    assert len(looked) == looks

    def late() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        standing(every, rows, prefix(2), late)
