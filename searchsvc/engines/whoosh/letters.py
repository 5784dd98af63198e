"""Texts as the keys that a lexicon compares: one byte a letter, in the order of code points.

ASCII is itself, the Cyrillic letters from U+0400 are bytes from 0x81 on. Any other letter is its
UTF-8 after a byte that puts it before the Cyrillic ones or behind them.
"""

from __future__ import annotations

import codecs

from searchsvc.errors import IndexDamaged

CYRILLIC, COUNT = 0x400, 112
LESS, MORE = b"\x80", b"\xff"
NONE = "\ufffe"
ALPHABET = (
    "".join(map(chr, range(128)))
    + NONE
    + "".join(map(chr, range(CYRILLIC, CYRILLIC + COUNT)))
    + NONE * (256 - 128 - 1 - COUNT)
)
"""The letter of each byte."""

BYTES = codecs.charmap_build(ALPHABET)

AFTER = b"\xff\xff"
"""No letter begins with these bytes: a key and they are behind all keys that begin with it."""


def key_of(text: str) -> bytes:
    r"""Encode any text, halves of surrogate pairs too: an id or a file's name may have one.

    >>> key_of("мэр"), key_of("é")
    (b'\xbd\xce\xc1', b'\x80\xc3\xa9')
    """
    try:
        return codecs.charmap_encode(text, "strict", BYTES)[0]
    except UnicodeEncodeError:
        return b"".join(map(_letter, text))


def _letter(letter: str) -> bytes:
    if letter != NONE and letter in ALPHABET:
        return codecs.charmap_encode(letter, "strict", BYTES)[0]
    return (LESS if ord(letter) < CYRILLIC else MORE) + letter.encode("utf-8", "surrogatepass")


def text_of(key: bytes) -> str:
    """Decode a key; raises IndexDamaged."""
    try:
        return codecs.charmap_decode(key, "strict", ALPHABET)[0]
    except UnicodeDecodeError:
        return "".join(_letters(key))


def _letters(key: bytes) -> list[str]:
    letters = []
    place = 0
    while place < len(key):
        size, letter = 1, ALPHABET[key[place]].replace(NONE, "")
        if key[place] in {LESS[0], MORE[0]}:
            lead = key[place + 1 : place + 2] or b"\0"
            size = 1 + max(1, 8 - (lead[0] ^ 0xFF).bit_length())
            letter = _decoded(key[place + 1 : place + size])
        if not letter:
            raise _damaged()
        letters.append(letter)
        place += size
    return letters


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise _damaged() from None


def _damaged() -> IndexDamaged:
    return IndexDamaged("a lexicon has a string that is no text; run `make index`")
