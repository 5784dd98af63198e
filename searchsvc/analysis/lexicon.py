"""The compiled lexicon: pymorphy3's dictionary as its files have it, for ``_lexicon``.

In: a dictionary that pymorphy3 loaded. Out: the same words, mapped from the same files, with its
paradigms and tags as arrays; nothing where ``_lexicon`` was not compiled or the files are not what
it reads, so that pymorphy3 is asked about everything, which takes 4 times as long.
"""

from __future__ import annotations

import logging
import mmap
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from searchsvc.analysis._lexicon import Lexicon

try:
    from searchsvc.analysis import _lexicon

    compiled: ModuleType | None = _lexicon
except ImportError:
    compiled = None

log = logging.getLogger(__name__)

WORDS = "words.dawg"
COUNTS = "p_t_given_w.intdawg"
ENDINGS = "prediction-suffixes-{}.dawg"


def opened(dictionary: Any, prefixes: Iterable[str]) -> Lexicon | None:
    """Open the files of a dictionary (11 ms), or nothing where that cannot be.

    ``prefixes`` are those that known words are looked for behind.
    """
    if compiled is None or sys.byteorder != "little":
        return None
    names = (WORDS, COUNTS, *map(ENDINGS.format, range(len(dictionary.paradigm_prefixes))))
    try:
        files = tuple(_mapped(Path(dictionary.path, name)) for name in names)
        lexicon: Lexicon = compiled.Lexicon(
            files, _tables(dictionary, prefixes), len(dictionary.suffixes)
        )
    except (OSError, ValueError) as error:
        log.warning("the dictionary is read by pymorphy3, slowly: %s", error)
        return None
    return lexicon


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _tables(dictionary: Any, prefixes: Iterable[str]) -> tuple[bytes, ...]:
    """Lay out paradigms and where each ends, suffixes and prefixes and where each ends, tags.

    Prefixes of words are tried as they stand: the longest first, as pymorphy3 does.
    Nine tags of 5,532 are written otherwise than one that equals them.
    """
    paradigms, tags = dictionary.paradigms, dictionary.gramtab
    longest = sorted(set(prefixes), key=len, reverse=True)
    parts = [*dictionary.suffixes, *dictionary.paradigm_prefixes, *longest]
    first: dict[Any, int] = {}
    alike = [first.setdefault(tag, number) for number, tag in enumerate(tags)]
    return (
        b"".join(paradigm.tobytes() for paradigm in paradigms),
        np.cumsum([0, *map(len, paradigms)]).astype("<i4").tobytes(),
        "".join(parts).encode("utf-16-le"),
        np.cumsum([*map(len, parts)]).astype("<i4").tobytes(),
        np.array(alike, "<u2").tobytes(),
        bytes(tag.is_productive() for tag in tags),
    )
