"""Sources, archives: what both kinds of archive give, one member after another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from searchsvc.sources.streams import Stream


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an archive under its label, to be read before the next one is asked for.

    Without a stream it cannot be read: ``trouble`` says why it is a failure, ``passed`` why it is
    none.
    """

    name: str
    stream: Stream | None = None
    trouble: str = ""
    passed: str = ""
