"""Posting lists into the arrays of a segment's file: documents, frequencies, positions.

In: postings piece by piece, in the order of terms, then of documents; a piece never ends inside a
block. Out: named arrays, appended piece by piece. What they mean is in ARCHITECTURE.md; they are
read back by ``unpacking``.

A segment's documents are cut into chunks of 65,536 numbers. A term's postings in one chunk are a
block, whose documents ``documents`` packs. A posting's positions are its first one and the gaps to
the next; they stand in frames of 32 postings, each with as many bits as its largest needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.engines.whoosh.bulk import compiled
from searchsvc.engines.whoosh.documents import CHUNK, CHUNK_BITS, NEAR, ROOM, pack_documents

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Append = Callable[[str, NDArray[np.generic]], None]
    Counts = NDArray[np.int32]
    Positions = NDArray[np.uint32]

FRAME = 32
"""Postings whose positions have one width. 57,000 articles take 29.8 MB of positions and widths in
frames of 32, as much in frames of 64, 30.5 in frames of 128 (reading one posting counts more)."""

MARGIN = 8
"""Zero bytes after the positions, so that eight bytes may be read from any that counts."""

RARE = 15
"""The nibble that sends to the lists of rare frequencies."""

PLAIN = 9
"""Nibbles 0 to 8 are tf 1 to 9 outside titles."""

TITLED = 6
"""Nibbles 9 to 14 are tf 1 to 6, one of it in a title that weighs more."""

FAR = (1 << 32) - 1


class Postings(NamedTuple):
    """Postings of ascending terms and, for each term, ascending documents; ``p`` of them.

    ``title_tf`` counts the occurrences in a title that weigh more: none where the title is made
    from the text. ``positions`` stand end to end, ``tf`` for each posting.
    """

    terms: NDArray[np.int32]
    docs: NDArray[np.int32]
    tf: Counts
    title_tf: Counts
    positions: Positions


class Frames(NamedTuple):
    """Frequencies and positions of postings, packed: a piece of each array, named as in the file.

    ``frames`` are where each frame ends, counted from the first one's beginning.
    """

    freqs: NDArray[np.uint8]
    rare_at: NDArray[np.uint32]
    rare_tf: NDArray[np.uint32]
    rare_title: NDArray[np.uint16]
    positions: NDArray[np.uint8]
    widths: NDArray[np.uint8]
    frames: NDArray[np.uint32]


class Packer:
    """Packs the postings of one field; ``append`` takes each finished piece of an array.

    ``terms`` and ``documents`` are how many the segment will have.
    """

    def __init__(self, name: str, terms: int, documents: int, append: Append) -> None:
        self._name = name
        self._append = append
        self._whole = documents <= CHUNK
        self._sizes = np.zeros(terms, np.int64)
        self._postings = self._blocks = self._bytes = self._larger = self._words = 0
        self._large = [np.zeros(0, np.uint32)]
        none = np.zeros(0, np.int32)
        self._rest = Postings(none, none, none, none, none.astype(np.uint32))
        self._begin()

    def add(self, piece: Postings) -> None:
        """Take the next postings; no block may be in two pieces."""
        self._pack_blocks(piece)
        tf = np.concatenate((self._rest.tf, piece.tf))
        title_tf = np.concatenate((self._rest.title_tf, piece.title_tf))
        positions = np.concatenate((self._rest.positions, piece.positions))
        whole = tf.size - tf.size % FRAME
        ends = int(tf[:whole].sum(dtype=np.int64))
        self._pack_frames(tf[:whole], title_tf[:whole], positions[:ends])
        self._rest = self._rest._replace(
            tf=tf[whole:], title_tf=title_tf[whole:], positions=positions[ends:]
        )

    def finish(self) -> None:
        """Write what is left, and what is known only at the end."""
        _, _, tf, title_tf, positions = self._rest
        self._pack_frames(tf, title_tf, positions)
        self._put("positions", np.zeros(MARGIN, np.uint8))
        self._put("words", ROOM)
        ends = np.concatenate((np.zeros(1, np.int64), np.cumsum(self._sizes)))
        self._put("blocks" if self._whole else "lists", ends.astype(np.uint32))
        blocks = self._sizes.size if self._whole else self._blocks
        near = np.concatenate(self._large).searchsorted(np.arange(0, blocks + 1, NEAR))
        self._put("large_near", near.astype(np.uint32))

    def _begin(self) -> None:
        """Make sure that every array is there, and those of n + 1 numbers begin with 0."""
        first = np.zeros(1, np.uint32)
        for part in ("large_before", "large_at", "frames"):
            self._put(part, first)
        if not self._whole:
            self._put("blocks", first)
        self.add(self._rest)

    def _put(self, part: str, values: NDArray[np.generic]) -> None:
        self._append(f"{self._name}/{part}", values)

    def _pack_blocks(self, piece: Postings) -> None:
        heads, chunks = _heads(piece)
        sizes = np.diff(heads, append=piece.docs.size)
        terms = piece.terms[heads].astype(np.int64)
        if self._whole:
            self._sizes[terms] = sizes
            numbers = terms
        else:
            self._sizes += np.bincount(terms, minlength=self._sizes.size)
            self._put("chunks", chunks.astype(np.uint16))
            ends = self._postings_before() + np.cumsum(sizes)
            self._put("blocks", ends.astype(np.uint32))
            numbers = self._blocks + np.arange(heads.size)
            self._blocks += heads.size
        self._pack_documents(piece.docs, sizes, numbers)

    def _postings_before(self) -> int:
        return self._postings + int(self._rest.tf.size)

    def _pack_documents(
        self, docs: NDArray[np.int32], sizes: NDArray[np.int64], numbers: NDArray[np.int64]
    ) -> None:
        documents = pack_documents(docs, sizes)
        larger = documents.counts > 0
        self._large.append(numbers[larger].astype(np.uint32))
        before = self._larger + np.cumsum(sizes[larger])
        ends = self._words + np.cumsum(documents.counts[larger], dtype=np.int64)
        self._larger += int(sizes[larger].sum())
        self._words += documents.words.size
        self._put("lows", documents.lows)
        self._put("words", documents.words)
        self._put("large", self._large[-1])
        self._put("large_before", before.astype(np.uint32))
        self._put("large_at", ends.astype(np.uint32))

    def _pack_frames(self, tf: Counts, title_tf: Counts, positions: Positions) -> None:
        frames = pack_frames(tf, title_tf, positions, self._postings)
        for part, values in frames._asdict().items():
            self._put(part, values + np.uint32(self._bytes) if part == "frames" else values)
        self._bytes += frames.positions.size
        self._postings += tf.size


def _heads(piece: Postings) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Find where the blocks of a piece begin, and the chunk of each."""
    chunks = piece.docs >> CHUNK_BITS
    fresh = np.ones(chunks.size, np.bool_)
    fresh[1:] = (piece.terms[1:] != piece.terms[:-1]) | (chunks[1:] != chunks[:-1])
    heads = np.flatnonzero(fresh)
    return heads, chunks[heads]


