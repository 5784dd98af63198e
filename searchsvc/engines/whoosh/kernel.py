"""The kernel: the inner loops over posting lists, compiled or portable, with one meaning.

In: the arrays of segments, held once; then programs, nested tuples made from a query's tree. Out:
totals, the best documents, counts, over all segments together. ``_kernel`` is there when
installation found a compiler, ``portable`` takes over where not, and the tests hold the two against
each other.

A program's nodes are tuples that begin with their kind. What is in the plural and differs from
segment to segment is a tuple with one item for each:

- ``(WORD, weight, terms)``: documents that have a term, None where no document has it. It may be a
  union of terms: their frequencies add up to 255 at most. A score is
  ``weight * table[weighted tf << 8 | length code]``.
- ``(WIDE, weight, rows)``: the same of any of many terms, by number. A segment's row is a tuple of
  parts: ``(field, low, high, None)`` is a range, ``(field, 0, 0, numbers)`` a choice (uint32).
- ``(TITLE, weight, rows)``: documents that have any of a row's terms in their title.
- ``(SPANS, weight, distance, items)``: documents where the items stand side by side, or with a
  distance from 0 on where two items stand 1 to ``distance`` apart. Each is ``(terms, rows)``: terms
  as of a word, and in a row those that its term unites. The frequency counts the places, or the
  first item's positions that have such a neighbour.
- ``(VALUE, columns)``: documents that carry a value, all with the score 0. A segment's column is
  ``(starts, ordinals, ordinal)``, or None where no document carries it.
- ``(SET, numbers, scores)``: a finished set (int32 ascending; float32, or None for zeros).
- ``(ALL, must, should, without, dated, first day, last day)``: documents that all of ``must`` match
  and none of ``without``, whole inside the days if ``dated``. Scores add up, must before should.
- ``(ANY, children)``, ``(BEST, children)``: documents that some child matches; scores add up, or
  the best counts.

Documents go by number: those of the second segment follow those of the first one, and so on.
Scores are float32, added in the order of the program, so that both implementations give the same
bits. The root of a program is a branch. Impacts, weights and scores are finite and not negative.
"""

from __future__ import annotations

from typing import Any, Protocol

from searchsvc.engines.whoosh import portable

WORD, WIDE, TITLE, SPANS, VALUE, SET, ALL, ANY, BEST = range(9)

NOTHING: Program = (ANY, ())
"""The branch that no document matches."""

Buffer = Any
"""An object that gives its memory: an array or bytes. Python 3.11 has no type for it."""

Program = tuple[Any, ...]
"""A node, as above."""

Hits = list[tuple[float, int, float]]
"""Key, number and score of each; in ascending order of key, then of number."""

Counts = list[tuple[int, int]]
"""Value and how many of the matching documents carry it; the most frequent first, then by value."""

Part = tuple[int, int, int, Buffer | None]
"""Terms of a field: its number, and a range of numbers of terms or some numbers (uint32)."""

Parts = tuple[Part, ...]
"""Terms of a field in each segment."""

Measures = tuple[float, int, int, int]
"""What the best window weighs; tokens of a lead, and of a window; positions between a title and the
body after it."""

Column = tuple[Buffer | None, Buffer, Buffer | None]
"""Values of a segment's documents: ``ordinals[starts[doc]:starts[doc + 1]]`` (starts int64,
ordinals int8, int16 or int32), one each without starts, -1 for none; and which values the ordinals
are (int32), None where they are equal."""

Facet = tuple[int, tuple["Column | None", ...]]
"""How many different values there are, and the column of each segment, None if it has no value."""


class Term(Protocol):
    """A posting list whose every posting was checked."""

    @property
    def articles(self) -> int:
        """How many documents have it."""


class Typed(Protocol):
    """A typed word, as the second pass looks for it; its lists are found, not checked."""

    @property
    def lists(self) -> int:
        """How many lists of postings are kept with it, of each term one a chunk."""


