"""An index of another making or with damage is refused with what mends it, and that mends it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from invented import built

from searchsvc.engines import generations
from searchsvc.engines.generations import Generations
from searchsvc.engines.opening import check_index, open_builder, open_engine
from searchsvc.engines.whoosh import builder, merging
from searchsvc.engines.whoosh.container import ArrayFile
from searchsvc.errors import IndexDamaged, IndexMissing

if TYPE_CHECKING:
    from pathlib import Path


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


def alter(path: Path, part: float) -> None:
    """Change a byte of an array at some part of a segment."""
    whole = bytearray(path.read_bytes())
    arrays = ArrayFile(path)
    full = [data for name in arrays.names() if len(data := arrays[name].tobytes()) > 8]
    data = full[int(part * len(full))]
    whole[whole.index(data)] ^= 0x20
    path.write_bytes(whole)


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

    @pytest.mark.parametrize("small", [1 << 20, 0])
    def test_an_altered_table_of_contents_is_not_even_opened(
        self, root: Path, small: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(generations, "SMALL", small)
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

    @pytest.mark.parametrize("part", [0.2, 0.4, 0.6])
    def test_an_altered_segment_is_not_carried_on(
        self, root: Path, part: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(generations, "SMALL", 0)
        built(root, range(10))
        alter(segment_file(root), part)
        with pytest.raises(IndexDamaged, match=r"checksum.*make index"):
            built(root, [11], update=True)
        assert (Generations(root).current(), numbers(root)) == (1, [1])
        built(root, range(11))
        assert check_index(root) == 2

    def test_an_altered_segment_that_is_too_large_to_be_compared_is_found_by_check(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(generations, "SMALL", 0)
        monkeypatch.setattr(builder, "COMPARED", 0)
        built(root, range(10))
        path = segment_file(root)
        alter(path, 0.4)
        built(root, [11], update=True)
        assert (root / "generations" / "2" / path.name).exists()
        with pytest.raises(IndexDamaged, match=r"altered.*make index"):
            check_index(root)

    def test_damage_is_not_merged_into_what_looks_right(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(generations, "SMALL", 0)
        monkeypatch.setattr(builder, "COMPARED", 0)
        monkeypatch.setattr(merging, "MOST_SEGMENTS", 1)
        built(root, range(10))
        alter(segment_file(root), 0.4)
        with pytest.raises(IndexDamaged, match=r"checksum.*make index"):
            built(root, range(11, 20), update=True)
        assert (Generations(root).current(), numbers(root)) == (1, [1])

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
