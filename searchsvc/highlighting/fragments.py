"""Fragments: from an article's text and the matches in it to the snippets of a hit.

A fragment is one or more whole sentences, or a piece of a long sentence cut at word borders.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.highlighting.marks import Placed, Range, inside, merge, placed
from searchsvc.highlighting.sentences import Sentence, sentences
from searchsvc.highlighting.snippet import Snippet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from searchsvc.highlighting.marks import Mark

PER_CLAUSE = 100
"""Matches of one clause that are weighed; a megabyte that repeats a word has 100,000 of it."""

STRETCH = 200_000
"""Code points from the first match on that fragments are chosen from."""
RUN_UP = 2_000
"""Code points before the first match where its line is looked for."""


class _Candidate(NamedTuple):
    """A possible fragment as it is compared: the greater one is better.

    ``start`` is negative; ``clauses`` has a bit for each clause with a match inside.
    """

    different: int
    matches: int
    start: int
    end: int
    clauses: int


def mark(text: str, matches: Sequence[Mark]) -> Snippet:
    """Mark a whole text, a title or an article; overlapping matches are one mark."""
    return Snippet(text, tuple(merge(placed(matches, len(text)))))


def snippets(
    text: str, matches: Sequence[Mark], *, limit: int = 3, length: int = 240
) -> tuple[Snippet, ...]:
    """Choose at most ``limit`` disjoint fragments of at most ``length`` code points, in text order.

    A fragment with clauses that no better one shows comes first, then one with many clauses, with
    many matches, an early one. Every match inside a fragment is marked; a mark longer than a
    fragment is cut with it. Of a very long text the stretch from the first match on is read, and
    of that only what is near a match. A text without matches gives its beginning, an empty one
    nothing.
    """
    places = placed(matches, len(text))
    pieces: list[_Candidate] = []
    marks = merge(places)
    if marks:
        stretch = _stretch(text, marks)
        weighed = _weighed(places, stretch)
        shown = marks if len(weighed) == len(places) else merge(weighed)
        spans = _unbroken(_near(text, shown, stretch, length + 1), marks)
        pieces = list(_candidates(_pieces(text, spans, shown, marks, length), weighed))
    chosen = _choose(pieces, limit) or _beginning(text, length)
    first = len(text) - len(text.lstrip())
    last = len(text.rstrip())
    return tuple(
        [
            Snippet(text[start:end], inside(marks, start, end), start > first, end < last)
            for start, end in sorted(chosen)
        ]
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


def _weighed(places: Sequence[Placed], stretch: Range) -> list[Placed]:
    """Take the first matches of each clause, by place, that end inside the stretch."""
    if len(places) <= PER_CLAUSE:
        return [place for place in places if place[1] <= stretch.end]
    seen: Counter[int] = Counter()
    weighed = []
    for place in places:
        if seen[place[2]] < PER_CLAUSE:
            seen[place[2]] += 1
            if place[1] <= stretch.end:
                weighed.append(place)
    return weighed


def _near(text: str, marks: Sequence[Range], stretch: Range, reach: int) -> list[Sentence]:
    """List the sentences around marks; what lies further away than ``reach`` may be cut or missing.

    A fragment of ``reach - 1`` code points that shows a match cannot hold any of that. A text is
    read from inside a word on, so that no border is read otherwise than in the whole.
    """
    low, high = stretch
    found: list[Sentence] = []
    begin = end = low
    for start, last in marks:
        cut = start - reach
        while cut > end and not text[cut].isalnum():
            cut -= 1
        if cut > end:
            found += sentences(text, begin, end)
            begin = cut
        end = max(end, min(last + reach, high))
    return found + sentences(text, begin, end)


def _pieces(
    text: str,
    spans: Sequence[Sentence],
    shown: Sequence[Range],
    marks: Sequence[Range],
    length: int,
) -> Iterator[Range]:
    """Give every piece around a match that is fit to be a fragment."""
    starts = [span.start for span in spans]
    last, earlier = -1, 0
    for found in shown:
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
            grown = _grown(spans, number, length)
            yield grown
            if grown.end - grown.start > span.end - span.start:
                yield Range(span.start, span.end)
        last = number


def _unbroken(spans: list[Sentence], marks: Sequence[Range]) -> list[Sentence]:
    """Join sentences that one mark stands across, as a phrase does in «ул. Ленина»."""
    starts = [span.start for span in spans]
    if all(bisect_right(starts, mark.start) == bisect_left(starts, mark.end) for mark in marks):
        return spans
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


def _candidates(pieces: Iterable[Range], weighed: Sequence[Placed]) -> Iterator[_Candidate]:
    for start, end in pieces:
        if start == end:
            continue
        clauses = matches = 0
        for number in range(bisect_left(weighed, (start,)), len(weighed)):
            first, last, clause = weighed[number]
            if first >= end:
                break
            if last <= end:
                clauses |= 1 << clause
                matches += 1
        yield _Candidate(clauses.bit_count(), matches, -start, end, clauses)


def _choose(candidates: list[_Candidate], limit: int) -> list[Range]:
    chosen: list[Range] = []
    missing = -1
    while candidates and len(chosen) < limit:
        best = max([((each.clauses & missing).bit_count(), each) for each in candidates])[1]
        start, end = -best.start, best.end
        chosen.append(Range(start, end))
        missing &= ~best.clauses
        candidates = [each for each in candidates if each.end <= start or -each.start >= end]
    return chosen
