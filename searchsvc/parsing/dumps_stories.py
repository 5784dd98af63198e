"""Parsing dumps: the lines from the first paragraph on come in, the page's stories go out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.parsing.dates import find_date
from searchsvc.parsing.dumps_cohesion import NOTHING, Piece, StorySoFar, piece_of
from searchsvc.parsing.dumps_lines import Kind, Line
from searchsvc.parsing.dumps_signs import Gap, Turn, begins_story

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from searchsvc.model import ArticleDate

_TITLE_KINDS = (Kind.TITLE, Kind.BLURB)
_OWN_SHARE = 1 / 3
"""The share of its words that a line at the end of a story must have in common with it."""

_MOST_TITLES = 2
"""Lines without a full stop above a story: a title and a lead."""
_SHARED_BY_LOOKALIKES = 3
"""Stems that «Видео: тигрёнка выпустили в тайгу» must share with its story to be its title."""
# «Фото: Министерство развития» names who is in the story too, but is no title.
_CREDIT = re.compile(r"(?:фото|иллюстрация|источник|автор|текст|©)", re.I)


class Story(NamedTuple):
    """A story of a dump; the title is empty where it has no line of its own."""

    title: str
    date: ArticleDate | None
    paragraphs: tuple[str, ...]


class Stories(NamedTuple):
    """The stories of a dump in its order, and how many lines belong to none of them."""

    stories: tuple[Story, ...]
    promos: int


class _Step(NamedTuple):
    """A paragraph with the lines between it and the one before."""

    gap: tuple[Line, ...]
    piece: Piece


@dataclass(slots=True)
class _Builder:
    """The stories found so far."""

    done: list[Story] = field(default_factory=list)
    title: str = ""
    date: ArticleDate | None = None
    texts: list[str] = field(default_factory=list)
    promos: int = 0

    def begin(self, title: str, date: ArticleDate | None) -> None:
        """Close the story at hand and begin another."""
        self.close()
        self.title, self.date, self.texts = title, date, []

    def close(self) -> None:
        """Put the story at hand to the others."""
        if self.texts:
            self.done.append(Story(self.title, self.date, tuple(self.texts)))


def find_stories(lines: Sequence[Line]) -> Stories:
    """Split lines into stories; the first one is the page's own and has its title elsewhere."""
    steps, rest = _steps(lines)
    builder = _Builder()
    so_far = StorySoFar()
    told: set[str] = set()
    for number, step in enumerate(steps):
        turn = turn_of(steps, number, so_far, told)
        if number and begins_story(turn):
            _turn(builder, so_far, step.gap, step.piece, turn.after)
            told |= so_far.stems
            so_far = StorySoFar()
        else:
            _go_on(builder, step.gap)
        so_far.add(step.piece.without(told))
        builder.texts.append(step.piece.text)
    _finish(builder, so_far, rest)
    builder.close()
    return Stories(tuple(builder.done), builder.promos)


def turn_of(steps: Sequence[_Step], number: int, so_far: StorySoFar, told: Set[str]) -> Turn:
    """Return what is known of a paragraph; ``told`` is what earlier stories spoke of.

    What they have in common is the page's region or subject, «Алтайский край», and does not tell
    its stories apart.
    """
    step = steps[number]
    after, later = _ahead(steps, number)
    return Turn(
        so_far,
        gap_of(step.gap),
        step.piece.without(told),
        after.without(told),
        later.without(told),
        in_tail=bool(told),
    )


def gap_of(lines: Sequence[Line]) -> Gap:
    """Count the lines between two paragraphs by kind."""
    count = Counter(line.kind for line in lines)
    titles = [line.text for line in lines if line.kind in _TITLE_KINDS]
    return Gap(
        promos=count[Kind.PROMO] + count[Kind.BLURB],
        titles=count[Kind.TITLE],
        notes=count[Kind.NOTE],
        dates=count[Kind.DATE],
        title=piece_of(titles[-1]) if titles else NOTHING,
    )


def _steps(lines: Sequence[Line]) -> tuple[list[_Step], list[Line]]:
    """Return the paragraphs with what precedes them, and the lines after the last one."""
    steps: list[_Step] = []
    gap: list[Line] = []
    for line in lines:
        if line.kind is Kind.PARAGRAPH:
            steps.append(_Step(tuple(gap), piece_of(line.text)))
            gap = []
        else:
            gap.append(line)
    return steps, gap


def _ahead(steps: Sequence[_Step], number: int) -> tuple[Piece, Piece]:
    """Return the next two paragraphs, as far as no other line stands before them."""
    found = []
    for step in steps[number + 1 : number + 3]:
        if step.gap:
            break
        found.append(step.piece)
    after, later, *_ = [*found, NOTHING, NOTHING]
    return after, later


def _go_on(builder: _Builder, gap: Sequence[Line]) -> None:
    """Keep subheadings and the like; promo lines go, and the titles that they lead to."""
    led = False
    for line in gap:
        led = line.kind is Kind.PROMO or (led and line.kind in _TITLE_KINDS)
        if led:
            builder.promos += 1
        else:
            builder.texts.append(line.text)


def _turn(
    builder: _Builder, so_far: StorySoFar, gap: Sequence[Line], here: Piece, after: Piece
) -> None:
    """Share out the lines between two stories: to the first, to nobody, to the second."""
    kept = _own(gap, so_far)
    builder.texts.extend(line.text for line in gap[:kept])
    heading = _heading(gap[kept:], here, after)
    titles = [line.text for line in heading if line.kind is not Kind.DATE]
    dates = (find_date(line.text) for line in heading if line.kind is Kind.DATE)
    builder.promos += len(gap) - kept - len(heading)
    builder.begin(titles[0] if titles else "", next(filter(None, dates), None))
    builder.texts.extend(titles[1:])


def _finish(builder: _Builder, so_far: StorySoFar, rest: Sequence[Line]) -> None:
    kept = _own(rest, so_far)
    builder.texts.extend(line.text for line in rest[:kept])
    builder.promos += len(rest) - kept


def _own(gap: Sequence[Line], so_far: StorySoFar) -> int:
    """Return how many lines after a story are still its own, such as the end of a list."""
    for number, line in enumerate(gap):
        stems = piece_of(line.text).stems
        if line.kind is not Kind.TITLE or len(stems & so_far.stems) < _OWN_SHARE * (
            len(stems) or 1
        ):
            return number
        # What stands right above the next story is its title, however alike they are.
        if all(it.kind is Kind.DATE for it in gap[number + 1 :]):
            return number
    return len(gap)


def _heading(gap: Sequence[Line], here: Piece, after: Piece) -> Sequence[Line]:
    """Return the lines directly above a story that are its own: title, date, a lead."""
    begin = len(gap)
    stems = here.stems | after.stems
    titles = 0
    for number in range(len(gap) - 1, -1, -1):
        line = gap[number]
        if line.kind is not Kind.DATE:
            own = piece_of(line.text).stems
            if titles == _MOST_TITLES or not _is_title_of(line, len(own & stems), titles):
                break
            titles += 1
            stems |= own
        begin = number
    return gap[begin:]


def _is_title_of(line: Line, shared: int, below: int) -> bool:
    """Tell a title by the words that its story has too, the only one by its look as well."""
    if line.kind is Kind.TITLE:
        return shared > 0 or (not below and not line.text.endswith(("!", ":")))
    return shared >= _SHARED_BY_LOOKALIKES and _CREDIT.match(line.text) is None
