"""Archives are read forward and within bounds; what cannot be read costs itself only."""

import gzip
import io
import struct
import tarfile
import zipfile

import pytest
import sources_packing as packing
from hypothesis import given
from hypothesis import strategies as st
from sources_found import inputs, told

from searchsvc.sources.limits import SourceLimits
from searchsvc.sources.reading import read
from searchsvc.sources.walking import SourceFile

PAGE = "<html><body><p>Липы посадили у школы.</p></body></html>".encode()
SPACES = PAGE + b" " * 3_000_000


def places(found):
    return [str(one.place) for one in inputs(found)]


def test_members_are_named_by_their_way_through_the_archives(read_bytes):
    inner = packing.zip_of({"май/а.html": PAGE, "б.html": PAGE})
    found = read_bytes("all.tar.gz", gzip.compress(packing.tar_of({"x/inner.zip": inner})))
    assert places(found) == ["all.tar.gz!x/inner.zip!май/а.html", "all.tar.gz!x/inner.zip!б.html"]


def test_names_in_archives_are_labels_only(read_bytes, tmp_path):
    names = {"../../etc/a.html": PAGE, "/root/b.html": PAGE, "c\n\x1b[31m.html": PAGE}
    for pack in (packing.zip_of, packing.tar_of):
        assert places(read_bytes("odd", pack(names))) == [
            "odd!../../etc/a.html", "odd!/root/b.html", "odd!c\\x0a\\x1b[31m.html",
        ]  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["odd"]


def test_what_archivers_add_is_passed_over(read_bytes):
    names = {"__MACOSX/._a.html": b"\0\5", ".DS_Store": b"\0", "./b.html": PAGE}
    assert places(read_bytes("a.zip", packing.zip_of(names))) == ["a.zip!./b.html"]


def test_names_of_russian_windows_are_read(read_bytes):
    data = packing.zip_of({"XXXXXX.html": PAGE}).replace(b"XXXXXX", "Липы_1".encode("cp866"))
    assert places(read_bytes("a.zip", data)) == ["a.zip!Липы_1.html"]


def test_long_and_russian_names_in_every_dialect_of_tar(read_bytes):
    name = "новости/" + "очень_" * 30 + "длинное.html"
    for dialect in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        whole = io.BytesIO()
        with tarfile.open(fileobj=whole, mode="w", format=dialect) as archive:
            for member in (name, "b.html", "п" * 20 + ".html"):
                info = tarfile.TarInfo(member)
                info.size = len(PAGE)
                archive.addfile(info, io.BytesIO(PAGE))
        found = read_bytes("a.tar", whole.getvalue())
        assert places(found) == [f"a.tar!{name}", "a.tar!b.html", f"a.tar!{'п' * 20}.html"]
        assert {one.content for one in found} == {PAGE.decode()}


