"""Sources, recognition: what some bytes are, told by their beginning; the name is only a hint.

In: the first bytes and a name. Out: a ``Kind``, or a ``Refusal`` that says why there is nothing
to read and whether that is a failure.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import NamedTuple

from searchsvc.sources.encodings import declaration, decode, wide_encoding
from searchsvc.sources.labels import suffix
from searchsvc.sources.tables import looks_like_table
from searchsvc.sources.tars import is_tar
from searchsvc.sources.unpacking import packing

HEAD = 64 * 1024
"""Bytes looked at."""


class Kind(StrEnum):
    """How something is read."""

    PACKED = "packed"
    ZIP = "zip"
    TAR = "tar"
    PAGE = "page"
    MHTML = "mhtml"
    FEED = "feed"
    DUMP = "dump"
    JSON = "json"
    JSON_LINES = "json lines"
    TABLE = "table"


class Refusal(NamedTuple):
    """Nothing to read, and why; ``failed`` where something should have been there."""

    reason: str
    failed: bool


_BY_SUFFIX = {
    ".html": Kind.PAGE,
    ".htm": Kind.PAGE,
    ".xhtml": Kind.PAGE,
    ".mhtml": Kind.MHTML,
    ".mht": Kind.MHTML,
    ".txt": Kind.DUMP,
    ".text": Kind.DUMP,
    "": Kind.DUMP,
    ".json": Kind.JSON,
    ".jsonl": Kind.JSON_LINES,
    ".ndjson": Kind.JSON_LINES,
    ".csv": Kind.TABLE,
    ".tsv": Kind.TABLE,
    ".xml": Kind.FEED,
    ".rss": Kind.FEED,
    ".atom": Kind.FEED,
    ".rdf": Kind.FEED,
    ".zip": Kind.ZIP,
    ".tar": Kind.TAR,
}
_PACKED_SUFFIXES = {".gz", ".bz2", ".xz", ".tgz", ".txz", ".tbz", ".tbz2"}

# Text that a saved page brings along, and programs; everything else of text is told by content.
_NO_ARTICLES = {
    ".css", ".js", ".mjs", ".cjs", ".map", ".svg", ".md", ".rst", ".log", ".yml", ".yaml", ".toml",
    ".ini", ".cfg", ".conf", ".py", ".sh", ".sql", ".php", ".ts", ".c", ".h", ".lock", ".srt",
    ".vtt", ".ics", ".vcf", ".m3u8", ".scss", ".less", ".webmanifest",
}  # fmt: skip
_DOCUMENTS = {
    ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub", ".jar", ".apk", ".xpi", ".whl",
}  # fmt: skip

_SIGNATURES = (
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BM\x00", "a picture"),
    (b"\x00\x00\x01\x00", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"RIFF", "a picture or a sound"),
    (b"OggS", "a sound or a film"),
    (b"ID3", "a sound"),
    (b"fLaC", "a sound"),
    (b"\x1aE\xdf\xa3", "a film"),
    (b"FLV\x01", "a film"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"OTTO", "a font"),
    (b"\x00\x01\x00\x00\x00", "a font"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\x00asm", "a program"),
    (b"CWS", "a Flash film"),
    (b"SQLite format 3\x00", "a database"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive, which is not supported"),
    (b"Rar!\x1a\x07", "a RAR archive, which is not supported"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data, which is not supported"),
)

_NUL_SIGNATURES = tuple(mark for mark, _ in _SIGNATURES if b"\0" in mark)
_TEXT_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"%!PS-", "PostScript"),
    (b"{\\rtf", "an RTF document"),
)
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_CONTROLS = bytes({*range(9), *range(14, 27), *range(28, 32)})
_LOST_BLOCK = re.compile(rb"\0{16,}")  # what a crash leaves in a text that was being written
_ROOT = re.compile(r"(?:\s|<\?[^>]{0,500}>|<!--.{0,4000}?-->|<![^>\[]{0,500}>)*+<([\w:.-]+)", re.S)
_FEED_TAG = re.compile(r"<(?:rss|feed|rdf:RDF)[\s>]")
_PAGE_TAG = re.compile(r"^[^\S\n]{0,20}<(?:!doctype\s+html|html|head|body)\b", re.I | re.M)
_ANY_TAG = re.compile(r"<(?:!doctype|[a-z][a-z0-9]{0,15}[\s/>])", re.I)
_JSON_BEGIN = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\[{\]])")
_MAIL_HEADER = re.compile(rb"[!-9;-~]{1,60}:|[ \t]")
_FEED_ROOTS = {"rss", "feed", "rdf:rdf"}


def recognise(head: bytes, name: str) -> Kind | Refusal:
    """Tell what begins with ``head`` (up to ``HEAD`` bytes) and bears the label ``name``."""
    if not head:
        return Refusal("is empty", failed=True)
    if packing(head):
        return Kind.PACKED
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        refused = Refusal("is an office document or a program", failed=False)
        return refused if suffix(name) in _DOCUMENTS else Kind.ZIP
    if is_tar(head):
        return Kind.TAR
    return _refused(head, name) or _mail(head) or _text(head, name)


def _refused(head: bytes, name: str) -> Refusal | None:
    end = suffix(name)
    what = _signed(head)
    if what:
        return Refusal(f"is {what}", failed=False)
    if not head.strip(b"\0"):
        return Refusal("is filled with NUL bytes", failed=True)
    if _binary(head):
        return _unreadable(end)
    if end in _PACKED_SUFFIXES or _BY_SUFFIX.get(end) in {Kind.ZIP, Kind.TAR}:
        return Refusal(f"is no {end} file", failed=True)
    if end in _NO_ARTICLES:
        return Refusal(f"holds no articles, being {end}", failed=False)
    return None


def _signed(head: bytes) -> str:
    """Name a well-known kind without articles; a signature of letters counts before binary only."""
    binary = _binary(head)
    if binary and head[4:8] == b"ftyp":
        return "a picture or a film"
    known = (*_TEXT_SIGNATURES, *_SIGNATURES) if binary else _TEXT_SIGNATURES
    return next((what for signature, what in known if head.startswith(signature)), "")


def _unreadable(end: str) -> Refusal:
    if end in _PACKED_SUFFIXES or (end and end in _BY_SUFFIX):
        return Refusal(f"is no {end} file: its bytes are not text", failed=True)
    return Refusal("is not text", failed=False)


def _binary(head: bytes) -> bool:
    """Tell bytes that are no text by their control characters: packed data has a tenth of them."""
    dense = _LOST_BLOCK.sub(b"", head)
    controls = len(dense) - len(dense.translate(None, _CONTROLS))
    if controls * 20 <= len(dense) or head.startswith(_WIDE_MARKS):
        return False
    return head.startswith(_NUL_SIGNATURES) or wide_encoding(head) is None


def _mail(head: bytes) -> Kind | None:
    """Recognise MHTML by the header of the message that it is."""
    begin = head.lstrip()[:8192].replace(b"\r\n", b"\n")
    header = begin.partition(b"\n\n")[0].lower()
    if b"content-type:" not in header or not all(map(_MAIL_HEADER.match, header.split(b"\n"))):
        return None
    page = b"multipart/" in header or b"text/html" in header
    return Kind.MHTML if page and b"mime-version:" in header else None


def _text(head: bytes, name: str) -> Kind | Refusal:
    text = decode(_whole_characters(head), declaration(head)).lstrip("\ufeff \t\r\n")
    hint = _BY_SUFFIX.get(suffix(name))
    return _tagged(text, hint) or _json(text, hint) or _plain(text, name, hint)


def _tagged(text: str, hint: Kind | None) -> Kind | Refusal | None:
    root = _ROOT.match(text) if text.startswith("<") else None
    return _rootless(text, hint) if root is None else _rooted(text, root[1].lower(), hint)


def _rootless(text: str, hint: Kind | None) -> Kind | None:
    """Recognise tags below something else: a warning of the server, a saved HTTP header."""
    if hint is Kind.FEED and _FEED_TAG.search(text):
        return Kind.FEED
    expected = hint in {Kind.PAGE, Kind.MHTML} and _ANY_TAG.search(text)
    return Kind.PAGE if expected or _PAGE_TAG.search(text) else None


def _rooted(text: str, root: str, hint: Kind | None) -> Kind | Refusal | None:
    if root in _FEED_ROOTS:
        return Kind.FEED
    if root == "html" or hint is Kind.PAGE or _PAGE_TAG.search(text):
        return Kind.PAGE
    if text.startswith("<?xml") or hint is Kind.FEED:
        return Refusal(f"is XML that is no feed: its root is {root[:40]}", failed=False)
    return Kind.PAGE if _ANY_TAG.match(text) else None


def _json(text: str, hint: Kind | None) -> Kind | None:
    if not _JSON_BEGIN.match(text):
        expected = hint in {Kind.JSON, Kind.JSON_LINES} and not looks_like_table(text)
        return hint if expected else None
    if hint is Kind.JSON_LINES:
        return hint
    if text.startswith("["):
        return Kind.JSON
    first, second = (*text.split("\n", 2), "", "")[:2]
    lines = _is_object(first) if second.strip() else False
    return Kind.JSON_LINES if lines or _is_object(second) else Kind.JSON


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _plain(text: str, name: str, hint: Kind | None) -> Kind | Refusal:
    if hint is Kind.TABLE or looks_like_table(text):
        return Kind.TABLE
    if hint is Kind.FEED:
        return Refusal("is no XML", failed=True)
    if hint is None and not suffix(name)[1:].isdigit():
        return Refusal(f"is text of an unknown kind, {suffix(name)}", failed=False)
    return Kind.DUMP


def _whole_characters(head: bytes) -> bytes:
    """Leave off a UTF-8 character that the end of the head cuts."""
    for back in range(1, min(4, len(head)) + 1):
        if head[-back] >= 0xC0:
            return head[:-back]
        if head[-back] < 0x80:
            break
    return head
