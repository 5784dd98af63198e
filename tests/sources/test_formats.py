"""What some bytes are is told by themselves; their name only helps where they do not say."""

import time

import pytest

from searchsvc.sources.formats import HEAD, Kind, Refusal, recognise

RSS = b'<?xml version="1.0"?>\n<!-- a --><rss version="2.0"></rss>'


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"<!DOCTYPE html><html>", "a", Kind.PAGE),
        (b"\n<p>" + "абзац".encode(), "a.txt", Kind.PAGE),
        (b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n<html>", "a.txt", Kind.PAGE),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', "a.xml", Kind.PAGE),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n", "a.html", Kind.MHTML),
        (RSS, "a.txt", Kind.FEED),
        (b"Warning: mysql gone\n" + RSS, "a.xml", Kind.FEED),
        (b'<!DOCTYPE rss [<!ENTITY a "b">]><rss>', "a.xml", Kind.FEED),
        ("«Рога и копыта» закрылись".encode(), "a", Kind.DUMP),
        ("<<Рога и копыта>> закрылись".encode(), "a.txt", Kind.DUMP),
        ("[Москва] Дождь".encode(), "a.txt", Kind.DUMP),
        (b"CWS \xd0\xb8 RIFF", "a.txt", Kind.DUMP),
        ("Просто текст".encode(), "a.html", Kind.DUMP),
        ("Просто текст".encode(), "index.2021", Kind.DUMP),
        (b'{"a": 1}', "a.txt", Kind.JSON),
        (b'{"a": 1}\n{"a": 2}', "a.html", Kind.JSON_LINES),
        (b'{"a": \n{"a": 2}', "a.json", Kind.JSON_LINES),
        (b"broken\n{}", "a.jsonl", Kind.JSON_LINES),
        (b"url,title\n1,2\n", "a", Kind.TABLE),
    ],
)
def test_kinds(data, name, kind):
    assert recognise(data, name) is kind


@pytest.mark.parametrize(
    ("data", "name", "reason", "failed"),
    [
        (b"", "a.html", "is empty", True),
        (bytes(100), "a.jpg", "is filled with NUL bytes", True),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.html", "is a picture", False),
        (b"%PDF-1.4\n", "a.txt", "is a PDF", False),
        (b"wOF2\0\1\0\0\0\0", "a", "is a font", False),
        (bytes(range(32)) * 9, "a.bin", "is not text", False),
        (bytes(range(32)) * 9, "a.txt", "is no .txt file: its bytes are not text", True),
        (b"body { color: red }", "a.css", "holds no articles, being .css", False),
        (b"text", "a.gz", "is no .gz file", True),
        (b"text", "a.xyz", "is text of an unknown kind, .xyz", False),
        (b"text", "a.xml", "is no XML", True),
        (
            b"<?xml version='1.0'?><urls>",
            "a.xml",
            "is XML that is no feed: its root is urls",
            False,
        ),
        (b"PK\3\4....", "a.docx", "is an office document or a program", False),
    ],
)
def test_refusals(data, name, reason, failed):
    assert recognise(data, name) == Refusal(reason, failed)


@pytest.mark.parametrize(
    "piece",
    [b"<!---->", b"<!-- ", b"<?x?>", b"<!a>", b" ", b"<", b"<meta ", b"\n", b'"', b"a:\n"],
)
@pytest.mark.parametrize("begin", [b"", b"<?xml ", b"<!--", b'{"', b"title,text\n"])
def test_no_beginning_takes_long_to_recognise(begin, piece):
    head = (begin + piece * HEAD)[:HEAD]
    start = time.process_time()
    recognise(head, "a.xml")
    recognise(head, "a.html")
    assert time.process_time() - start < 1.0
