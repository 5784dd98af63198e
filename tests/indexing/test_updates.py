"""An update reads what is new or changed and ends where a fresh build would."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from invented import held, indexed, record, records, write

from searchsvc.engines.opening import check_index, open_engine
from searchsvc.errors import BuildRefused

if TYPE_CHECKING:
    from searchsvc.indexing.report import Report


@pytest.fixture
def three(root: Path, seeds: Path) -> Path:
    """Three files of five articles, indexed."""
    for number, name in enumerate(("a", "b", "c")):
        write(seeds / f"{name}.jsonl", records(15)[5 * number : 5 * number + 5])
    indexed(root, seeds)
    return seeds


def titles(root: Path) -> set[str]:
    return {article.title for article in held(root)}


def ids(root: Path) -> set[str]:
    return {article.id for article in held(root)}


def update(root: Path, *paths: Path) -> Report:
    return indexed(root, *paths, update=True)


class TestOneUpdate:
    def test_nothing_changed(self, root: Path, three: Path) -> None:
        report = update(root, three)
        assert (report.read, report.unchanged, report.kept, report.removed) == (0, 3, 15, 0)
        assert not report.changed

    def test_where_nothing_changed_the_generation_stays(self, root: Path, three: Path) -> None:
        assert [update(root, three).generation for _ in range(2)] == [1, 1]
        assert [path.name for path in (root / "generations").iterdir()] == ["1"]
        write(three / "d.jsonl", [record(20)])
        assert (update(root, three).generation, update(root, three).generation) == (2, 2)
        assert len(ids(root)) == 16

    def test_a_new_file(self, root: Path, three: Path) -> None:
        write(three / "d.jsonl", [record(20)])
        report = update(root, three)
        assert (report.read, report.unchanged, report.kept) == (1, 3, 16)

    def test_a_changed_file(self, root: Path, three: Path) -> None:
        write(three / "b.jsonl", [record(n, title=f"Новое {n}") for n in range(5, 10)])
        report = update(root, three)
        assert (report.read, report.unchanged, report.kept) == (5, 2, 15)
        assert (report.replaced, report.removed, report.changed) == (5, 0, True)
        assert {"Новое 5", "Новое 9"} <= titles(root)
        assert record(5)["title"] not in titles(root)

    def test_a_file_with_fewer_articles(self, root: Path, three: Path) -> None:
        write(three / "b.jsonl", [record(6), record(30)])
        report = update(root, three)
        assert (report.articles, report.kept, report.replaced, report.removed) == (2, 12, 1, 4)
        assert ids(root) & {f"n{n}" for n in range(5, 10)} == {"n6"}

    def test_a_file_without_articles_any_more(self, root: Path, three: Path) -> None:
        (three / "b.jsonl").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
        assert update(root, three).removed == 5
        assert len(ids(root)) == 10

    def test_a_removed_file(self, root: Path, three: Path) -> None:
        (three / "c.jsonl").unlink()
        report = update(root, three)
        assert (report.kept, report.removed) == (10, 5)

    def test_a_renamed_file(self, root: Path, three: Path) -> None:
        (three / "c.jsonl").rename(three / "0.jsonl")
        report = update(root, three)
        assert (report.kept, report.replaced, report.removed) == (15, 5, 0)
        (three / "b.jsonl").rename(three / "z.jsonl")
        assert update(root, three).kept == 15

    def test_an_article_that_moved_to_another_file(self, root: Path, three: Path) -> None:
        for giver, taker in (("b", "c"), ("c", "a"), ("a", "b")):
            write(three / f"{giver}.jsonl", [record(ord(giver))])
            write(three / f"{taker}.jsonl", [record(7), record(ord(taker))])
            update(root, three)
            origins = {a.id: Path(a.origin).name for a in held(root)}
            assert origins["n7"] == f"{taker}.jsonl", f"from {giver} to {taker}"

    def test_only_what_lies_under_the_paths_is_removed(
        self, root: Path, three: Path, tmp_path: Path
    ) -> None:
        other = tmp_path / "other"
        write(other / "o.jsonl", [record(50)])
        update(root, other)
        (three / "a.jsonl").unlink()
        assert update(root, other).kept == 16
        assert update(root, three).kept == 11

    def test_a_folder_is_the_same_by_any_of_its_names(
        self, root: Path, three: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(three)
        (three / "a.jsonl").unlink()
        update(root, Path())
        assert len(ids(root)) == 10
        (three / "b.jsonl").unlink()
        update(root, Path("../seeds"))
        assert len(ids(root)) == 5

    def test_it_does_not_matter_where_it_is_called_from(
        self, root: Path, three: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Texts without ids have theirs by their names, and were found twice from elsewhere."""
        write(three / "d.jsonl", [record(20)])
        (three / "e.txt").write_text("Бобёр строит плотину.\nОна перекрыла ручей у леса.\n" * 9)
        monkeypatch.chdir(three.parent)
        indexed(root, Path(three.name))
        before = ids(root)
        monkeypatch.chdir(three)
        report = update(root, Path())
        assert (report.read, report.removed, report.changed) == (0, 0, False)
        Path("d.jsonl").unlink()
        monkeypatch.chdir("/")
        assert update(root, three.relative_to("/")).removed == 1
        assert len(before) == len(ids(root)) + 1

    def test_an_empty_result_is_refused(self, root: Path, three: Path) -> None:
        for path in three.iterdir():
            path.unlink()
        with pytest.raises(BuildRefused, match=r"no article .*\(15\) stays"):
            update(root, three)
        assert len(ids(root)) == 15

    def test_an_update_of_nothing_is_a_build(self, root: Path, seeds: Path) -> None:
        write(seeds / "a.jsonl", records(3))
        assert update(root, seeds).kept == 3


