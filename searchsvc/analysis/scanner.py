"""The scanner: from a text to the numbers of its forms and their places, at the speed of indexing.

In: texts. Out: arrays by position, and a vocabulary that grows: each new form has the next number.
``_scanner`` reads what is usual; what it does not know is asked here, piece by piece. Where it was
not compiled everything is read here.
"""

from __future__ import annotations

import os
import sys
import threading
from array import array
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.analysis.classes import tables
from searchsvc.analysis.tokenizer import MAX_FORM, PIECE, Compound, read_piece
from searchsvc.model import NARROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from numpy.typing import NDArray

    Part = tuple[int, int, str]
    Piece = tuple[int, str, tuple[Part, ...] | None]
    Places = memoryview[int]
    Quick = Callable[[str, bytes], bytes | None]

try:
    from searchsvc.analysis import _scanner

    compiled: ModuleType | None = _scanner
except ImportError:
    compiled = None

CACHED = 50_000
"""Odd pieces remembered by how they are written; about 300 bytes each."""


class Scan(NamedTuple):
    """A text by position, int32: numbers of ``forms``, and where each token starts and ends.

    ``compounds`` (n, 2) are the positions of whole compounds and their forms' numbers.
    """

    forms: NDArray[np.int32]
    compounds: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]


class Scanner:
    """Reads texts and numbers their forms; may be shared by threads.

    The vocabulary only grows: its owner makes a new scanner when it is large. It begins with the
    ``known`` forms, lines of UTF-8, whose numbers are 0, 1, and so on. With ``portable`` the
    compiled one is left out. ``quick`` gives where some tokens, ascending int32, start and end,
    pairs, as many as the text has, or None of a text that is left to ``places``.
    """

    def __init__(self, known: bytes = b"", *, portable: bool = False) -> None:
        self.known = known.count(b"\n") + 1 if known else 0
        self._forms: list[str] = []
        self._numbers: dict[str, int] = {}
        self._pieces: dict[str, str | Compound] = {}
        self._lock = threading.Lock()
        self._compiled: _scanner.Scanner | None = None
        self.quick: Quick = _nothing
        if compiled is not None and not portable:
            secret = int.from_bytes(os.urandom(8))
            self._compiled = compiled.Scanner(*tables(), secret, known, self._numbers, self._asked)
            self.quick = self._compiled.some
        elif known:
            lines = known.decode("utf-8", "surrogatepass").split("\n")
            self._numbers |= {form: number for number, form in enumerate(lines)}

    def __len__(self) -> int:
        """Tell how many forms it knows."""
        return self.known + len(self._forms if self._compiled is None else self._compiled)

    @property
    def forms(self) -> list[str]:
        """List the forms that came to those it began with."""
        lines = self.lines(0)
        return lines.decode("utf-8", "surrogatepass").split("\n") if lines else []

    def lines(self, first: int) -> bytes:
        """Give those forms from one of them on, lines of UTF-8."""
        if self._compiled is not None:
            return self._compiled.lines(first)
        return "\n".join(self._forms[first:]).encode("utf-8", "surrogatepass")

    def scan(self, text: str) -> Scan:
        """Read forms, compounds and places."""
        found = self._compiled.scan(text) if self._compiled is not None else None
        if found is None:
            return self._portable(text)
        forms, compounds, starts, ends = (np.frombuffer(each, np.int32) for each in found)
        return Scan(forms, compounds.reshape(-1, 2), starts, ends)

    def terms(self, text: str | bytes) -> tuple[bytes, bytes]:
        """Read forms and compounds only, as the bytes of the arrays; of a text or of ``NARROW``."""
        found = self._compiled.terms(text) if self._compiled is not None else None
        if found is None:
            scan = self._portable(text if isinstance(text, str) else text.decode(NARROW))
            return scan.forms.tobytes(), scan.compounds.tobytes()
        forms, compounds = found
        return forms, compounds

    def places(self, text: str, most: int = sys.maxsize) -> tuple[Places, Places]:
        """Read starts and ends only, of the first ``most`` tokens at least; learn no forms."""
        found = self._compiled.places(text, most) if self._compiled is not None else None
        if found is None:
            return self._portable_places(text, most)
        starts, ends = found
        return memoryview(starts).cast("i"), memoryview(ends).cast("i")

    def _asked(self, text: str, start: int) -> Piece:
        """Read the piece that begins at a letter or digit: end, form, parts of a compound."""
        match = PIECE.match(text, start)
        if match is None:
            raise ValueError(f"no piece begins at {start}")
        piece = self._piece(match[0])
        if isinstance(piece, str):
            return match.end(), piece, None
        parts = tuple((start + part.start, start + part.end, part.form) for part in piece.parts)
        return match.end(), piece.form, parts

    def _pieces_of(self, text: str) -> Iterator[tuple[int, Piece]]:
        for match in PIECE.finditer(text):
            yield match.start(), self._asked(text, match.start())

    def _portable(self, text: str) -> Scan:
        forms, compounds, starts, ends = (array("i") for _ in range(4))
        for start, (end, form, parts) in self._pieces_of(text):
            if parts is not None:
                compounds.extend((len(forms), self._number(form)))
            for first, last, own in parts or ((start, end, form),):
                forms.append(self._number(own))
                starts.append(first)
                ends.append(last)
        arrays = (np.array(each, np.int32) for each in (forms, compounds, starts, ends))
        forms_, compounds_, starts_, ends_ = arrays
        return Scan(forms_, compounds_.reshape(-1, 2), starts_, ends_)

    def _portable_places(self, text: str, most: int) -> tuple[Places, Places]:
        starts, ends = array("i"), array("i")
        for start, (end, form, parts) in self._pieces_of(text):
            if len(starts) >= most:
                break
            for first, last, _ in parts or ((start, end, form),):
                starts.append(first)
                ends.append(last)
        return memoryview(starts), memoryview(ends)

    def _number(self, form: str) -> int:
        if self._compiled is not None:
            return self._compiled.number(form)
        number = self._numbers.get(form)
        if number is not None:
            return number
        with self._lock:
            if form not in self._numbers:
                self._numbers[form] = len(self)
                self._forms.append(form)
            return self._numbers[form]

    def _piece(self, surface: str) -> str | Compound:
        piece = self._pieces.get(surface)
        if piece is None:
            piece = read_piece(surface)
            if len(surface) <= MAX_FORM:
                if len(self._pieces) >= CACHED:
                    self._pieces.clear()
                self._pieces[surface] = piece
        return piece


def _nothing(_text: str, _tokens: bytes) -> None:
    """Leave every text to ``Scanner.places``."""
