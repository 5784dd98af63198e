"""Terms as Whoosh asks for them, over any segment that lists its fields' sorted terms.

In: a ``TermSource``: the codec's own segments and the bulk-written ones each have theirs. Out:
Whoosh's terms reader and field cursor.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from whoosh.codec import base
from whoosh.reading import TermInfo, TermNotFound

from searchsvc.engines.whoosh.whoosh_matcher import ArrayMatcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from searchsvc.engines.whoosh.whoosh_matcher import Postings

    Term = tuple[str, bytes]


HELD = 64
"""Terms kept at hand, with what was worked out of their positions."""


class FieldTerms(Protocol):
    """The sorted terms of one field of a segment, by number."""

    def __len__(self) -> int: ...

    def __getitem__(self, number: int) -> bytes:
        """Give a term's text."""

    def lower_bound(self, key: bytes) -> int:
        """Give the number of the first term that is not before a key."""

    def postings(self, number: int) -> Postings:
        """Give a term's postings."""


class TermSource(Protocol):
    """The indexed fields of a segment."""

    def names(self) -> Sequence[str]:
        """Name the fields."""

    def terms(self, fieldname: str) -> FieldTerms | None:
        """Give a field's terms, if it has any."""


class ArrayTermsReader(base.TermsReader):  # type: ignore[misc]
    """A segment's terms."""

    def __init__(self, source: TermSource) -> None:
        self._source = source
        self._held: dict[Term, Postings] = {}

    def _postings(self, fieldname: str, text: bytes) -> Postings | None:
        """Look a term up; Whoosh asks for the same one several times a query."""
        key = (fieldname, text)
        postings = self._held.get(key)
        if postings is None:
            postings = self._looked_up(fieldname, text)
            if len(self._held) >= HELD:
                self._held.clear()
            if postings is not None:
                self._held[key] = postings
        return postings

    def _looked_up(self, fieldname: str, text: bytes) -> Postings | None:
        terms = self._source.terms(fieldname)
        if terms is None:
            return None
        number = terms.lower_bound(text)
        return terms.postings(number) if number < len(terms) and terms[number] == text else None

    def __contains__(self, term: Term) -> bool:
        return self._postings(*term) is not None

    def indexed_field_names(self) -> Sequence[str]:
        """Name the fields with postings."""
        return self._source.names()

    def terms(self) -> Iterator[Term]:
        """List all terms by field and text."""
        for fieldname in sorted(self._source.names()):
            yield from self.terms_from(fieldname, b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[Term]:
        """List a field's terms from a text on."""
        return ((fieldname, text) for text, _ in self._listed(fieldname, prefix))

    def items(self) -> Iterator[tuple[Term, TermInfo]]:
        """List all terms with their statistics."""
        for fieldname in sorted(self._source.names()):
            yield from self.items_from(fieldname, b"")

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, TermInfo]]:
        """List a field's terms with their statistics from a text on."""
        for text, postings in self._listed(fieldname, prefix):
            yield (fieldname, text), postings().info()

    def _listed(
        self, fieldname: str, prefix: bytes
    ) -> Iterator[tuple[bytes, Callable[[], Postings]]]:
        """List terms; in articles written in bulk, an id may stand twice, one after another."""
        terms = self._source.terms(fieldname)
        last = None
        if terms is None:
            return
        for number in range(terms.lower_bound(prefix), len(terms)):
            text = terms[number]
            if text != last:
                yield text, partial(terms.postings, number)
            last = text

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Give a term's statistics; raises TermNotFound."""
        return self._found(fieldname, text).info()

    def _found(self, fieldname: str, text: bytes) -> Postings:
        postings = self._postings(fieldname, text)
        if postings is None:
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        return postings

    def frequency(self, fieldname: str, text: bytes) -> float:
        """Sum a term's weights; another segment may be the one that has it."""
        postings = self._postings(fieldname, text)
        return 0 if postings is None else float(postings.info().weight())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Count a term's documents; another segment may be the one that has it."""
        postings = self._postings(fieldname, text)
        return 0 if postings is None else postings.docs.size

    def matcher(
        self, fieldname: str, text: bytes, format_: Any, scorer: Any = None
    ) -> ArrayMatcher:
        """Walk a term's postings; raises TermNotFound."""
        return ArrayMatcher(self._found(fieldname, text), format_, (fieldname, text), scorer)

    def cursor(self, fieldname: str, fieldobj: Any) -> base.FieldCursor:
        """Walk a field's terms."""
        terms = self._source.terms(fieldname)
        return ArrayCursor(terms, fieldobj) if terms else base.EmptyCursor()


class ArrayCursor(base.FieldCursor):  # type: ignore[misc]
    """A place in a field's sorted terms, which are given as the field decodes them."""

    def __init__(self, terms: FieldTerms, fieldobj: Any) -> None:
        self._terms = terms
        self._field = fieldobj
        self._number = 0

    def first(self) -> Any:
        """Go to the first term."""
        return self._go(0)

    def find(self, string: Any) -> Any:
        """Go to the first term not before a string."""
        key = string if isinstance(string, bytes) else self._field.to_bytes(string)
        return self._go(self._terms.lower_bound(key))

    def next(self) -> Any:
        """Go to the next term."""
        return self._go(self._number + 1)

    def _go(self, number: int) -> Any:
        self._number = min(number, len(self._terms))
        return self.text()

    def text(self) -> Any:
        """Give the term here, or None."""
        return self._field.from_bytes(self._terms[self._number]) if self.is_valid() else None

    def term_info(self) -> TermInfo | None:
        """Give the statistics of the term here."""
        return self._terms.postings(self._number).info() if self.is_valid() else None

    def is_valid(self) -> bool:
        """Tell whether there is a term here."""
        return self._number < len(self._terms)
