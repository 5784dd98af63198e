"""Measures, by examples worked out with pencil and paper."""

from __future__ import annotations

import math
import sys

import pytest

from searchsvc.errors import ConfigError
from searchsvc.evaluation.dataset import Dataset, JudgedQuery, Qrel
from searchsvc.evaluation.measuring import MEASURES, Judge
from searchsvc.evaluation.runs import Ranking, Run

DATASET = Dataset(
    "d",
    None,
    (JudgedQuery("one", "первый"), JudgedQuery("two", "второй")),
    (Qrel("one", "a", 1), Qrel("two", "b", 1), Qrel("two", "c", 1), Qrel("two", "d", 0)),
)


def measured(*rankings: Ranking) -> dict[str, tuple[float, ...]]:
    found = Judge(DATASET).measure(Run("x", rankings))
    return {each.measure: each.values for each in found}


def test_all_of_them_in_the_order_of_the_table() -> None:
    assert list(measured()) == list(MEASURES)


def test_best_first_is_one() -> None:
    best = measured(Ranking("one", ("a", "x")), Ranking("two", ("c", "b")))
    assert set(best.values()) == {(1.0, 1.0)}


def test_the_second_place() -> None:
    values = measured(Ranking("one", ("x", "a")), Ranking("two", ("b", "x", "c")))
    assert values["nDCG@10"][0] == pytest.approx(1 / math.log2(3))
    assert values["MRR@10"] == (0.5, 1.0)
    # one of one at place 2; of two, one at place 1 and one at place 3
    assert values["MAP@10"] == pytest.approx((1 / 2, (1 + 2 / 3) / 2))
    assert values["nDCG@10"][1] == pytest.approx((1 + 1 / 2) / (1 + 1 / math.log2(3)))


def test_the_eleventh_place_counts_only_at_a_hundred() -> None:
    ids = (*(f"x{number}" for number in range(10)), "a")
    values = measured(Ranking("one", ids))
    assert [values[name][0] for name in MEASURES] == [0, 0, 0, 0, 1]


def test_the_order_is_the_run_s_whatever_the_ids() -> None:
    for ids in (("a", "z"), ("a", "A")):
        assert measured(Ranking("one", ids))["MRR@10"][0] == 1.0


def test_a_query_without_an_answer_is_nought() -> None:
    values = measured(Ranking("one", ("a",)), Ranking("two", ()))
    assert set(values.values()) == {(1.0, 0.0)}


def test_the_mean_is_over_all_queries() -> None:
    first, *_ = Judge(DATASET).measure(Run("x", (Ranking("one", ("a",)),)))
    assert first.mean == 0.5


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ir_measures", None)
    with pytest.raises(ConfigError, match=r"pip install 'searchsvc\[eval\]'"):
        Judge(DATASET)
