"""Our engine as it is, and with single choices switched off: what each of them is worth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from searchsvc.config import Settings

OURS = "ours"
"""The shipped configuration, which the others are compared with."""


class Variant(NamedTuple):
    """A name for the table and the settings that differ from the shipped ones.

    ``index`` names an index of its own where the variant is indexed otherwise.
    """

    name: str
    settings: tuple[tuple[str, object], ...] = ()
    index: str = OURS

    def applied(self, settings: Settings) -> Settings:
        """Give the settings of this variant."""
        return replace(settings, **dict(self.settings))


VARIANTS = (
    Variant(OURS),
    Variant("no-synonyms", (("synonyms", Path("none")),)),
)
"""The shipped configuration first."""