def pack_frames(tf: Counts, title_tf: Counts, positions: Positions, first: int) -> Frames:
    """Pack frequencies and positions of postings, of which the first has a number."""
    if compiled is None:
        return portable_frames(tf, title_tf, positions, first)
    found = compiled.pack(tf, title_tf, positions, first)
    types = (np.uint8, np.uint32, np.uint32, np.uint16, np.uint8, np.uint8, np.uint32)
    arrays = (np.frombuffer(data, dtype) for data, dtype in zip(found, types, strict=True))
    return Frames(*arrays)


def portable_frames(tf: Counts, title_tf: Counts, positions: Positions, first: int) -> Frames:
    """Do the same without the compiled kernel."""
    nibbles = _nibbles(tf, title_tf)
    rare = np.flatnonzero(nibbles == RARE)
    counts = np.add.reduceat(tf, np.arange(0, tf.size, FRAME), dtype=np.int64)
    packed, widths, ends = _pack_positions(_gaps(positions, tf), counts)
    return Frames(
        freqs=_pairs(nibbles),
        rare_at=(rare + first).astype(np.uint32),
        rare_tf=tf[rare].astype(np.uint32),
        rare_title=np.minimum(title_tf[rare], CHUNK - 1).astype(np.uint16),
        positions=packed,
        widths=widths,
        frames=ends.astype(np.uint32),
    )


def _nibbles(tf: Counts, title_tf: Counts) -> NDArray[np.uint8]:
    """Code the usual pairs of tf and title tf as 0 to 14, all others as 15."""
    plain = (title_tf == 0) & (tf <= PLAIN)
    titled = (title_tf == 1) & (tf <= TITLED)
    nibbles = np.where(plain, tf - 1, np.where(titled, tf - 1 + PLAIN, RARE))
    return nibbles.astype(np.uint8)


def _pairs(nibbles: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay two nibbles a byte, the first one low."""
    even = np.append(nibbles, np.zeros(nibbles.size % 2, np.uint8))
    packed: NDArray[np.uint8] = np.bitwise_or(even[::2], even[1::2] << 4)
    return packed


def _gaps(positions: Positions, tf: Counts) -> Positions:
    """Give the first position of each posting, and of the others how far they are behind."""
    gaps = np.diff(positions, prepend=np.zeros(1, np.uint32))
    heads = np.cumsum(tf, dtype=np.int64) - tf
    gaps[heads] = positions[heads]
    return gaps


def _pack_positions(
    positions: Positions, counts: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int64]]:
    """Pack frames of ``counts`` positions each; every one begins on a byte.

    Returns the bytes, each frame's bits a position (1 to 32) and where it ends.
    """
    begins = np.cumsum(counts) - counts
    largest = np.maximum.reduceat(positions.astype(np.float64), begins) if counts.size else begins
    widths: NDArray[np.int64] = np.maximum(np.frexp(largest)[1], 1).astype(np.int64)
    ends = np.cumsum((counts * widths + 7) >> 3)
    starts = ends - ((counts * widths + 7) >> 3)
    within = np.arange(positions.size) - np.repeat(begins, counts)
    bits = np.repeat(starts * 8, counts) + within * np.repeat(widths, counts)
    size = int(ends[-1]) if ends.size else 0
    return _scattered(positions, bits, size), widths.astype(np.uint8), ends


def _scattered(values: NDArray[np.uint32], bits: NDArray[np.int64], size: int) -> NDArray[np.uint8]:
    """Put values at their bits; sums of parts that share no bit are exact in 53 bits."""
    shifted = values.astype(np.uint64) << (bits & 31).astype(np.uint64)
    words, count = bits >> 5, (size >> 2) + 2
    low = np.bincount(words, (shifted & np.uint64(FAR)).astype(np.float64), count)
    high = np.bincount(words + 1, (shifted >> np.uint64(32)).astype(np.float64), count)
    return (low + high).astype("<u4").view(np.uint8)[:size]
