"""Stored articles: bytes of one encoding each, compressed one by one with a shared dictionary.

An article's id is not in its block: the id lexicon has it, so that blocks can be made before ids
are settled. A block is packed when the article is read and compressed when its segment is
written: the dictionary is made of the first articles then.
"""

from __future__ import annotations

import json
import threading
from dataclasses import MISSING, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import zstandard

from searchsvc.errors import IndexDamaged
from searchsvc.model import Article, ArticleDate, Precision

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh._stored import Reader
    from searchsvc.engines.whoosh.container import ArrayFile

try:
    from searchsvc.engines.whoosh import _stored

    compiled: ModuleType | None = _stored
except ImportError:
    compiled = None

LEVEL = 3
"""zstd's level: 8 µs an article. 56,571 articles take 29.8 MB at level 5 (16 µs), 31.7 at 3, 33.8
at 2 (7 µs), without a dictionary 47."""

LONG, LEVEL_OF_LONG = 6_000, 1
"""Of packed articles of more bytes, 4 % of all hits and half of their bytes, zstd's level: a page
unpacks in 17.4 µs for 24.7, and 56,571 articles take 0.42 MB more. At 3,000 it is 0.8 MB and as
fast, at 1,500 2.9 and slower: short ones lose what they share with the dictionary."""

LARGEST = 1 << 30
"""The most bytes a block may unpack to; a damaged header must not ask for all memory."""

TRAINED = 1_000
"""Articles that a dictionary is made of at least."""

SAMPLES = 3_500
"""Articles that a dictionary is made of at most: 0.04 s. With 10,000 it takes 0.09 s, and articles
0.4 % more."""

DICTIONARY = 256 << 10
"""Bytes of a dictionary at most. Ten of 56,571 articles take 91 µs where other work has filled the
caches; with 512 KiB it is 101, and all of them 0.25 MB less, with 128 KiB 87 and 1.0 MB more."""

SHARE = 30
"""A dictionary takes this part of all articles' bytes, so that it pays in a small index too."""

SEGMENTS = {"k": 300, "d": 6, "f": 19, "accel": 8}
"""How samples are cut for the dictionary (fast COVER); looking at all of them takes twice as long
and gives 0.3 % more bytes, a search for the best settings eight times."""

UTF8, CP1251 = b"\0", b"\1"
"""The first byte of a packed article: its encoding."""

ENCODINGS = {UTF8: ("utf-8", "surrogatepass"), CP1251: ("cp1251", "strict")}


DEFAULTS = {"title": "", "text": ""} | {
    field.name: field.default for field in fields(Article) if field.default is not MISSING
}
"""What is left out of a packed article, by field."""

PRECISIONS = {precision.value: precision for precision in Precision}


BROKEN = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What bytes raise that are no article."""


def unpack_article(data: bytes, article_id: str) -> Article:
    """Give back the article; raises IndexDamaged."""
    try:
        article = READER.article(data, article_id) if READER is not None else None
        return article or unpack_portably(data, article_id)
    except BROKEN as error:
        raise _damaged(error) from None


def unpack_portably(data: bytes, article_id: str) -> Article:
    """Give back any article; what is wrong raises an error of some kind."""
    text = data[1:].decode(*ENCODINGS[data[:1]])
    row: dict[str, Any] = json.loads(text)
    if "date" in row:
        start, precision = row["date"]
        row["date"] = ArticleDate(datetime.fromisoformat(start), PRECISIONS[precision])
    for name in ("topics", "authors", "tags"):
        row[name] = tuple(row.get(name, ()))
    return Article(id=article_id, **{"title": "", "text": "", **row})


def _reader() -> Reader | None:
    """Make what reads most articles in 2 µs, where 11 are needed without it (1,470 letters)."""
    if compiled is None:
        return None
    letters = bytes(range(256)).decode("cp1251", "replace").replace("\ufffd", "\0")
    dates = (ArticleDate, datetime.fromisoformat, PRECISIONS)
    codes = np.array([*map(ord, letters)], np.uint16).tobytes()
    reader: Reader = compiled.Reader(Article, DEFAULTS, *dates, CP1251 + UTF8, codes)
    return reader


READER = _reader()


def dictionary_of(samples: Sequence[bytes], size: int) -> bytes:
    """Make a dictionary for packed articles of so many bytes together, of some of them.

    It is empty where they are too few or too much alike.
    """
    if len(samples) < TRAINED:
        return b""
    size = min(DICTIONARY, size // SHARE)
    try:
        return bytes(zstandard.train_dictionary(size, list(samples), **SEGMENTS).as_bytes())
    except zstandard.ZstdError:
        return b""


def compressor_with(dictionary: bytes, level: int) -> zstandard.ZstdCompressor:
    """Make what compresses articles, each by itself."""
    shared = _shared(dictionary)
    if shared is not None:
        shared.precompute_compress(level=level)
    return zstandard.ZstdCompressor(
        level=level, dict_data=shared, write_checksum=True, write_dict_id=False
    )


def levels_of(sizes: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Give the levels of packed articles of such sizes, and the numbers of those of each level."""
    for level, own in ((LEVEL, sizes <= LONG), (LEVEL_OF_LONG, sizes > LONG)):
        if own.any():
            yield level, np.flatnonzero(own)


