"""Places of matches without the compiled loops: their oracle, and what takes over for them.

A key is ``document << 32 | position``; keys come as bytes of int64, ascending. In ten documents a
word stands some thirty times: lists and sets take a fifth of numpy's time.
"""

from __future__ import annotations

import itertools
from array import array
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.analysis.tokenizer import PIECE
from searchsvc.engines.protocol import PLACE, ZONES, Zone
from searchsvc.engines.whoosh.spans import DOC_SHIFT
from searchsvc.schema import POSITION_GAP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Offsets = memoryview[int]
    OffsetsOf = Callable[[str, int], tuple[Offsets, Offsets]]

POSITION = (1 << DOC_SHIFT) - 1

Document = tuple[str, str, int, int, int]
"""Title, text, number, tokens of its title, whether the title is made."""

Standing = tuple[int, bytes, int, bytes]
"""A clause, where it stands, how many tokens long, and where whole compounds begin."""


class _Place(NamedTuple):
    """An occurrence; ``whole`` says that a whole compound begins there."""

    clause: int
    position: int
    length: int
    whole: bool


_Measured = tuple[int, int, int, int, int]
"""A ``PLACE`` before it is packed."""


def keys_of(row: bytes) -> list[int]:
    """List keys."""
    return memoryview(row).cast("q").tolist()


def bytes_of(keys: Iterable[int]) -> bytes:
    """Write keys."""
    return array("q", keys).tobytes()


def united(rows: list[bytes]) -> bytes:
    """Give the distinct keys of all rows, ascending."""
    return bytes_of(sorted(set().union(*map(keys_of, rows))))


def side_by_side(rows: list[bytes]) -> bytes:
    """Give the keys of the first row that each further row has one position further on."""
    starts: set[int] | None = None
    for offset, row in enumerate(rows):
        own = {key - offset for key in keys_of(row)}
        starts = own if starts is None else starts & own
    return bytes_of(sorted(starts or ()))


def places(
    documents: Sequence[Document], standing: Iterable[Standing], offsets: OffsetsOf
) -> list[bytes]:
    """Give the places of matches in each document, by zone, then by place.

    ``offsets`` gives where a text's first tokens start and end.
    """
    found: dict[int, list[_Place]] = {doc: [] for _, _, doc, _, _ in documents}
    for clause, row, length, wholes in standing:
        whole = set(keys_of(wholes))
        for key in keys_of(row):
            place = _Place(clause, key & POSITION, length, key in whole)
            found[key >> DOC_SHIFT].append(place)
    return [_measured(document, found[document[2]], offsets) for document in documents]


def _measured(document: Document, places: Sequence[_Place], offsets_of: OffsetsOf) -> bytes:
    """Measure places in characters; what stands in a made title stands in the text too."""
    title, text, _, title_tokens, made = document
    body_start = title_tokens + POSITION_GAP if title_tokens and not made else 0
    titles = [place for place in places if place.position + place.length <= title_tokens]
    texts = places if made else [place for place in places if place.position >= body_start]
    found: list[_Measured] = []
    if texts:
        offsets = offsets_of(text, _last(texts) - body_start)
        found += _cut(Zone.TEXT, text, texts, body_start, offsets)
    if titles:
        if not made:
            offsets = offsets_of(title, _last(titles))
        # A made title may end inside a phrase or a compound of the text.
        found += [
            one for one in _cut(Zone.TITLE, title, titles, 0, offsets) if one[3] <= len(title)
        ]
    found.sort()
    return b"".join(itertools.starmap(PLACE.pack, found))


def _last(places: Iterable[_Place]) -> int:
    return max([place.position + place.length for place in places])


def _cut(
    zone: Zone, text: str, places: Iterable[_Place], first: int, offsets: tuple[Offsets, Offsets]
) -> list[_Measured]:
    starts, ends = offsets
    found = []
    for clause, position, length, whole in places:
        token = position - first
        start, end = starts[token], ends[token + length - 1]
        if whole:
            end = max(end, piece_end(text, start))
        found.append((ZONES.index(zone), position, start, end, clause))
    return found


def piece_end(text: str, start: int) -> int:
    """Give where the piece ends that begins at a place, or the place where none does."""
    piece = PIECE.match(text, start)
    return piece.end() if piece else start
