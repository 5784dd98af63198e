"""TREC runs: what is written is read again in the same order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.errors import ConfigError, ParseError
from searchsvc.evaluation.runs import Ranking, Run, read_run, write_run

if TYPE_CHECKING:
    from pathlib import Path

RUN = Run("ours", (Ranking("q1", ("b", "a")), Ranking("q2", ("c",))))

NAMES = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=4)
RANKINGS = st.dictionaries(NAMES, st.lists(NAMES, min_size=1, max_size=5, unique=True), max_size=4)


def test_a_line_a_hit_with_scores_that_count_down(tmp_path: Path) -> None:
    write_run(RUN, tmp_path / "x.run")
    assert (tmp_path / "x.run").read_text("utf-8").splitlines() == [
        "q1 Q0 b 1 2 ours",
        "q1 Q0 a 2 1 ours",
        "q2 Q0 c 1 1 ours",
    ]


@given(found=RANKINGS)
def test_what_is_written_is_read_again(
    found: dict[str, list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("runs") / "one.run"
    run = Run("one", tuple(Ranking(query, tuple(ids)) for query, ids in found.items()))
    write_run(run, path)
    assert read_run(path) == run


def test_a_foreign_run_is_ordered_by_score_and_then_by_rank(tmp_path: Path) -> None:
    path = tmp_path / "x.run"
    path.write_text("q Q0 low 1 -3.5 x\nq Q0 second 3 7 x\nq Q0 first 2 7 x\n", encoding="utf-8")
    assert read_run(path).rankings == (Ranking("q", ("first", "second", "low")),)


def test_an_id_with_a_space_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'a b' has spaces"):
        write_run(Run("x", (Ranking("q", ("a b",)),)), tmp_path / "x.run")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("q Q0 a 1 high x\n", ":1: is no line of a TREC run"),
        ("q Q0 a 1 2 x\nq a 1\n", ":2: is no line of a TREC run"),
        ("q Q0 a 1 2 x\nq Q0 a 2 1 x\n", ":2: 'a' stands there twice"),
    ],
)
def test_what_is_no_run(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "x.run").write_text(text, encoding="utf-8")
    with pytest.raises(ParseError, match=reason):
        read_run(tmp_path / "x.run")


def test_what_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "x.run").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ParseError, match="is not UTF-8"):
        read_run(tmp_path / "x.run")


def test_a_run_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_run(tmp_path / "none.run")
