"""Fragments: from an article's text and the matches in it to the snippets of a hit.

A fragment is one or more whole sentences, or a piece of a long sentence cut at word borders.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.highlighting.marks import Mark, Range, inside, merge
from searchsvc.highlighting.sentences import Sentence, sentences
from searchsvc.highlighting.snippet import Snippet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PER_CLAUSE = 100
"""Matches of one clause that are weighed; a megabyte that repeats a word has 100,000 of it."""

STRETCH = 200_000
"""Code points from the first match on that fragments are chosen from: 20 ms of sentences."""
RUN_UP = 2_000
"""Code points before the first match where its line is looked for."""


class _Candidate(NamedTuple):
    """A possible fragment, the clauses that have a match inside it, and how many matches."""

    piece: Range
    clauses: frozenset[int]
    matches: int


def mark(text: str, matches: Sequence[Mark]) -> Snippet:
    """Mark a whole text, a title or an article; overlapping matches are one mark."""
    return Snippet(text, tuple(merge(matches, len(text))))


def snippets(
    text: str, matches: Sequence[Mark], *, limit: int = 3, length: int = 240
) -> tuple[Snippet, ...]:
    """Choose at most ``limit`` disjoint fragments of at most ``length`` code points, in text order.

    A fragment with clauses that no better one shows comes first, then one with many clauses, with
    many matches, an early one. Every match inside a fragment is marked; a mark longer than a
    fragment is cut with it. Of a very long text the stretch from the first match on is read. A
    text without matches gives its beginning, an empty one nothing.
    """
    marks = merge(matches, len(text))
    stretch = _stretch(text, marks)
    weighed = [match for match in _weighed(matches, len(text)) if match.end <= stretch.end]
    pieces = _pieces(text, weighed, marks, stretch, length)
    chosen = _choose(list(_candidates(pieces, weighed)), limit) or _beginning(text, length)
    first = len(text) - len(text.lstrip())
    last = len(text.rstrip())
    return tuple(
        Snippet(
            text[piece.start : piece.end],
            inside(marks, piece),
            cut_before=piece.start > first,
            cut_after=piece.end < last,
        )
        for piece in sorted(chosen)
    )


def _beginning(text: str, length: int) -> list[Range]:
    start = len(text) - len(text.lstrip())
    head = text[start : start + 2 * length]
    spans = sentences(head)
    if not spans:
        return []
    piece = _grown(spans, 0, length)
    if piece.end > length:
        piece = Range(0, _word_end(head, 0, length) or length)
    return [Range(start + piece.start, start + piece.end)]


def _stretch(text: str, marks: Sequence[Range]) -> Range:
    """Give the part of a text that fragments are chosen from."""
    if len(text) <= STRETCH or not marks:
        return Range(0, len(text))
    first = marks[0].start
    end = max(marks[0].end, _word_end(text, first, min(len(text), first + STRETCH)))
    line = text.rfind("\n", max(0, first - RUN_UP), first) + 1
    start = line or _word_start(text, max(0, first - RUN_UP), first)
    return Range(start, end)


def _weighed(matches: Iterable[Mark], length: int) -> list[Mark]:
    """Take the first matches of each clause, by place."""
    seen: Counter[int] = Counter()
    weighed = []
    for match in sorted(matches, key=lambda match: (match.start, match.end)):
        if 0 <= match.start < match.end <= length and seen[match.clause] < PER_CLAUSE:
            seen[match.clause] += 1
            weighed.append(match)
    return weighed


def _pieces(
    text: str, weighed: Sequence[Mark], marks: Sequence[Range], stretch: Range, length: int
) -> Iterator[Range]:
    """Give every piece around a match that is fit to be a fragment."""
    spans = _unbroken(sentences(text, *stretch), marks) if marks else []
    starts = [span.start for span in spans]
    last, earlier = -1, 0
    for found in merge(weighed, len(text)):
        number = bisect_right(starts, found.start) - 1
        if number < 0 or found.start >= spans[number].end:
            continue  # a match of white space alone is nothing to show
        span = spans[number]
        if span.end - span.start > length:
            window = _window(text, span, marks, found, length)
            yield window
            if number == last and window.start < earlier <= found.start:
                rest = span._replace(start=_word_start(text, earlier, found.start))
                window = _window(text, rest, marks, found, length)
                yield window
            earlier = window.end
        elif number != last:
            yield _grown(spans, number, length)
            yield Range(span.start, span.end)
        last = number


def _unbroken(spans: Sequence[Sentence], marks: Sequence[Range]) -> list[Sentence]:
    """Join sentences that one mark stands across, as a phrase does in «ул. Ленина»."""
    joined: list[Sentence] = []
    number = 0
    for span in spans:
        while number < len(marks) and marks[number].end <= span.start:
            number += 1
        if joined and number < len(marks) and marks[number].start < joined[-1].end:
            joined[-1] = joined[-1]._replace(end=span.end)
        else:
            joined.append(span)
    return joined


def _grown(spans: Sequence[Sentence], number: int, length: int) -> Range:
    """Add following sentences, then preceding ones, while they fit; lines are joined if short."""
    start, end = spans[number].start, spans[number].end
    after, before = number + 1, number - 1
    while after < len(spans) and spans[after].end - start <= length:
        if spans[after].opens_line and end - start > length // 3:
            break
        end, after = spans[after].end, after + 1
    while before >= 0 and end - spans[before].start <= length:
        if spans[before + 1].opens_line or end - start > length // 2:
            break
        start, before = spans[before].start, before - 1
    return Range(start, end)


def _window(text: str, span: Sentence, marks: Sequence[Range], found: Range, length: int) -> Range:
    """Cut a piece of a long sentence around a match, at word borders and between marks."""
    if found.end - span.start <= length * 2 // 3:
        low = span.start
    else:
        context = max(0, min(length // 3, length - (found.end - found.start)))
        low = max(span.start, min(found.start - context, span.end - length))
        low = _word_start(text, low, found.start)
    before = bisect_left(marks, low, key=lambda mark: mark.end)
    if marks[before].start < low < marks[before].end <= found.start:
        low = _word_start(text, marks[before].end, found.start)
    high = min(span.end, low + length)
    if high < span.end:
        after = bisect_right(marks, high, key=lambda mark: mark.end)
        if after < len(marks) and found.end <= marks[after].start < high:
            high = marks[after].start
        high = _word_end(text, min(found.end, high), high)
    return _trimmed(text, low, high)


def _trimmed(text: str, low: int, high: int) -> Range:
    piece = text[low:high]
    start = low + len(piece) - len(piece.lstrip())
    return Range(start, start + len(piece.strip()))


def _word_start(text: str, low: int, high: int) -> int:
    """Find the first beginning of a word between two places; ``high`` where there is none."""
    inside_word = low > 0 and not text[low - 1].isspace()
    while low < high and inside_word and not text[low].isspace():
        low += 1
    while low < high and text[low].isspace():
        low += 1
    return low


def _word_end(text: str, low: int, high: int) -> int:
    """Find the last end of a word between two places; ``low`` where there is none."""
    while high > low and (text[high - 1].isspace() or text[high : high + 1].strip()):
        high -= 1
    return high


def _candidates(pieces: Iterable[Range], weighed: Sequence[Mark]) -> Iterator[_Candidate]:
    for piece in pieces:
        if piece.start == piece.end:
            continue
        first = bisect_left(weighed, piece.start, key=lambda match: match.start)
        last = bisect_left(weighed, piece.end, key=lambda match: match.start)
        held = [match.clause for match in weighed[first:last] if match.end <= piece.end]
        yield _Candidate(piece, frozenset(held), len(held))


def _choose(candidates: list[_Candidate], limit: int) -> list[Range]:
    chosen: list[Range] = []
    shown: frozenset[int] = frozenset()
    while candidates and len(chosen) < limit:
        best = max(candidates, key=lambda each: _worth(each, shown))
        chosen.append(best.piece)
        shown |= best.clauses
        start, end = best.piece
        candidates = [each for each in candidates if _apart(each.piece, start, end)]
    return chosen


def _worth(candidate: _Candidate, shown: frozenset[int]) -> tuple[int, int, int, int, int]:
    start, end = candidate.piece
    clauses = candidate.clauses
    return len(clauses - shown), len(clauses), candidate.matches, -start, end


def _apart(piece: Range, start: int, end: int) -> bool:
    return piece.end <= start or piece.start >= end