def compress(packed: Sequence[bytes], dictionary: bytes) -> list[bytes]:
    """Compress packed articles, each by itself."""
    found = [b""] * len(packed)
    for level, numbers in levels_of(np.array([len(own) for own in packed], np.int64)):
        own = [packed[number] for number in numbers.tolist()]
        # In one call, which leaves the interpreter to other threads meanwhile.
        blocks = compressor_with(dictionary, level).multi_compress_to_buffer(own, threads=1)
        for place, number in enumerate(numbers.tolist()):
            found[number] = blocks[place].tobytes()
    return found


def _shared(dictionary: bytes) -> zstandard.ZstdCompressionDict | None:
    return zstandard.ZstdCompressionDict(dictionary) if dictionary else None


def starts_of(sizes: NDArray[np.int64]) -> NDArray[np.generic]:
    """Give where blocks begin that stand end to end, and where the last ends: 32 bits if it can."""
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    return starts.astype(np.uint32) if starts[-1] < 1 << 32 else starts


class _Decompressor(threading.local):
    """Each thread's own one: making it costs more than unpacking an article."""

    def __init__(self, shared: zstandard.ZstdCompressionDict | None) -> None:
        self.own = zstandard.ZstdDecompressor(dict_data=shared)


class Store:
    """The stored articles of a segment; thread-safe.

    ``starts`` (documents + 1,) cut ``data``; ``dictionary`` may be empty. Raises IndexDamaged.
    """

    def __init__(
        self, starts: NDArray[np.integer], data: NDArray[np.uint8], dictionary: NDArray[np.uint8]
    ) -> None:
        if not starts.size or starts[0] != 0 or starts[-1] != data.size:
            raise _damaged("blocks do not fit together")
        self.starts = starts
        self.data = data
        self._starts = starts.data
        self._view = data.data
        self.dictionary = dictionary.tobytes()
        self._shared = _shared(self.dictionary)
        self._threads = _Decompressor(self._shared)

    def block(self, doc: int) -> bytes:
        """Give a document's compressed block."""
        return self.data[self.starts.item(doc) : self.starts.item(doc + 1)].tobytes()

    def packed(self, doc: int) -> bytes:
        """Give a document's packed article."""
        block = self._view[self._starts[doc] : self._starts[doc + 1]]
        try:
            if zstandard.frame_content_size(block) > LARGEST:
                raise _damaged("it claims to be larger than any article")
            return self._threads.own.decompress(block, LARGEST)
        except zstandard.ZstdError as error:
            raise _damaged(error) from None

    def article(self, doc: int, article_id: str) -> Article:
        """Give a document's article."""
        return unpack_article(self.packed(doc), article_id)

    def articles(self, docs: Sequence[int], ids: Sequence[str]) -> list[Article]:
        """Give the articles of documents."""
        if READER is None:
            return list(map(self.article, docs, ids))
        decompress = self._threads.own.decompress
        try:
            found = READER.unpacked(self._view, self._starts, tuple(docs), tuple(ids), decompress)
        except (zstandard.ZstdError, *BROKEN):  # what is wrong is told by the other way
            found = [None] * len(docs)
        return [
            own if isinstance(own, Article) else self._article(own, doc, article_id)
            for own, doc, article_id in zip(found, docs, ids, strict=True)
        ]

    def _article(self, packed: bytes | None, doc: int, article_id: str) -> Article:
        """Give an article that the compiled reader leaves to Python, packed or not."""
        if packed is None:
            return self.article(doc, article_id)
        try:
            return unpack_portably(packed, article_id)
        except BROKEN as error:
            raise _damaged(error) from None


def store_of(file: ArrayFile) -> Store:
    """Open the stored articles of a segment."""
    starts, data, dictionary = (
        file[f"stored/{part}"] for part in ("starts", "bytes", "dictionary")
    )
    return Store(starts, data, dictionary)  # type: ignore[arg-type]


def _damaged(why: object) -> IndexDamaged:
    return IndexDamaged(f"a stored block cannot be unpacked ({why}); run `make index`")
