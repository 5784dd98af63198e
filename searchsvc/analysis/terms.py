"""Terms: what a form is indexed under, and why."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Where a term comes from.

    The dictionary; an analogy with known words; a stem that the cases of an unknown name share;
    the form itself; a synonym (in queries only).
    """

    KNOWN = "known"
    GUESSED = "guessed"
    STEM = "stem"
    LITERAL = "literal"
    SYNONYM = "synonym"


class Term(NamedTuple):
    """One term and where it comes from."""

    lemma: str
    kind: Kind
