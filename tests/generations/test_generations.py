"""An index never lies: what a generation is, when it becomes current, what is refused."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from invented import article, built

from searchsvc.config import Settings
from searchsvc.engines import generations as module
from searchsvc.engines.generations import Generations
from searchsvc.engines.opening import check_index, open_builder, open_engine
from searchsvc.engines.whoosh import builder as whoosh_builder
from searchsvc.errors import BuildRefused, IndexDamaged, IndexMissing
from searchsvc.searching.answer import Question
from searchsvc.searching.service import Service


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


def count(root: Path) -> int:
    return open_engine(root).stats().articles


def numbers(root: Path) -> list[int]:
    return sorted(int(path.name) for path in (root / "generations").iterdir())


def change_manifest(root: Path, **facts: Any) -> None:
    path = root / "generations" / str(Generations(root).current()) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | facts), "utf-8")


def segment_file(root: Path) -> Path:
    folder = root / "generations" / str(Generations(root).current())
    return next(folder.glob("*.arrays"))


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
        assert {path.name for path in root.iterdir()} == {"CURRENT", "LOCK", "generations"}

    def test_writing_the_former_number_rolls_back(self, root: Path) -> None:
        built(root, range(10))
        built(root, range(12))
        service = Service(Settings(index=root))
        assert service.ready().articles == 12
        (root / "CURRENT").write_text("1\n")
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


class TestDurability:
    def test_all_is_on_disk_before_the_switch(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        built(root, range(10))
        events = recorded(monkeypatch)
        number = built(root, range(20))
        folder = root / "generations" / str(number)
        switch = events.index(("rename", root / "CURRENT", ""))
        synced = {(path, digest) for what, path, digest in events[:switch] if what == "sync"}
        for path in folder.iterdir():
            name = "manifest.json.new" if path.name == "manifest.json" else path.name
            assert (folder / name, digest_of(path)) in synced, f"{name} as it is now"
        assert (root / "CURRENT.new", digest_of(root / "CURRENT")) in synced
        assert {(folder, ""), (root / "generations", ""), (root, "")} <= synced

    def test_names_are_on_disk_after_their_rename(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        events = recorded(monkeypatch)
        built(root, range(10))
        renames = [at for at, (what, _, _) in enumerate(events) if what == "rename"]
        assert [events[at][1].name for at in renames] == ["manifest.json", "CURRENT"]
        for at in renames:
            assert ("sync", events[at][1].parent, "") in events[at:]


def digest_of(path: Path) -> str:
    return "" if path.is_dir() else hashlib.sha256(path.read_bytes()).hexdigest()


def recorded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Path, str]]:
    """Note each fsync, with what the file held then, and each rename."""
    events: list[tuple[str, Path, str]] = []
    fsync, rename = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        events.append(("sync", path, digest_of(path)))
        fsync(descriptor)

    def noted_rename(source: Any, target: Any) -> None:
        events.append(("rename", Path(target), ""))
        rename(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_rename)
    return events


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


class TestOtherVersions:
    @pytest.mark.parametrize(
        ("name", "value"), [("schema", 0), ("analysis", "analysis-0"), ("engine", "other")]
    )
    def test_an_index_built_otherwise_is_refused_with_what_mends_it(
        self, root: Path, name: str, value: object
    ) -> None:
        built(root, range(10))
        change_manifest(root, **{name: value})
        for act in (open_engine, check_index, lambda root: open_builder(root, update=True)):
            with pytest.raises(IndexMissing, match=rf"{name} .*make index"):
                act(root)
        assert numbers(root) == [1]

    def test_the_command_it_names_mends_it(self, root: Path) -> None:
        built(root, range(10))
        change_manifest(root, schema=0)
        built(root, range(10))
        assert check_index(root) == 2
        assert numbers(root) == [1, 2]

    def test_a_refused_update_lets_the_next_build_in(self, root: Path) -> None:
        built(root, range(10))
        change_manifest(root, analysis="analysis-0")
        with pytest.raises(IndexMissing):
            open_builder(root, update=True)
        open_builder(root).abort()


class TestDamage:
    def test_a_missing_file(self, root: Path) -> None:
        built(root, range(10))
        segment_file(root).unlink()
        with pytest.raises(IndexDamaged, match="make index"):
            open_engine(root)

    def test_a_file_cut_short(self, root: Path) -> None:
        built(root, range(10))
        path = segment_file(root)
        os.truncate(path, path.stat().st_size - 1)
        with pytest.raises(IndexDamaged, match="make index"):
            open_engine(root)

    def test_an_altered_table_of_contents_is_not_even_opened(self, root: Path) -> None:
        built(root, range(10))
        (path,) = (root / "generations" / "1").glob("*.toc")
        whole = path.read_bytes()
        for at in range(0, len(whole), 37):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            with pytest.raises(IndexDamaged, match=r"altered.*make index"):
                open_engine(root)

    def test_every_altered_byte_is_found_by_check(self, root: Path) -> None:
        built(root, range(10))
        folder = root / "generations" / "1"
        for name, size, _ in Generations(root).manifest(1).files:
            path = folder / name
            whole = path.read_bytes()
            for at in {0, size // 3, size // 2, size - 1}:
                path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :])
                with pytest.raises(IndexDamaged, match="make index"):
                    check_index(root)
            path.write_bytes(whole)
        assert check_index(root) == 1

    @pytest.mark.parametrize("text", ["", "{", "[]", "{}", '"text"', '{"files": [[1]]}', "\x00"])
    def test_a_broken_manifest(self, root: Path, text: str) -> None:
        built(root, range(10))
        (root / "generations" / "1" / "manifest.json").write_text(text)
        with pytest.raises(IndexDamaged, match="make index"):
            open_engine(root)

    @pytest.mark.parametrize("text", ["", "first\n", "1 2", "999\n", "-1", "\x00\x00"])
    def test_a_broken_current_is_told_and_mended_by_a_build(self, root: Path, text: str) -> None:
        built(root, range(10))
        built(root, range(11))
        (root / "CURRENT").write_text(text)
        with pytest.raises(IndexDamaged, match="make index"):
            open_engine(root)
        with pytest.raises(IndexDamaged, match="make index"):
            open_builder(root, update=True)
        built(root, range(12))
        assert (count(root), numbers(root)) == (12, [2, 3])

    def test_a_broken_manifest_is_mended_by_a_build(self, root: Path) -> None:
        built(root, range(10))
        (root / "generations" / "1" / "manifest.json").write_text("{")
        built(root, range(10))
        assert count(root) == 10

    def test_no_index(self, root: Path) -> None:
        for act in (open_engine, check_index):
            with pytest.raises(IndexMissing, match=r"there is no index .*make index"):
                act(root)
        assert not root.exists()


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
