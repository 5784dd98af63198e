"""Unquoting: a pasted headline has quotation marks that its reader did not mean as an operator.

In: typed text. Out: the same without plain quotes; those of ``!"…"``, ``-"…"``, ``поле:"…"`` and
``"…"~5`` were meant.
"""

from __future__ import annotations

import re

from searchsvc.correction.corrector import Correction, Reason

_QUOTED = re.compile(r"""(?<![!:\-\w])"([^"]*)"(?!~)""")


def unquoted(text: str) -> Correction | None:
    """Give a query without its plain quotes; None where it has none."""
    plain = _QUOTED.sub(r"\1", text)
    return Correction(plain, Reason.QUOTES) if plain != text else None