class Segment(Protocol):
    """The arrays of one segment; raises ValueError on damaged ones, TimeoutError late."""

    def term(self, field: int, number: int, /) -> Term:
        """Check a posting list."""

    def union(self, terms: tuple[Any, ...], /) -> Term:
        """Make one posting list of several, for words only: it has no positions or titles."""

    def in_titles(self, terms: tuple[Any, ...], whole: Any, /) -> Term:
        """Make one posting list of where any of some terms stands in titles, for words only.

        An occurrence counts thrice, but once in a title that was made from the text. ``whole`` is
        the terms' union, or the only one.
        """

    def living(self, part: Part, /) -> bytes:
        """Count the living documents of each term of a part of a wide word (int32).

        No clock is looked at: a posting takes 2 ns, in numpy 45.
        """

    def positions(self, terms: tuple[Any, ...], docs: Buffer, deadline: float, /) -> list[bytes]:
        """Give where each term stands in documents (int32, ascending).

        That is one int64 an occurrence, ``document << 32 | position``, ascending.
        """


class Whole(Protocol):
    """Segments that are searched as one; raises ValueError on damaged ones, TimeoutError late."""

    def search(
        self,
        program: Program,
        order: int,
        key: float,
        number: int,
        wanted: int,
        folded: Buffer | None,
        facets: tuple[Facet, ...],
        deadline: float,
        /,
    ) -> tuple[int, Hits, list[Counts]]:
        """Count the living documents that match, and give the first of them after a place.

        A place is a key and a number.

        ``order`` 0 is by score: keys are minus the score. 1 and -1 are by the minute, upwards and
        downwards; undated documents are at infinity. With ``folded`` only the best document of
        each group is a hit, of the groups listed there (int32, ascending) none is; totals and
        facets count all.
        """

    def typed(
        self,
        lemmas: Parts,
        form: Parts,
        related: Parts,
        form_weight: float,
        related_weight: float,
        lead_weight: float,
        close_weight: float,
        /,
    ) -> Typed:
        """Find the terms of a typed word: of its lemmas, its form, other lemmas that begin alike.

        The weights are what the form, lemmas that begin alike (its own too), and lemmas in the lead
        weigh, and what the word weighs in a window (0: it is not looked for there).
        """

    def search_twice(
        self,
        program: Program,
        first: int,
        shown: int,
        facets: tuple[Facet, ...],
        words: tuple[Any, ...],
        measures: Measures,
        fresh: tuple[Buffer, ...] | None,
        deadline: float,
        /,
    ) -> tuple[int, Hits, list[Counts], tuple[float, int] | None]:
        """Count what matches, and give hits of which the ``first`` by score are ordered anew.

        At most ``shown`` are given; the others come after them as they were. At last, the place
        where the first ones ended before they were ordered anew, None where nothing matches.

        A score gains, word by word, what the table says for the frequencies of the form and of the
        lemmas that begin alike, each by its weight; then, word by word, for that of the lemmas in
        the lead; then the weights of the words of the best window; at last, in double precision,
        what ``fresh`` says (float32, from 0 on, one a document of each segment). The frequencies of
        several terms add up; in the lead, places that they share count once.
        """

    def matching(self, program: Program, deadline: float, /) -> tuple[bytes, bytes]:
        """Give all living documents that match (int32), and their scores (float32)."""

    def groups_until(
        self, program: Program, order: int, key: float, number: int, deadline: float, /
    ) -> set[int]:
        """Give the groups of the living documents that match and do not come after a place."""


class Kernel(Protocol):
    """What both implementations offer."""

    def Segment(  # noqa: N802 - a class in both
        self,
        size: int,
        table: Buffer,
        lengths: Buffer,
        fields: tuple[Any, ...],
        titles: tuple[Buffer, Buffer],
        dates: tuple[Buffer, Buffer, Buffer],
        group: Buffer | None,
        dead: Buffer | None,
        /,
    ) -> Segment:
        """Hold a segment of ``size`` documents; raises ValueError where arrays do not fit.

        ``table`` are 65,536 impacts (float32), ``lengths`` the documents' length codes (uint8),
        ``fields`` their ``unpacking.Packed``; ``titles`` tell which are made (uint8) and their
        tokens (int32), ``dates`` first and last day (int32) and minute (int64), ``group`` is int32,
        ``dead`` uint8. A group goes over all segments by its number.
        """

    def Whole(self, segments: tuple[Any, ...], /) -> Whole:  # noqa: N802 - a class in both
        """Hold segments that are searched as one."""

    def find(self, lexicon: tuple[Buffer, ...], key: bytes, /) -> tuple[int, bool]:
        """Find a key in a lexicon: the number of the first not before it, and if it is it."""


try:
    from searchsvc.engines.whoosh import _kernel

    compiled: Kernel | None = _kernel
except ImportError:
    compiled = None

best: Kernel = compiled or portable
