"""Stored articles and token offsets as compressed bytes, one block an article.

An article's id is not in its block: the id lexicon has it, so that blocks can be made before ids
are settled.
"""

from __future__ import annotations

import json
import threading
from dataclasses import fields
from datetime import datetime
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from searchsvc.errors import IndexDamaged
from searchsvc.model import Article, ArticleDate, Precision

LEVEL = 3
"""zstd's default level."""

LARGEST = 1 << 30
"""The most bytes a block may unpack to; a damaged header must not ask for all memory."""

Offsets = NDArray[np.int32]


def pack_article(article: Article) -> bytes:
    """Compress everything but the id; fields that have their default value are left out."""
    row: dict[str, object] = {
        field.name: value
        for field in fields(article)
        if field.name not in {"id", "date"}
        and (value := getattr(article, field.name)) != field.default
    }
    if article.date is not None:
        row["date"] = [article.date.start.isoformat(), article.date.precision.value]
    data = json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return _compress(data)


def unpack_article(block: bytes, article_id: str) -> Article:
    """Give back the article; raises IndexDamaged."""
    data = _decompress(block)
    try:
        row: dict[str, Any] = json.loads(data.decode("utf-8", "surrogatepass"))
        if "date" in row:
            start, precision = row["date"]
            row["date"] = ArticleDate(datetime.fromisoformat(start), Precision(precision))
        for name in ("topics", "authors", "tags"):
            row[name] = tuple(row.get(name, ()))
        return Article(id=article_id, **{"title": "", "text": "", **row})
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(error) from None


def pack_offsets(starts: Offsets, ends: Offsets, title_tokens: int) -> bytes:
    """Compress token offsets: title tokens first, body tokens counted from their own text."""
    gaps = starts.copy()
    gaps[1:] -= ends[:-1]
    if title_tokens < gaps.size:
        gaps[title_tokens] = starts[title_tokens]
    both = np.concatenate((gaps, ends - starts)).astype("<i4")
    planes = both.view(np.uint8).reshape(-1, 4).T.tobytes()
    return _compress(planes)


def unpack_offsets(block: bytes, title_tokens: int) -> tuple[Offsets, Offsets]:
    """Give back ``starts`` and ``ends`` of every token; raises IndexDamaged."""
    data = _decompress(block)
    if len(data) % 8:
        raise _damaged(f"{len(data)} bytes of offsets")
    planes = np.frombuffer(data, np.uint8).reshape(4, -1)
    both = np.ascontiguousarray(planes.T).view("<i4").ravel()
    gaps, lengths = both[: both.size // 2], both[both.size // 2 :]
    ends = np.cumsum(gaps + lengths, dtype=np.int32)
    if 0 < title_tokens < ends.size:
        ends[title_tokens:] -= ends[title_tokens - 1]
    return ends - lengths, ends


class _Decompressors(threading.local):
    """A decompressor for each thread: making one costs more than unpacking an article."""

    def __init__(self) -> None:
        self.own = zstandard.ZstdDecompressor()


_decompressors = _Decompressors()


def _compress(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(data)


def _decompress(block: bytes) -> bytes:
    try:
        if zstandard.frame_content_size(block) > LARGEST:
            raise _damaged("it claims to be larger than any article")
        return _decompressors.own.decompress(block, max_output_size=LARGEST)
    except zstandard.ZstdError as error:
        raise _damaged(error) from None


def _damaged(why: object) -> IndexDamaged:
    return IndexDamaged(f"a stored block cannot be unpacked ({why}); run `make index`")
