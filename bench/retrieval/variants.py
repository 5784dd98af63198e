"""Our engine as it is, and with single choices switched off: what each of them is worth."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.engines.whoosh import paging, scoring, second_pass
from searchsvc.query import preferring, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from searchsvc.config import Settings

OURS = "ours"
"""The shipped configuration, which the others are compared with."""


class Variant(NamedTuple):
    """A name for the table, the settings that differ from the shipped ones, and the constants.

    ``index`` names an index of its own where the variant is indexed otherwise.
    """

    name: str
    settings: tuple[tuple[str, object], ...] = ()
    constants: tuple[tuple[ModuleType, str, float], ...] = ()
    index: str = OURS

    def applied(self, settings: Settings) -> Settings:
        """Give the settings of this variant."""
        return replace(settings, **dict(self.settings))

    @contextmanager
    def weighing(self) -> Iterator[None]:
        """Rank with this variant's constants for a while."""
        former = [(module, name, getattr(module, name)) for module, name, _ in self.constants]
        try:
            for module, name, value in self.constants:
                setattr(module, name, value)
            yield
        finally:
            for module, name, value in former:
                setattr(module, name, value)


VARIANTS = (
    Variant(OURS),
    Variant(
        "plain",
        (("synonyms", Path("none")),),
        (
            (paging, "FIRST", 0),
            (scoring, "K1", 1.2),
            (words, "QUESTION_WEIGHT", 1.0),
            (words, "NAME_WEIGHT", 0.0),
            (preferring, "FEW", 0),
        ),
    ),
    Variant("no-synonyms", (("synonyms", Path("none")),)),
    Variant("no-preference", constants=((preferring, "FEW", 0),)),
    Variant("no-second-pass", constants=((paging, "FIRST", 0),)),
    Variant("no-forms", constants=((second_pass, "FORM_WEIGHT", 0.0),)),
    Variant("no-related", constants=((second_pass, "RELATED_WEIGHT", 0.0),)),
    Variant("no-lead", constants=((second_pass, "LEAD_WEIGHT", 0.0),)),
    Variant("no-closeness", constants=((second_pass, "CLOSE_WEIGHT", 0.0),)),
    Variant("k1-1.2", constants=((scoring, "K1", 1.2),)),
    Variant("questions-whole", constants=((words, "QUESTION_WEIGHT", 1.0),)),
)
"""The shipped configuration first; `plain` is BM25 over lemmas and nothing else."""
