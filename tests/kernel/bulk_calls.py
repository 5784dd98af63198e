"""Calls of what packs and unpacks in bulk: sound ones as in numpy, damaged ones survived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from packed_lists import drawn

from searchsvc.engines.whoosh import fuzzy, portable_lexicon
from searchsvc.engines.whoosh.documents import portable_documents
from searchsvc.engines.whoosh.letters import key_of
from searchsvc.engines.whoosh.lexicon import Lexicon, pack
from searchsvc.engines.whoosh.packing import portable_frames
from searchsvc.engines.whoosh.portable_lexicon import Packed
from searchsvc.engines.whoosh.shapes import shapes

if TYPE_CHECKING:
    from numpy.typing import NDArray

LETTERS = list("абвгдеё-xyz\u0301")
ODD = list("аб\u0301\u0302日\U0001f600\U0001f601")
"""Letters of one to five bytes, some of which begin alike."""
TYPES = ("u1", "<u2", "<u4", "<u8", "<i4", "<f8")
FREQUENCIES = ("freqs", "rare_at", "rare_tf", "rare_title", "frames", "widths", "positions")
MARGIN = np.zeros(8, np.uint8)
EACH = 10
"""Damaged calls of one lexicon, each with other damage."""


class Tally(NamedTuple):
    """How many calls were made and how many were refused."""

    cases: int
    refused: int


def lexicon(chance: np.random.Generator) -> Packed:
    """Make a lexicon of random words, some of them long."""
    words = (
        "".join(chance.choice(LETTERS, chance.integers(9))) for _ in range(chance.integers(60))
    )
    return Packed(**pack(sorted(word * int(chance.choice((1, 1, 1, 50))) for word in words)))  # type: ignore[arg-type]


def field(chance: np.random.Generator) -> tuple[tuple[NDArray[Any], ...], int]:
    """Make the arrays of random postings, and say how many there are."""
    size = int(chance.integers(100))
    postings = drawn(chance, 1_000, [size])
    frames = portable_frames(*postings[2:], 0)
    arrays = frames._asdict()
    arrays["frames"] = np.concatenate((np.zeros(1, np.uint32), frames.frames))
    arrays["positions"] = np.concatenate((frames.positions, MARGIN))
    return tuple(arrays[name] for name in FREQUENCIES), size


def blocks_of(chance: np.random.Generator) -> list[NDArray[Any]]:
    """Draw the documents of blocks, and how many each has."""
    sizes = chance.choice((0, 1, 30, 384, 385, 700), chance.integers(4))
    return [drawn(chance, int(chance.choice((900, 60_000))), sizes.tolist()).docs, sizes]


def compare(kernel: Any, cases: int, seed: int) -> None:
    """Make sound calls of the compiled functions and of those in numpy."""
    chance = np.random.default_rng(seed)
    for _ in range(cases // 4):
        words = lexicon(chance)
        count = words.sizes.size
        for word in portable_lexicon.keys(words, 0, count) or [b"\xb0"]:
            key = word[: chance.integers(len(word) + 1)] + bytes(
                chance.integers(0, 256, 1).tolist()
            )
            for wanted in (key, word):
                assert kernel.find(words, wanted) == portable_lexicon.find(words, wanted)
        low, high = sorted(chance.integers(0, count + 1, 2).tolist())
        assert kernel.keys(words, low, high) == portable_lexicon.keys(words, low, high)
        compare_near(kernel, chance)
        postings = drawn(chance, 1_000, [int(chance.integers(200))])[2:]
        packed = kernel.pack(*postings, 7)
        assert packed == tuple(array.tobytes() for array in portable_frames(*postings, 7))
        blocks = blocks_of(chance)
        found = kernel.pack_documents(*blocks)
        assert found == tuple(array.tobytes() for array in portable_documents(*blocks))


def compare_near(kernel: Any, chance: np.random.Generator) -> None:
    """Look for words near others among many short ones, which nearly all are near something."""
    letters = ODD if chance.integers(2) else LETTERS[:3]
    words = ("".join(chance.choice(letters, chance.integers(8))) for _ in range(150))
    many = Packed(**pack(sorted({*words})))  # type: ignore[arg-type]
    for packed in (many, lexicon(chance)):
        whole = Lexicon(packed)
        wanted = "".join(chance.choice(letters, chance.integers(8)))
        for pattern in (wanted, *list(whole)[:1]):
            edits = int(chance.integers(4))
            numbers, distances = fuzzy.near(whole, shapes(whole), pattern, edits)
            found = kernel.near(packed, key_of(pattern), edits)
            assert found == (numbers.tobytes(), distances.tobytes())


def survive(kernel: Any, cases: int, seed: int) -> Tally:
    """Make calls with damaged arrays: they give something or a ValueError."""
    chance = np.random.default_rng(seed)
    refused = 0
    for number in range(cases):
        if number % EACH == 0:
            words = lexicon(chance)
        try:
            _damaged(kernel, chance, words)
        except (ValueError, OverflowError):
            refused += 1
    return Tally(cases, refused)


def _damaged(kernel: Any, chance: np.random.Generator, sound: Packed) -> None:
    which = chance.integers(6)
    if which < 3:
        words = tuple(_changed(sound, chance))
        low, high = chance.integers(-2, 70, 2).tolist()
        looked_for = bytes(chance.choice((0x78, 0x80, 0xB0, 0xB1, 0xC3, 0xFF), 3).tolist())
        if which == 0:
            kernel.keys(words, low, high)
        elif which == 1:
            kernel.find(words, looked_for)
        else:
            kernel.near(words, looked_for, int(chance.integers(4)))
    elif which == 3:
        columns = list(drawn(chance, 1_000, [int(chance.integers(100))])[2:])
        kernel.pack(*_changed(columns, chance), int(chance.choice((0, 5, 2**32 - 1))))
    elif which == 4:
        kernel.pack_documents(*_changed(blocks_of(chance), chance))
    else:
        arrays, size = field(chance)
        first, last = sorted(chance.integers(-2, size + 3, 2).tolist())
        all_ = size + int(chance.choice((0, 0, 0, 1, 2**31, -size)))
        kernel.unpack(tuple(_changed(arrays, chance)), first, last, all_)


def _changed(arrays: Any, chance: np.random.Generator) -> list[NDArray[Any]]:
    """Change a number, a length or a type of one array or two."""
    found = [array.copy() for array in arrays]
    for number in chance.integers(0, len(found), chance.integers(1, 3)).tolist():
        array = found[number]
        how = chance.integers(8)
        if how == 0:
            found[number] = array[: chance.integers(array.size + 1)].copy()
        elif how == 1:
            found[number] = array.astype(chance.choice(TYPES))
        elif array.size:
            limits = np.iinfo(array.dtype)
            near = int(array[place := chance.integers(array.size)]) + int(chance.integers(-2, 3))
            far = int(chance.integers(limits.min, limits.max, endpoint=True, dtype=array.dtype))
            array[place] = min(max(near, limits.min), limits.max) if how < 5 else far
    return found
