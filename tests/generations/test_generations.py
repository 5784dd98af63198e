"""An index never lies: what a generation is, when it becomes current, what is refused."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING, Any

import pytest
from invented import article, built

from searchsvc.config import Settings
from searchsvc.engines import generations as module
from searchsvc.engines.generations import Generations
from searchsvc.engines.opening import check_index, open_builder, open_engine
from searchsvc.engines.whoosh import builder as whoosh_builder
from searchsvc.errors import BuildRefused, IndexMissing
from searchsvc.searching.answer import Question
from searchsvc.searching.service import LOOKED_UP, Service

if TYPE_CHECKING:
    from pathlib import Path


def count(root: Path) -> int:
    return open_engine(root).stats().articles


def numbers(root: Path) -> list[int]:
    return sorted(int(path.name) for path in (root / "generations").iterdir())


class TestManifest:
    def test_it_names_every_file_with_its_size_and_hash(self, root: Path) -> None:
        number = built(root, range(10))
        folder = root / "generations" / str(number)
        manifest = Generations(root).manifest(number)
        on_disk = {
            (path.name, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
            for path in folder.iterdir()
            if path.name != "manifest.json"
        }
        assert set(manifest.files) == on_disk

    def test_a_linked_file_keeps_the_digest_it_was_written_with(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = Generations(root).manifest(built(root, range(10)))
        monkeypatch.setattr(module, "SMALL", 0)
        monkeypatch.setattr(module, "sha256", lambda _: "hashed")
        monkeypatch.setattr(module, "_compare", lambda *_: None)
        builder = open_builder(root, update=True)
        builder.add(builder.preparer()(article(99)))
        second = Generations(root).manifest(builder.commit())
        (segment,) = (row for row in first.files if row[0].endswith(".arrays"))
        assert segment in second.files
        others = (row for row in second.files if not row[0].endswith(".arrays"))
        assert {row[2] for row in others} == {"hashed"}

    def test_a_segment_is_described_by_the_digest_of_what_was_written(self, root: Path) -> None:
        manifest = Generations(root).manifest(built(root, range(10)))
        folder = Generations(root).folder(1)
        (segment,) = (row for row in manifest.files if row[0].endswith(".arrays"))
        assert segment[2] == hashlib.sha256((folder / segment[0]).read_bytes()).hexdigest()

    def test_it_says_how_many_articles_of_what_making(self, root: Path) -> None:
        manifest = Generations(root).manifest(built(root, range(10)))
        assert (manifest.articles, manifest.engine, manifest.former) == (10, "whoosh", None)
        assert "pymorphy3" in manifest.analysis

    def test_it_names_the_former_generation(self, root: Path) -> None:
        first, second = built(root, range(10)), built(root, range(11))
        assert Generations(root).manifest(second).former == first


class TestSwitching:
    def test_nothing_is_visible_before_the_commit(self, root: Path) -> None:
        built(root, range(10))
        builder = open_builder(root)
        builder.add(builder.preparer()(article(99)))
        assert count(root) == 10
        builder.abort()
        assert count(root) == 10
        assert numbers(root) == [1]

    def test_only_the_former_generation_stays_beside_the_current_one(self, root: Path) -> None:
        for size in (10, 11, 12, 13):
            built(root, range(size))
        assert numbers(root) == [3, 4]
        assert {path.name for path in root.iterdir()} == {
            "CURRENT",
            "LOCK",
            "generations",
            "lemmas",
        }

    def test_writing_the_former_number_rolls_back(self, root: Path) -> None:
        built(root, range(10))
        built(root, range(12))
        service = Service(Settings(index=root))
        assert service.ready().articles == 12
        (root / "CURRENT").write_text("1\n")
        time.sleep(LOOKED_UP)
        assert service.search(Question(text="сообщение")).total == 10
        assert check_index(root) == 1
        service.close()

    def test_a_build_after_a_roll_back_keeps_what_was_rolled_back_to(self, root: Path) -> None:
        built(root, range(10))
        built(root, range(12))
        (root / "CURRENT").write_text("1\n")
        assert built(root, range(11)) == 3
        assert numbers(root) == [1, 3]

    def test_unfinished_folders_are_cleared_by_the_next_build(self, root: Path) -> None:
        built(root, range(10))
        left = root / "generations" / "7"
        left.mkdir()
        (left / "MAIN_half.arrays").write_bytes(b"SRCHARR1")
        assert built(root, range(10)) == 2
        assert numbers(root) == [1, 2]

    def test_a_finished_one_that_never_was_current_is_cleared_too(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        built(root, range(10))
        with monkeypatch.context() as patch:
            patch.setattr(Generations, "switch", lambda *_: None)
            built(root, range(11))
        assert (count(root), numbers(root)) == (10, [1, 2])
        assert built(root, range(12)) == 3
        assert numbers(root) == [1, 3]

    def test_foreign_files_among_the_generations_are_left_alone(self, root: Path) -> None:
        built(root, range(10))
        (root / "generations" / "notes.txt").write_text("оставить")
        built(root, range(10))
        assert (root / "generations" / "notes.txt").read_text() == "оставить"


class TestRefusals:
    def test_two_builds_at_once(self, root: Path) -> None:
        first = open_builder(root)
        with pytest.raises(BuildRefused, match="another build"):
            open_builder(root)
        first.abort()
        open_builder(root).abort()

    def test_an_empty_build(self, root: Path) -> None:
        built(root, range(10))
        with pytest.raises(BuildRefused, match=r"no article .* \(10\) stays"):
            built(root, [])
        with pytest.raises(BuildRefused, match=r"no article .* \(10\) stays"):
            built(root, [], allow_shrink=True)
        assert (count(root), numbers(root)) == (10, [1])

    def test_an_empty_first_build(self, root: Path) -> None:
        with pytest.raises(BuildRefused, match="no article"):
            built(root, [])
        with pytest.raises(IndexMissing, match="make index"):
            open_engine(root)

    def test_under_half_of_the_articles(self, root: Path) -> None:
        built(root, range(10))
        with pytest.raises(BuildRefused, match=r"4 articles .* 10.*--allow-shrink"):
            built(root, range(4))
        assert (count(root), numbers(root)) == (10, [1])

    def test_half_of_the_articles_are_enough(self, root: Path) -> None:
        built(root, range(10))
        built(root, range(5))
        assert count(root) == 5

    def test_fewer_when_that_is_meant(self, root: Path) -> None:
        built(root, range(10))
        built(root, range(1), allow_shrink=True)
        assert count(root) == 1

    def test_a_build_that_fails(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        built(root, range(10))
        for name in ("write_toc", "WhooshEngine"):
            with monkeypatch.context() as patch:
                patch.setattr(whoosh_builder, name, None)
                with pytest.raises((TypeError, AttributeError)):
                    built(root, range(12))
            assert (count(root), numbers(root)) == (10, [1])

    def test_a_build_that_lost_articles(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        built(root, range(10))
        write_toc = whoosh_builder.write_toc

        def losing(folder: Path, entries: Any) -> None:
            entries[0].delete_document(0)
            write_toc(folder, entries)

        monkeypatch.setattr(whoosh_builder, "write_toc", losing)
        with pytest.raises(BuildRefused, match="lost articles"):
            built(root, range(12))
        assert (count(root), numbers(root)) == (10, [1])

    def test_a_build_that_is_interrupted_after_the_switch(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        built(root, range(10))
        built(root, range(10))

        def interrupted(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(module.shutil, "rmtree", interrupted)
            with pytest.raises(KeyboardInterrupt):
                built(root, range(12))
        assert (count(root), Generations(root).current()) == (12, 3)

    def test_a_disk_that_fills(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        built(root, range(10))

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(OSError, match="No space"):
                built(root, range(12))
        assert (count(root), numbers(root)) == (10, [1])
        assert built(root, range(12)) == 2


def test_a_generation_cut_short_while_it_was_removed_counts_as_unfinished(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(root, range(10))
    built(root, range(10))
    with monkeypatch.context() as patch:
        patch.setattr(module.shutil, "rmtree", lambda *_, **__: None)
        built(root, range(10))
    assert not (root / "generations" / "1" / "manifest.json").exists()
    built(root, range(10))
    assert numbers(root) == [3, 4]
