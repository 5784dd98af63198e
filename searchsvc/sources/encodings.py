"""Sources, encodings: bytes become text, whatever their author said or did not say of them.

In: bytes and the encoding that was declared for them. Out: text, the encoding it was read in,
and what was wrong with it. A declaration that the bytes plainly contradict is not followed.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from searchsvc.sources import cyrillic
from searchsvc.sources.streams import Stream

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NULS = re.compile("\0+")
# What authors declare beside the names that Python knows; Latin-1 is read as browsers read it.
_ALIASES = {
    "win-1251": "cp1251",
    "win1251": "cp1251",
    "windows1251": "cp1251",
    "x-cp1251": "cp1251",
    "cp-1251": "cp1251",
    "ansi": "cp1251",
    "koi8": "koi8-r",
    "koi-8": "koi8-r",
    "x-mac-cyrillic": "mac-cyrillic",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
}
_TEXT_ENCODINGS = re.compile(
    r"utf-8|cp125\d|koi8-[rut]|cp866|iso8859-\d+|mac-cyrillic|gb2312|gbk|gb18030|big5|euc_kr"
    r"|euc_jp|shift_jis"
)
_DECLARED = re.compile(
    rb"<meta\b[^>]{0,300}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w:.-]{2,40})"
    rb"|<\?xml\b[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([\w:.-]{2,40})",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 4096
"""Bytes: browsers look for a declaration in the first 1024, templates put scripts before it."""

_UKRAINIAN = {"koi8-u", "koi8-t"}
_DECLARATION_BONUS = 0.6
"""How much more Russian another reading must be than the declared one, in log units a letter."""


class Decoded(NamedTuple):
    """Text, the encoding it was read in, and what is to be reported of it (else empty)."""

    text: str
    encoding: str
    flaw: str = ""


def decode(data: bytes, declared: str | None = None) -> str:
    """Read bytes as text; what cannot be read is U+FFFD."""
    return decoded(data, declared).text


def decoded(data: bytes, declared: str | None = None, offset: int = 0) -> Decoded:
    """Read bytes as text, and tell in which encoding and what was replaced.

    A byte order mark decides, then UTF-16's pattern, valid UTF-8, mostly valid UTF-8, and last
    the declaration against the letters that each Russian encoding would give. ``offset`` is where
    the bytes stand in their file, for the report. NUL characters are replaced too.
    """
    found = _decoded(data, declared, offset)
    if "\0" not in found.text:
        return found
    flaw = found.flaw or f"NUL bytes from byte {offset + data.find(0)}, replaced"
    return Decoded(_NULS.sub("\ufffd", found.text), found.encoding, flaw)


def _decoded(data: bytes, declared: str | None, offset: int) -> Decoded:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], encoding, offset + len(mark))
    wide = wide_encoding(data) if b"\0" in data or b"\4" in data else None
    if wide:
        return _marked(data, wide, offset)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        if mostly_utf8(data):
            return _replaced(data, "utf-8", error, offset)
        return _marked(data, _one_byte(data, known(declared)), offset)


def declaration(data: bytes) -> str | None:
    """Find the encoding that a page's ``<meta>`` or an XML declaration names."""
    found = _DECLARED.search(data, 0, _DECLARED_WITHIN)
    return (found[1] or found[2]).decode("ascii", "replace") if found else None


def known(name: str | None) -> str | None:
    """Give Python's name of a declared encoding of text, None for what is none."""
    if not name:
        return None
    name = name.strip().lower()
    try:
        name = codecs.lookup(_ALIASES.get(name, name)).name
    except (LookupError, ValueError):
        return None
    name = _ALIASES.get(name, name)
    return name if _TEXT_ENCODINGS.fullmatch(name) else None


def wide_encoding(data: bytes) -> str | None:
    """Recognise UTF-16 without a mark: every other byte of Russian or Latin text is 0 or 4."""
    part = data[: 8192 - 8192 % 2]
    if len(part) < 4:
        return None
    even, odd = (_high_halves(part[start::2]) for start in (0, 1))
    if max(even, odd) < 0.75 or min(even, odd) > 0.4:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def mostly_utf8(data: bytes) -> bool:
    """Tell UTF-8 with some bad bytes from text that is no UTF-8 at all.

    Russian one-byte text almost never has a valid sequence in it: a letter of cp1251 is followed
    by a byte that cannot continue one.
    """
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    cut_at_end = text.endswith("\ufffd")
    return good > 2 * (bad - cut_at_end)


def as_utf8(stream: Stream, encoding: str) -> tuple[Stream, list[str]]:
    """Re-encode a stream as valid UTF-8; the list fills with the first flaw met while reading."""
    source = _Transcoder(stream, encoding)
    return Stream(source.read), source.flaws


def _high_halves(half: bytes) -> float:
    return sum(half.count(byte) for byte in (0, 4)) / len(half)


def _marked(data: bytes, encoding: str, offset: int) -> Decoded:
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        return _replaced(data, encoding, error, offset)


def _replaced(data: bytes, encoding: str, error: UnicodeDecodeError, offset: int) -> Decoded:
    return Decoded(data.decode(encoding, "replace"), encoding, _flaw(encoding, error, offset))


def _flaw(encoding: str, error: UnicodeDecodeError, offset: int) -> str:
    return f"invalid {encoding.upper()} at byte {offset + error.start}, replaced"


def _one_byte(data: bytes, declared: str | None) -> str:
    russian = declared in cyrillic.CANDIDATES
    if declared and russian and cyrillic.reads_well(data, declared):
        return declared
    if declared == "utf-8":
        declared = None
    if cyrillic.western(data):
        return declared or "cp1252"
    best = cyrillic.guess(data)
    if declared is None:
        return best.encoding
    if russian or declared in _UKRAINIAN:
        near = cyrillic.score(data, declared) + _DECLARATION_BONUS >= best.score
        return declared if near else best.encoding
    return best.encoding if best.readable else declared


class _Transcoder:
    """Decodes chunk by chunk, remembering the first place where bytes had to be replaced."""

    def __init__(self, stream: Stream, encoding: str):
        self.flaws: list[str] = []
        self._stream = stream
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._lenient = codecs.getincrementaldecoder(encoding)("replace")
        self._offset = 0
        self._marked = True

    def read(self, size: int) -> bytes:
        while chunk := self._stream.read(size):
            text = self._decode(chunk, final=False)
            if self._marked:
                text = text.removeprefix("\ufeff")
                self._marked = not text
            if text:
                return text.encode("utf-8")
        return self._decode(b"", final=True).encode("utf-8")

    def _decode(self, chunk: bytes, *, final: bool) -> str:
        pending, state = self._decoder.getstate()
        start = self._offset - len(pending)
        self._offset += len(chunk)
        try:
            return self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            if not self.flaws:
                self.flaws.append(_flaw(self._encoding, error, start))
        self._lenient.setstate((pending, state))
        text = self._lenient.decode(chunk, final)
        self._decoder.setstate(self._lenient.getstate())
        return text
