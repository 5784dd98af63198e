"""The codec for any schema: what it writes it reads again, exactly; damage and loss are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh.codec.base import OutOfOrderError
from whoosh.fields import ID, KEYWORD, NUMERIC, TEXT, Schema
from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.formats import CharacterBoosts, Characters, Existence, Frequency, Positions
from whoosh.index import create_in, open_dir
from whoosh.query import Every, Phrase, Prefix
from whoosh.reading import TermNotFound

from searchsvc.engines.whoosh.codec import ArrayCodec
from searchsvc.engines.whoosh.whoosh_inverting import POSTINGS
from searchsvc.engines.whoosh.whoosh_recording import DOCUMENTS
from searchsvc.engines.whoosh.whoosh_values import encode, kind_of, parse
from searchsvc.errors import IndexDamaged

if TYPE_CHECKING:
    from pathlib import Path

    from whoosh.formats import Format
    from whoosh.index import Index

SCHEMA = Schema(
    id=ID(unique=True, stored=True),
    text=TEXT(stored=True, chars=True, vector=True),
    tags=KEYWORD,
    number=NUMERIC(sortable=True),
)

Posting = tuple[int, float, bytes, int]


def read_back(format_: Format, lists: dict[bytes, list[Posting]], block: int = 3) -> object:
    """Write posting lists of one field and give its terms reader."""
    storage, codec = RamStorage(), ArrayCodec(blocklimit=block)
    segment = codec.new_segment(storage, "MAIN")
    field = TEXT()
    field.format = format_
    writer = codec.field_writer(storage, segment)
    writer.start_field("text", field)
    for text in sorted(lists):
        writer.start_term(text)
        for posting in lists[text]:
            writer.add(*posting)
        writer.finish_term()
    writer.finish_field()
    writer.close()
    return codec.terms_reader(storage, segment)


posting_lists = st.dictionaries(
    st.binary(max_size=5),
    st.dictionaries(
        st.integers(0, 1 << 20),
        st.tuples(
            st.floats(0, 1e6, width=32),
            st.one_of(
                st.binary(max_size=9),
                st.lists(st.integers(0, 1 << 33), max_size=5).map(Positions().encode),
                st.integers(0, (1 << 32) - 1).map(lambda count: count.to_bytes(4, "big")),
            ),
            st.integers(0, 1 << 20),
        ),
        min_size=1,
        max_size=12,
    ),
    max_size=5,
)


@given(lists=posting_lists, format_=st.sampled_from([Existence(), Frequency(), Positions(), None]))
def test_any_postings_are_read_as_they_were_written(
    lists: dict[bytes, dict[int, tuple[float, bytes, int]]], format_: Format
) -> None:
    written = {
        text: [(doc, *rest) for doc, rest in sorted(postings.items())]
        for text, postings in lists.items()
    }
    reader = read_back(format_, written)
    assert [text for _, text in reader.terms()] == sorted(written)
    for text, postings in written.items():
        matcher = reader.matcher("text", text, format_)
        read = []
        while matcher.is_active():
            here = (matcher.id(), matcher.weight(), matcher.value())
            read.append(here)
            inside = [p for p in postings if matcher.block_min_id() <= p[0]][:3]
            assert matcher.block_max_weight() == max(weight for _, weight, _, _ in inside)
            known = [length for *_, length in inside if length]
            assert matcher.block_min_length() == min(known, default=0)
            assert matcher.block_max_length() == max(known, default=0)
            matcher.next()
        assert read == [posting[:3] for posting in postings]
        info = reader.term_info("text", text)
        assert info.doc_frequency() == len(postings)
        assert info.weight() == pytest.approx(sum(weight for _, weight, _, _ in postings))
        assert info.max_weight() == max(weight for _, weight, _, _ in postings)
        assert (info.min_id(), info.max_id()) == (postings[0][0], postings[-1][0])


@given(st.lists(st.tuples(*[st.integers(0, 1 << 31)] * 3), min_size=1, max_size=6))
def test_what_a_format_encodes_is_kept_as_numbers(places: list[tuple[int, int, int]]) -> None:
    ordered = sorted(places)
    formats: tuple[tuple[Format, bytes], ...] = (
        (Positions(), Positions().encode([place[0] for place in ordered])),
        (Characters(), Characters().encode(ordered)),
        (Frequency(), len(places).to_bytes(4, "big")),
        (Existence(), b""),
    )
    for format_, data in formats:
        kind = kind_of(format_)
        value = parse(kind, data)
        assert value is not None
        assert encode(kind, value) == data
        if format_.supports("characters"):
            assert list(zip(*value[1:], strict=True)) == ordered


def test_values_of_a_format_with_boosts_stay_bytes() -> None:
    data, _ = CharacterBoosts().encode([(1, 2, 5, 1.5)])
    assert parse(kind_of(CharacterBoosts()), data) is None
    matcher = read_back(CharacterBoosts(), {b"a": [(0, 1.5, data, 1)]}).matcher(
        "text", b"a", CharacterBoosts()
    )
    assert matcher.value_as("character_boosts") == [(1, 2, 5, 1.5)]


def test_terms_and_documents_out_of_order_are_refused() -> None:
    with pytest.raises(OutOfOrderError):
        read_back(Existence(), {b"a": [(2, 1.0, b"", 1), (1, 1.0, b"", 1)]})
    writer = ArrayCodec().field_writer(RamStorage(), ArrayCodec().new_segment(None, "MAIN"))
    writer.start_field("text", TEXT())
    writer.start_term(b"b")
    with pytest.raises(OutOfOrderError):
        writer.start_term(b"a")


def test_a_term_that_is_not_there_is_not_found() -> None:
    reader = read_back(Existence(), {b"a": [(0, 1.0, b"", 1)]})
    assert ("text", b"b") not in reader
    assert ("title", b"a") not in reader
    assert reader.doc_frequency("text", b"b") == 0
    assert list(reader.terms_from("title", b"")) == []
    assert not reader.cursor("title", TEXT()).is_valid()
    with pytest.raises(TermNotFound):
        reader.matcher("text", b"b", Existence())


def filled(folder: Path) -> Index:
    """Write an index of three documents into a folder."""
    index = create_in(folder, SCHEMA)
    with index.writer(codec=ArrayCodec()) as writer:
        writer.add_document(id="a", text="Маяк у моста", tags="порт", number=3)
        writer.add_document(id="b", text="Мост и маяк, маяк и мост", tags="порт мост", number=-2)
        writer.add_document(id="c", number=7)
    return index


def files(folder: Path) -> set[str]:
    """Name the extensions of an index's files but for the lock's."""
    return {path.suffix for path in folder.iterdir()} - {"", ".tmp"}


def test_positions_and_characters_are_told(tmp_path: Path) -> None:
    with filled(tmp_path).searcher() as searcher:
        matcher = searcher.reader().postings("text", "маяк")
        matcher.skip_to(1)
        assert matcher.value_as("positions") == [1, 2]
        assert matcher.value_as("characters") == [(1, 7, 11), (2, 13, 17)]
        assert matcher.value_as("frequency") == 2
        assert [(span.start, span.startchar) for span in matcher.spans()] == [(1, 7), (2, 13)]
        hit = searcher.search(Phrase("text", ["мост", "маяк"], slop=2))[0]
        assert hit["id"] == "b"


def test_lengths_are_exact(tmp_path: Path) -> None:
    index = create_in(tmp_path, SCHEMA)
    with index.writer(codec=ArrayCodec()) as writer:
        for length in (1, 11, 102, 1003):
            writer.add_document(id=str(length), text="слово " * length)
    with index.reader() as reader:
        lengths = [reader.doc_field_length(doc, "text") for doc in range(4)]
        assert lengths == [1, 11, 102, 1003]
        assert reader.min_field_length("text") == 1
        assert reader.max_field_length("text") == 1003
        assert reader.field_length("text") == 1117
        assert reader.term_info("text", "слово").max_length() == 1003


def test_a_field_that_a_document_lacks_has_no_length(tmp_path: Path) -> None:
    with filled(tmp_path).reader() as reader:
        assert reader.doc_field_length(2, "text") == 0
        assert reader.doc_field_length(2, "text", 5) == 5
        assert not reader.has_vector(2, "text")


def test_a_commit_of_nothing_leaves_no_files(tmp_path: Path) -> None:
    index = create_in(tmp_path, SCHEMA)
    index.writer(codec=ArrayCodec()).commit()
    writer = index.writer(codec=ArrayCodec())
    writer.cancel()
    assert files(tmp_path) == {".toc"}


def test_a_cancelled_document_leaves_nothing_behind(tmp_path: Path) -> None:
    index = create_in(tmp_path, SCHEMA)
    with index.writer(codec=ArrayCodec()) as writer:
        with pytest.raises(ValueError, match="число"):
            writer.add_document(id="a", number="число")
        writer.add_document(id="b", number=2)
    with index.searcher() as searcher:
        assert [hit["id"] for hit in searcher.search(Every())] == ["b"]
        assert list(searcher.reader().column_reader("number")) == [2]


@pytest.mark.parametrize("extension", [POSTINGS, DOCUMENTS])
def test_a_damaged_file_is_told(tmp_path: Path, extension: str) -> None:
    filled(tmp_path)
    (path,) = tmp_path.glob(f"*{extension}")
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole[: len(whole) // 2], b"", b"x" + whole[1:], b"x" * 100):
        path.write_bytes(damaged)
        with pytest.raises(IndexDamaged):
            open_dir(tmp_path).searcher()


@pytest.mark.parametrize("extension", [POSTINGS, DOCUMENTS])
def test_a_lost_file_is_not_taken_for_an_empty_one(tmp_path: Path, extension: str) -> None:
    filled(tmp_path)
    (path,) = tmp_path.glob(f"*{extension}")
    path.unlink()
    with pytest.raises(FileNotFoundError):
        open_dir(tmp_path).searcher()


def test_an_index_moves_between_memory_and_a_folder(tmp_path: Path) -> None:
    filled(tmp_path)
    memory = RamStorage()
    for name in FileStorage(tmp_path).list():
        with memory.create_file(name) as file:
            file.write((tmp_path / name).read_bytes())
    with memory.open_index().searcher() as searcher:
        assert {hit["id"] for hit in searcher.search(Prefix("text", "маяк"))} == {"a", "b"}
