"""The surface forms of a generation, which corrections come from, straight from its lexicons.

In: segments. Out: how many articles have a form, the forms near a word, all of them in parts.
Nothing is held in memory: the lexicons are mapped, and workers share their pages.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from searchsvc.engines.whoosh.segment import PostingField, Segment

AT_ONCE = 1 << 12
"""Forms given at a time: a quarter of a megabyte as strings."""


class Forms:
    """The forms of titles and texts in some segments; safe to use from many threads."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._fields = [_Counted(segment) for segment in segments]

    def distinct(self) -> int:
        """Count the forms of the segment that has the most."""
        return max((len(field.lexicon) for field in self._fields), default=0)

    def parts(self) -> Iterator[list[str]]:
        """Go through all forms; one that several segments have comes with each."""
        for field in self._fields:
            for low in range(0, len(field.lexicon), AT_ONCE):
                yield list(field.lexicon.between(low, min(low + AT_ONCE, len(field.lexicon))))

    def articles(self, form: str) -> int:
        """Count the articles that have a folded form."""
        return sum(field.articles(form) for field in self._fields)

    def near(self, form: str, edits: int, least: int = 1) -> list[tuple[str, int, int]]:
        """List the forms within some edits of a folded one, with their articles and edits.

        Those more than one edit away only where ``least`` articles have them.
        """
        counts: Counter[str] = Counter()
        away: dict[str, int] = {}
        alone = least if len(self._fields) == 1 else 1
        for field in self._fields:
            for text, articles, distance in field.near(form, edits, alone):
                counts[text] += articles
                away[text] = distance
        return [
            (text, articles, away[text])
            for text, articles in counts.items()
            if articles >= (least if away[text] > 1 else 1)
        ]


class _Counted:
    """The forms of one segment and how many living articles have each."""

    def __init__(self, segment: Segment) -> None:
        self._field: PostingField = segment.field(Field.TEXT, Stream.FORMS)
        self._has_deletions = segment.has_deletions
        self.lexicon = self._field.lexicon

    def articles(self, form: str) -> int:
        number = self.lexicon.find(form)
        if number < 0:
            return 0
        if self._has_deletions:
            return int(self._counts(np.array([number])).item())
        return self._field.articles(number, number + 1)

    def near(self, form: str, edits: int, least: int) -> Iterator[tuple[str, int, int]]:
        numbers, distances = self.lexicon.near(form, edits)
        counts = self._counts(numbers)
        kept = np.flatnonzero(counts >= np.where(distances > 1, least, 1))
        for at in kept.tolist():
            yield self.lexicon[numbers.item(at)], counts.item(at), distances.item(at)

    def _counts(self, numbers: NDArray[np.integer]) -> NDArray[np.int64]:
        wide = numbers.astype(np.int64)
        if self._has_deletions:
            return self._field.living_frequencies(wide)
        return self._field.frequencies(wide)