def test_links_and_devices_in_a_tar_are_passed_over(read_bytes):
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for name, kind in (("l", tarfile.SYMTYPE), ("h", tarfile.LNKTYPE), ("d", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert told(read_bytes("a.tar", whole.getvalue() + bytes(1024))) == [
        "a.tar!l: is a link", "a.tar!h: is a link to another member", "a.tar!d: is a device",
    ]  # fmt: skip


def test_a_truncated_tar_keeps_what_was_whole(read_bytes):
    data = packing.tar_of({"a.html": PAGE, "b.html": PAGE})
    found = read_bytes("a.tar", data[: 512 + 512 + 512 + 21])
    assert [one.content for one in inputs(found)] == [PAGE.decode(), PAGE[:21].decode()]
    assert told(found) == ["a.tar!b.html: truncated tar"]


@pytest.mark.parametrize("kind", [b"x", b"L", b"g"])
def test_an_extended_header_takes_no_more_memory_than_it_may(kind, read_bytes):
    info = tarfile.TarInfo("a")
    info.type, info.size = kind, 5_000_000
    data = info.tobuf(tarfile.USTAR_FORMAT) + bytes(5_000_192)
    assert told(read_bytes("a.tar", data)) == [
        "a.tar: damaged tar: an extended header of 5000000 bytes"
    ]


def test_ten_thousand_extended_headers_are_no_recursion(read_bytes):
    info = tarfile.TarInfo("a")
    info.type = b"x"
    header = info.tobuf(tarfile.USTAR_FORMAT)
    data = header * 10_000 + packing.tar_of({"b.html": PAGE})
    assert places(read_bytes("a.tar", data)) == ["a.tar!b.html"]


def test_an_encrypted_member_costs_itself_only(read_bytes):
    data = bytearray(packing.zip_of({"a.html": PAGE, "b.html": PAGE}))
    data[data.index(b"PK\1\2") + 8] |= 1
    found = read_bytes("a.zip", bytes(data))
    assert (places(found), told(found)) == (["a.zip!b.html"], ["a.zip!a.html: is encrypted"])


def test_a_wrong_checksum_costs_that_member_only(read_bytes):
    data = bytearray(packing.zip_of({"a.html": PAGE, "b.html": PAGE}))
    at = data.index(b"PK\1\2") + 16
    data[at : at + 4] = struct.pack("<I", 12345)
    found = read_bytes("a.zip", bytes(data))
    assert places(found)[-1] == "a.zip!b.html"
    assert told(found) == ["a.zip!a.html: damaged zip: Bad CRC-32 for file 'a.html'"]


def test_a_wrong_checksum_of_gzip_is_told_of_and_the_text_kept(read_bytes):
    data = bytearray(gzip.compress(PAGE))
    data[-5] ^= 0xFF
    found = read_bytes("a.html.gz", bytes(data))
    assert [one.content for one in inputs(found)] == [PAGE.decode()]
    assert told(found)[0].startswith("a.html.gz: damaged gzip: CRC check failed")


def test_gzip_of_several_parts_is_read_whole(read_bytes):
    lines = [b'{"title": "%d"}\n' % number for number in range(3)]
    found = read_bytes("a.jsonl.gz", b"".join(map(gzip.compress, lines)))
    assert [one.content["title"] for one in found] == ["0", "1", "2"]


@pytest.mark.parametrize("pack", [packing.gzipped, packing.bzipped, packing.xzipped])
def test_a_stream_that_grows_too_much_breaks(pack, read_bytes):
    found = read_bytes(*pack("a.html", SPACES), unpacked_ratio=100)
    assert inputs(found) == []
    assert told(found)[0].endswith("unpacks to more than 100 times its size")


@pytest.mark.parametrize("pack", [packing.zipped, packing.tarred_gzipped, packing.gzipped])
def test_a_file_unpacks_to_no_more_bytes_than_allowed(pack, read_bytes):
    found = read_bytes(*pack("a.html", SPACES), unpacked_ratio=10**6, unpacked_bytes=2_000_000)
    assert [one.rpartition(": ")[2] for one in told(found)] == [
        "unpacks to more than 2000000 bytes"
    ]


def test_many_bombs_that_are_small_alone_are_one_bomb(read_bytes):
    flat = packing.zip_of({f"{number}.html": PAGE + b" " * 900_000 for number in range(50)})
    found = read_bytes("flat.zip", flat)
    assert told(found)[-1].endswith("unpacks to more than 200 times its size")
    assert len(found) < 20


def test_members_that_share_their_bytes_are_counted_each_time(read_bytes):
    """As in overlapping zip bombs, whose directory names one stretch of bytes many times."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.html", PAGE + b" " * 900_000)
        archive.filelist *= 500
    found = read_bytes("a.zip", whole.getvalue())
    assert len(inputs(found)) < 500
    assert told(found)[-1].endswith("unpacks to more than 200 times its size")


def test_members_are_counted(tmp_path):
    path = tmp_path / "a.tar"
    path.write_bytes(packing.tar_of({f"{number}.html": PAGE for number in range(5)}))
    limits = SourceLimits(10**6, 10**9, 200, 3, members=3)
    found = list(read(SourceFile(path, "a.tar", path.stat().st_size, 0), limits))
    assert len(inputs(found)) == 3
    assert told(found) == ["a.tar: holds more than 3 members"]


def test_archives_are_opened_to_the_allowed_depth(read_bytes):
    name, data = "a.html", PAGE
    for _ in range(3):
        name, data = packing.zipped(name, data)
    assert len(inputs(read_bytes(name, data))) == 1
    found = read_bytes(*packing.zipped(name, data))
    assert [one.rpartition(": ")[2] for one in told(found)] == ["archives are nested deeper than 3"]


def test_a_break_around_an_archive_is_told_of_once(read_bytes):
    data = gzip.compress(packing.tar_of({f"{n}.html": PAGE * 50 for n in range(9)}), mtime=0)
    found = read_bytes("a.tar.gz", data[:-60])
    assert len(told(found)) == 1
    assert told(found)[0].endswith("truncated gzip")


@pytest.mark.parametrize("pack", [packing.zipped, packing.tarred, packing.zipped_in_tar_xz])
@given(data=st.data())
def test_damage_anywhere_is_told_of_and_never_raised(pack, data, read_bytes):
    name, whole = pack("a.jsonl", b'{"title": "a"}\n' * 40)
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(broken) - 1))
        broken[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(broken)))
    for found in (read_bytes(name, bytes(broken)), read_bytes(name, bytes(broken[:cut]))):
        assert all(str(one.place).startswith(name) for one in found)