class TestWhatCannotBeRead:
    def test_it_keeps_its_articles(self, root: Path, three: Path) -> None:
        (three / "b.jsonl").unlink()
        (three / "b.jsonl").symlink_to("/proc/self/mem")
        report = update(root, three)
        assert (report.kept, report.failed) == (15, 1)

    def test_it_is_read_when_it_can_be_again(self, root: Path, three: Path) -> None:
        whole = (three / "b.jsonl").read_bytes()
        (three / "b.jsonl").unlink()
        (three / "b.jsonl").symlink_to("b.jsonl")
        update(root, three)
        (three / "b.jsonl").unlink()
        (three / "b.jsonl").write_bytes(whole.replace("номер 6".encode(), "номер 777".encode()))
        assert update(root, three).kept == 15
        assert any("777" in article.text for article in held(root))

    def test_its_failure_is_told_again_by_each_update(self, root: Path, three: Path) -> None:
        with (three / "b.jsonl").open("ab") as file:
            file.write(b"{broken\n")
        for _ in range(3):
            report = update(root, three)
            assert (report.failed, report.unchanged, report.kept) == (1, 2, 15)

    def test_a_folder_that_is_away_keeps_its_articles(self, root: Path, three: Path) -> None:
        three.rename(three.with_name("away"))
        report = update(root, three)
        assert (report.failed, report.kept) == (1, 15)
        three.with_name("away").rename(three)
        assert update(root, three).unchanged == 3


class TestOneArticleInTwoFiles:
    """Of an article with one id and URL the one in the last file stays."""

    @pytest.fixture
    def twice(self, root: Path, seeds: Path) -> Path:
        for name in ("a", "b", "c"):
            write(seeds / f"{name}.jsonl", [record(1, title=f"Из {name}"), record(ord(name))])
        indexed(root, seeds)
        assert "Из c" in titles(root)
        return seeds

    def test_when_that_goes_the_one_before_returns(self, root: Path, twice: Path) -> None:
        (twice / "c.jsonl").unlink()
        update(root, twice)
        assert {a.title for a in held(root) if a.id == "n1"} == {"Из b"}

    def test_when_an_earlier_file_changes_the_last_stays(self, root: Path, twice: Path) -> None:
        write(twice / "a.jsonl", [record(1, title="Из нового a")])
        update(root, twice)
        assert {a.title for a in held(root) if a.id == "n1"} == {"Из c"}

    def test_when_an_earlier_file_is_new_the_last_stays(self, root: Path, three: Path) -> None:
        write(three / "0.jsonl", [record(7, title="Из 0")])
        update(root, three)
        assert {a.title for a in held(root) if a.id == "n7"} == {record(7)["title"]}


def test_segments_stay_few_and_keep_everything(root: Path, seeds: Path) -> None:
    for number in range(14):
        write(seeds / f"{number:02}.jsonl", [record(number), record(100 + number)])
        update(root, seeds)
        assert open_engine(root).stats().segments <= 9
    assert len(ids(root)) == 28
    check_index(root)


def test_segments_without_living_articles_go(root: Path, seeds: Path) -> None:
    for number in range(4):
        write(seeds / "a.jsonl", [record(n, text=f"Выпуск {number}") for n in range(5)])
        update(root, seeds)
        os.utime(seeds / "a.jsonl", ns=(0, number))
    assert open_engine(root).stats().segments == 1


def test_former_generations_do_not_change_under_updates(root: Path, three: Path) -> None:
    before = held(root)
    write(three / "b.jsonl", [record(6, title="Другое")])
    update(root, three)
    (root / "CURRENT").write_text("1\n")
    assert check_index(root) == 1
    assert held(root) == before
