"""Reading a BEIR folder: what is taken, and what is refused with its place."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from judged_making import write_dataset

from searchsvc.config import Settings
from searchsvc.errors import ConfigError, ParseError
from searchsvc.evaluation.dataset import Dataset, JudgedQuery, Qrel, read_dataset
from searchsvc.sources.limits import SourceLimits

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = SourceLimits.of(Settings())


def read(folder: Path, corpus: Path | None = None) -> Dataset:
    return read_dataset(folder, LIMITS, corpus)


class TestWhatIsTaken:
    def test_queries_with_a_relevant_article_in_their_order(self, folder: Path) -> None:
        assert read(folder).queries == (
            JudgedQuery("q1", "смотрители маяка"),
            JudgedQuery("q2", "кувшины гончаров"),
        )

    def test_every_judgment(self, folder: Path) -> None:
        assert read(folder).qrels == (Qrel("q1", "a", 1), Qrel("q2", "b", 2), Qrel("q3", "b", 0))

    def test_the_name_is_the_folder_s(self, folder: Path) -> None:
        assert read(folder).name == "small"

    def test_the_corpus_beside_the_queries(self, folder: Path) -> None:
        assert read(folder).corpus == folder / "corpus.jsonl"

    def test_a_gzipped_corpus_beside_the_queries(self, folder: Path) -> None:
        plain = folder / "corpus.jsonl"
        (folder / "corpus.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()
        assert read(folder).corpus == folder / "corpus.jsonl.gz"

    def test_a_given_corpus_in_its_place(self, folder: Path, tmp_path: Path) -> None:
        assert read(folder, tmp_path / "news.jsonl.gz").corpus == tmp_path / "news.jsonl.gz"

    def test_no_corpus_may_stand_there(self, folder: Path) -> None:
        (folder / "corpus.jsonl").unlink()
        assert read(folder).corpus is None

    def test_gzipped_queries(self, folder: Path) -> None:
        plain = folder / "queries.jsonl"
        (folder / "queries.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()
        assert len(read(folder).queries) == 2

    def test_judgments_of_a_split(self, folder: Path) -> None:
        (folder / "qrels").mkdir()
        (folder / "qrels.tsv").rename(folder / "qrels" / "test.tsv")
        assert len(read(folder).qrels) == 3


class TestWhatIsRefused:
    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"none has no qrels\.tsv"):
            read(tmp_path / "none")

    def test_a_query_that_stands_twice(self, folder: Path) -> None:
        with (folder / "queries.jsonl").open("a", encoding="utf-8") as file:
            file.write('{"_id": "q1", "text": "ещё раз"}\n')
        with pytest.raises(
            ParseError, match=r"queries\.jsonl:4: the query 'q1' stands there twice"
        ):
            read(folder)

    def test_a_judged_query_that_is_none(self, tmp_path: Path) -> None:
        folder = write_dataset(tmp_path / "d", qrels={("q1", "a"): 1, ("q9", "a"): 1})
        with pytest.raises(ParseError, match="'q9' is judged but is no query"):
            read(folder)

    def test_no_relevant_article_at_all(self, tmp_path: Path) -> None:
        folder = write_dataset(tmp_path / "d", qrels={("q1", "a"): 0})
        with pytest.raises(ParseError, match="no query has a relevant article"):
            read(folder)

    @pytest.mark.parametrize(
        ("name", "line", "reason"),
        [
            ("qrels.tsv", "q1\ta\tmany\n", "'many' is not a whole number"),
            ("qrels.tsv", "q1\t\t1\n", "has no 'corpus-id'"),
            ("queries.jsonl", '{"_id": "q7"}\n', "has no 'text'"),
            ("queries.jsonl", "{broken\n", "not valid JSON|JSON"),
        ],
    )
    def test_a_row_that_cannot_be_used(
        self, folder: Path, name: str, line: str, reason: str
    ) -> None:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(line)
        with pytest.raises(ParseError, match=rf"{name}:4: .*({reason})"):
            read(folder)
