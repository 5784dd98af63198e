"""The report of a build: what was read, kept, skipped and failed, and why.

In: what the build met, one by one. Out: a frozen report, for people and as JSON.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from searchsvc.model import Failure
    from searchsvc.sources.walking import Skip

LISTED = 1_000
"""Failures and renamings listed one by one; beyond, only counted."""

TOLD = 5
"""Failures told with a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a build did.

    ``read`` counts the inputs (pages, dumps, records, feeds), ``articles`` what they gave,
    ``replaced`` those that took the place of an earlier one of the same id, ``kept`` what the
    generation holds. ``removed`` counts articles whose file is gone or no longer has them.
    ``unchanged`` counts files an update did not have to read. Where nothing ``changed`` there is no
    new generation: ``generation`` is the one that stays.
    """

    changed: bool
    read: int
    articles: int
    kept: int
    replaced: int
    removed: int
    skipped: int
    failed: int
    promos: int
    undated: int
    unchanged: int
    former: int
    generation: int | None
    seconds: float
    failures: tuple[Failure, ...]
    renamed: tuple[tuple[str, str], ...]
    skips: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class Tally:
    """Counts while a build runs."""

    read: int = 0
    articles: int = 0
    replaced: int = 0
    removed: int = 0
    failed: int = 0
    promos: int = 0
    undated: int = 0
    unchanged: int = 0
    failures: list[Failure] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)
    skips: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)

    def fail(self, failure: Failure) -> None:
        """Count an input that could not be used."""
        self.failed += 1
        if len(self.failures) < LISTED:
            self.failures.append(failure)

    def skip(self, skip: Skip) -> None:
        """Count an input that is no article."""
        self.skips[skip.reason] += 1

    def rename(self, given: str, settled: str) -> None:
        """Count an article whose id another article has."""
        if len(self.renamed) < LISTED:
            self.renamed.append((given, settled))

    def account(self) -> tuple[str, ...]:
        """Say in a few lines what the build met, where it comes to no report."""
        counts = f"read {self.read}, skipped {self.skips.total()}, failed {self.failed}"
        told = (f"failed {failure.place}: {failure.reason}" for failure in self.failures[:TOLD])
        return (counts, *told)

    def report(
        self, *, changed: bool, kept: int, former: int, generation: int | None, seconds: float
    ) -> Report:
        """Freeze the counts."""
        return Report(
            changed=changed,
            read=self.read,
            articles=self.articles,
            kept=kept,
            replaced=self.replaced,
            removed=self.removed,
            skipped=self.skips.total(),
            failed=self.failed,
            promos=self.promos,
            undated=self.undated,
            unchanged=self.unchanged,
            former=former,
            generation=generation,
            seconds=seconds,
            failures=tuple(self.failures),
            renamed=tuple(self.renamed),
            skips=tuple(self.skips.most_common()),
            languages=tuple(self.languages.most_common()),
        )
