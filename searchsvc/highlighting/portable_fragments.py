"""Fragments chosen without the compiled highlighter: its oracle, and what takes over for it.

In: a text and the matches in it. Out: the snippets of a hit; ``fragments.py`` says which.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING

from searchsvc.highlighting.marks import Range, inside, merge, placed
from searchsvc.highlighting.sentences import Sentence, sentences
from searchsvc.highlighting.snippet import Snippet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from searchsvc.highlighting.marks import Mark, Placed, Span

PER_CLAUSE = 100
"""Matches of one clause that are weighed; a megabyte that repeats a word has 100,000 of it."""

STRETCH = 200_000
"""Code points from the first match on that fragments are chosen from."""
RUN_UP = 2_000
"""Code points before the first match where its line is looked for."""


_Candidate = tuple[int, int, int, int, int]
"""A possible fragment as it is compared: the greater one is better.

How many clauses have matches inside, how many matches, start (negative), end, and a bit for each of
those clauses.
"""


def snippets(text: str, matches: Sequence[Mark], limit: int, length: int) -> tuple[Snippet, ...]:
    """Choose at most ``limit`` disjoint fragments of at most ``length`` code points."""
    places = placed(matches, len(text))
    marks = merge(places)
    chosen = _chosen(text, places, marks, limit, length) or _beginning(text, length)
    first = len(text) - len(text.lstrip())
    last = len(text.rstrip())
    return tuple(
        [
            Snippet(text[start:end], inside(marks, start, end), start > first, end < last)
            for start, end in sorted(chosen)
        ]
    )


def _chosen(
    text: str, places: Sequence[Placed], marks: Sequence[Span], limit: int, length: int
) -> list[Span]:
    if not marks:
        return []
    stretch = _stretch(text, marks)
    weighed = _weighed(places, stretch)
    shown = marks if len(weighed) == len(places) else merge(weighed)
    spans = _unbroken(_near(text, shown, stretch, length + 1), marks)
    every = _pieces(text, spans, shown, marks, length)
    pieces = [piece for piece in every if piece[0] < piece[1]]
    if _holds_all(pieces):
        return pieces[:1]
    return _choose(_candidates(pieces, weighed), limit)


def _holds_all(pieces: Sequence[Span]) -> bool:
    """Tell whether the first piece holds all others, so that none is better and none beside it."""
    if not pieces:
        return True
    starts, ends = zip(*pieces, strict=True)
    return pieces[0] == (min(starts), max(ends))


def _beginning(text: str, length: int) -> list[Span]:
    start = len(text) - len(text.lstrip())
    head = text[start : start + 2 * length]
    spans = sentences(head)
    if not spans:
        return []
    low, high = _grown(spans, 0, length)
    if high > length:
        low, high = 0, _word_end(head, 0, length) or length
    return [(start + low, start + high)]


def _stretch(text: str, marks: Sequence[Span]) -> Range:
    """Give the part of a text that fragments are chosen from."""
    if len(text) <= STRETCH:
        return Range(0, len(text))
    first, last = marks[0]
    end = max(last, _word_end(text, first, min(len(text), first + STRETCH)))
    line = text.rfind("\n", max(0, first - RUN_UP), first) + 1
    start = line or _word_start(text, max(0, first - RUN_UP), first)
    return Range(start, end)


def _weighed(places: Sequence[Placed], stretch: Range) -> list[Placed]:
    """Take the first matches of each clause, by place, that end inside the stretch."""
    last = stretch.end
    if len(places) <= PER_CLAUSE:
        return [place for place in places if place[1] <= last]
    seen: Counter[int] = Counter()
    weighed = []
    for place in places:
        if seen[place[2]] < PER_CLAUSE:
            seen[place[2]] += 1
            if place[1] <= last:
                weighed.append(place)
    return weighed


def _near(text: str, marks: Sequence[Span], stretch: Range, reach: int) -> list[Sentence]:
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
    shown: Sequence[Span],
    marks: Sequence[Span],
    length: int,
) -> Iterator[Span]:
    """Give every piece around a match that is fit to be a fragment."""
    starts = [start for start, _, _ in spans]
    last, earlier = -1, 0
    for found in shown:
        number = bisect_right(starts, found[0]) - 1
        if number < 0 or found[0] >= spans[number].end:
            continue  # a match of white space alone is nothing to show
        start, end, _ = spans[number]
        if end - start > length:
            window = _window(text, (start, end), marks, found, length)
            yield window
            if number == last and window[0] < earlier <= found[0]:
                rest = (_word_start(text, earlier, found[0]), end)
                window = _window(text, rest, marks, found, length)
                yield window
            earlier = window[1]
        elif number != last:
            grown = _grown(spans, number, length)
            yield grown
            if grown != (start, end):
                yield start, end
        last = number


def _unbroken(spans: list[Sentence], marks: Sequence[Span]) -> list[Sentence]:
    """Join sentences that one mark stands across, as a phrase does in «ул. Ленина»."""
    starts = [start for start, _, _ in spans]
    across = [
        mark for mark in marks if bisect_right(starts, mark[0]) != bisect_left(starts, mark[1])
    ]
    if not across:
        return spans
    joined: list[Sentence] = []
    number = 0
    for span in spans:
        while number < len(marks) and marks[number][1] <= span.start:
            number += 1
        if joined and number < len(marks) and marks[number][0] < joined[-1].end:
            joined[-1] = joined[-1]._replace(end=span.end)
        else:
            joined.append(span)
    return joined


def _grown(spans: Sequence[Sentence], number: int, length: int) -> Span:
    """Add following sentences, then preceding ones, while they fit; lines are joined if short."""
    start, end, opened = spans[number]
    for after in range(number + 1, len(spans)):
        _, last, opens_line = spans[after]
        if last - start > length or (opens_line and end - start > length // 3):
            break
        end = last
    for before in range(number - 1, -1, -1):
        first, _, opens_line = spans[before]
        if opened or end - first > length or end - start > length // 2:
            break
        start, opened = first, opens_line
    return start, end


def _window(text: str, span: Span, marks: Sequence[Span], found: Span, length: int) -> Span:
    """Cut a piece of a long sentence around a match, at word borders and between marks."""
    start, end = span
    if found[1] - start <= length * 2 // 3:
        low = start
    else:
        context = max(0, min(length // 3, length - (found[1] - found[0])))
        low = max(start, min(found[0] - context, end - length))
        low = _word_start(text, low, found[0])
    before = bisect_left(marks, low, key=itemgetter(1))
    if marks[before][0] < low < marks[before][1] <= found[0]:
        low = _word_start(text, marks[before][1], found[0])
    high = min(end, low + length)
    if high < end:
        after = bisect_right(marks, high, key=itemgetter(1))
        if after < len(marks) and found[1] <= marks[after][0] < high:
            high = marks[after][0]
        high = _word_end(text, min(found[1], high), high)
    return _trimmed(text, low, high)


def _trimmed(text: str, low: int, high: int) -> Span:
    piece = text[low:high]
    start = low + len(piece) - len(piece.lstrip())
    return start, start + len(piece.strip())


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


def _candidates(pieces: Iterable[Span], weighed: Sequence[Placed]) -> list[_Candidate]:
    candidates = []
    for start, end in pieces:
        clauses = matches = 0
        for number in range(bisect_left(weighed, (start,)), len(weighed)):
            first, last, clause = weighed[number]
            if first >= end:
                break
            if last <= end:
                clauses |= 1 << clause
                matches += 1
        candidates.append((clauses.bit_count(), matches, -start, end, clauses))
    return candidates


def _choose(candidates: list[_Candidate], limit: int) -> list[Span]:
    chosen: list[Span] = []
    missing = -1
    while candidates and len(chosen) < limit:
        best = max([((each[4] & missing).bit_count(), each) for each in candidates])[1]
        _, _, start, end, clauses = best
        chosen.append((-start, end))
        missing &= ~clauses
        candidates = [each for each in candidates if each[3] <= -start or -each[2] >= end]
    return chosen
