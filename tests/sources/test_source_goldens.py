"""Every format in every encoding, plain and packed, reads the same."""

import json
from pathlib import Path

import pytest
import sources_packing as packing
from sources_found import inputs, told

from searchsvc.model import Format

GOLDENS = Path(__file__).parent / "goldens"

TEXTS = {
    "page.html": Format.PAGE,
    "dump.txt": Format.DUMP,
    "feed.xml": Format.FEED,
    "atom.xml": Format.FEED,
}
RECORDS = (
    "article.json",
    "array.json",
    "wrapped.json",
    "lines.jsonl",
    "table.csv",
    "semicolons.csv",
    "table.tsv",
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8-r")
CONTAINERS = (packing.plain, packing.gzipped, packing.zipped, packing.tarred_gzipped)
RARE_CONTAINERS = (
    packing.bzipped,
    packing.xzipped,
    packing.tarred,
    packing.gzipped_in_zip,
    packing.zipped_in_tar_xz,
)
DECLARED = {
    "rightly": {"utf-8-sig": "utf-8", "utf-16-le": "utf-16", "utf-16-be": "utf-16"},
    "wrongly": {"cp1251": "koi8-r", "koi8-r": "windows-1251", "utf-8": "windows-1251"},
    "not": {},
}


def text_of(name: str, charset: str) -> str:
    text = (GOLDENS / name).read_text(encoding="utf-8")
    if charset:
        return text.replace("CHARSET", charset)
    return text.replace('<meta charset="CHARSET">\n', "").replace(' encoding="CHARSET"', "")


def declared(how: str, encoding: str) -> str:
    return (
        ""
        if how == "not"
        else DECLARED[how].get(encoding, encoding if how == "rightly" else "utf-8")
    )


@pytest.mark.parametrize("pack", CONTAINERS)
@pytest.mark.parametrize("how", DECLARED)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", TEXTS)
def test_texts_are_read_in_the_encoding_they_are_written_in(name, encoding, how, pack, read_bytes):
    text = text_of(name, declared(how, encoding))
    (found,) = read_bytes(*pack(name, text.encode(encoding)))
    assert (found.format, found.content) == (TEXTS[name], text)


@pytest.mark.parametrize("pack", CONTAINERS)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", RECORDS)
def test_records_are_read_in_the_encoding_they_are_written_in(name, encoding, pack, read_bytes):
    text = (GOLDENS / name).read_text(encoding="utf-8")
    expected = json.loads((GOLDENS / f"{name}.expected.json").read_text(encoding="utf-8"))
    found = read_bytes(*pack(name, text.encode(encoding)))
    assert told(found) == []
    assert [{"record": one.place.record, "fields": one.content} for one in found] == expected
    assert {one.format for one in inputs(found)} == {Format.RECORD}


@pytest.mark.parametrize("pack", CONTAINERS + RARE_CONTAINERS)
def test_a_saved_web_archive_gives_its_page(pack, read_bytes):
    (found,) = read_bytes(*pack("page.mhtml", (GOLDENS / "page.mhtml").read_bytes()))
    assert found.format is Format.PAGE
    expected = (GOLDENS / "page.mhtml.expected.html").read_text(encoding="utf-8")
    assert found.content.replace("\r\n", "\n") == expected


@pytest.mark.parametrize("pack", RARE_CONTAINERS)
@pytest.mark.parametrize("name", [*TEXTS, *RECORDS])
def test_every_format_is_read_out_of_every_container(name, pack, read_bytes):
    data = (GOLDENS / name).read_bytes()
    alone, packed = read_bytes(name, data), read_bytes(*pack(name, data))
    assert told(alone) == told(packed) == []
    assert [(one.content, one.place.record) for one in alone] == [
        (one.content, one.place.record) for one in packed
    ]


@pytest.mark.parametrize("name", [*TEXTS, *RECORDS, "page.mhtml"])
def test_content_decides_under_a_wrong_name(name, read_bytes):
    data = (GOLDENS / name).read_bytes()
    right = read_bytes(name, data)
    for suffix in (".html", ".txt", ".json"):
        if name == "dump.txt" and suffix == ".json":
            continue  # prose in a .json file is broken JSON
        wrong = read_bytes(f"misnamed{suffix}", data)
        assert [(one.format, one.content) for one in wrong] == [
            (one.format, one.content) for one in right
        ], suffix
