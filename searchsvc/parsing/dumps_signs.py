"""Parsing dumps: a paragraph and what surrounds it come in, whether it begins a story goes out."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.parsing.dumps_cohesion import NOTHING, STEM, Piece, StorySoFar

if TYPE_CHECKING:
    from collections.abc import Callable, Set

_FULL_NAME = re.compile(r"[А-ЯЁ][а-яё]{1,30}(?:-[А-ЯЁ][а-яё]{1,30})? [А-ЯЁ][а-яё]{2,30}")
# How a paragraph goes on with what was said.
_GOES_ON_WORDS = (
    "он|она|они|оно|его|её|ее|их|ему|ей|им|это|этот|эта|эти|этого|этой|этом",
    "такой|такая|такие|так|там|тогда",
    "также|кроме|при этом|при|однако|но|а|и|же|поэтому|между тем|вместе с тем",
    "в свою очередь|впрочем|зато",
    r"по (?:его|её|ее|их|словам|данным|мнению|информации)|как|отметим|напомним",
    r"напоминаем|ранее|добав\w+",
    "помимо|вместо|затем|потом|после|до этого|в частности|например|кстати",
    "таким образом|в итоге|далее",
    "в результате|всего|сам|сама|сами|причём|причем|теперь|сейчас|если|хотя|пока",
    "ещё|еще|уже|именно|об этом",
    "в то же время|во-первых|во-вторых|в-третьих|следовательно|тем не менее",
    "тем временем|из-за этого",
    r"остальн\w+|другой|другая|другие|последн\w+|следующ\w+|перв\w+|втор\w+|трет\w+",
)
_GOES_ON = re.compile(rf"[«\"„]?(?:{'|'.join(_GOES_ON_WORDS)})\b", re.I)
_SPEECH = re.compile(r"[«\"“„—–-]")
_LOOKS_BACK = re.compile(r"(?:напомним|напоминаем|ранее|отметим|добавим|как сообщал)\b", re.I)
# «об этом сообщает», «рассказали в пресс-службе»: who says so stands in the first paragraph.
_TELLS_SOURCE = re.compile(
    r"\b(?:об этом|сообща[ею]т|сообщил[аи]?|переда[её]т|пишет|со ссылкой|пресс-служб\w+"
    r"|информирует)\b",
    re.I,
)
_MONTH = "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"
_WEEKDAY = "понедельник|вторник|среду|четверг|пятницу|субботу|воскресенье"
_TELLS_DAY = re.compile(
    rf"\b\d{{1,2}} (?:{_MONTH})\b|\b(?:сегодня|вчера|завтра|накануне)\b|\bво? (?:{_WEEKDAY})\b",
    re.I,
)


class Gap(NamedTuple):
    """What stands between two paragraphs: how many lines of each kind, and the last title."""

    promos: int = 0
    titles: int = 0
    notes: int = 0
    dates: int = 0
    title: Piece = NOTHING


class Turn(NamedTuple):
    """A paragraph that may begin a story: the story before it, and what comes after."""

    story: StorySoFar
    gap: Gap
    here: Piece
    after: Piece = NOTHING
    later: Piece = NOTHING
    in_tail: bool = False
    """Whether the page's own article has ended already."""

    @property
    def marked(self) -> bool:
        """Whether any line stands between the paragraphs."""
        return any(self.gap[:4])

    @property
    def last(self) -> Piece:
        """The paragraph before this one."""
        return self.story.paragraphs[-1] if self.story.paragraphs else NOTHING


def begins_story(turn: Turn) -> bool:
    """Tell whether a paragraph begins another story than the one before it.

    A page's own article does not end without a mark: a text that is one article alone may wander
    from its subject as far as it likes.
    """
    if turn.marked:
        return sum(weight * sign(turn) for weight, _, sign in SIGNS) > 0
    return turn.in_tail and sum(weight * sign(turn) for _, weight, sign in SIGNS) > 0


def _share(part: Piece, whole: Set[str]) -> float:
    return len(part.stems & whole) / (len(part.stems) or 1)


def _common(part: Set[str], whole: Set[str]) -> float:
    return math.log1p(len(part & whole))


def _new_full_name(turn: Turn) -> bool:
    names = (
        {part[:STEM].lower() for part in name.split()}
        for name in _FULL_NAME.findall(turn.here.text)
    )
    return any(turn.story.stems.isdisjoint(name) for name in names)


def _title_is_of_this(turn: Turn) -> bool:
    return bool(turn.gap.title.stems & (turn.here.stems | turn.after.stems))


# Weights of two logistic regressions, for paragraphs below a mark (a promo line, a title, a date)
# and for those below nothing, fitted to dumps made like those of the proof out of a third of its
# pages, which the proof leaves out.
SIGNS: tuple[tuple[float, float, Callable[[Turn], float]], ...] = (
    (-8.17, -8.26, lambda _: 1.0),
    (1.01, -1.08, lambda it: _share(it.here, it.story.stems)),
    (-1.94, -2.51, lambda it: _common(it.here.stems, it.story.stems)),
    (-5.19, 1.4, lambda it: _share(it.here, it.last.stems)),
    (-0.11, -0.42, lambda it: _common(it.here.names, it.story.names)),
    (-2.63, -0.86, lambda it: _share(it.after, it.story.stems)),
    (-0.33, -1.12, lambda it: _common(it.after.stems, it.story.stems)),
    (-0.64, 1.9, lambda it: _share(it.after, it.here.stems)),
    (0.42, 0.9, lambda it: _common(it.after.stems, it.here.stems)),
    (0.28, -0.49, lambda it: _common(it.after.names, it.story.names)),
    (-4.98, -2.03, lambda it: _share(it.later, it.story.stems)),
    (0.03, -0.65, lambda it: _common(it.later.stems, it.story.stems)),
    (0.84, 0.9, lambda it: _common(it.later.stems, it.here.stems | it.after.stems)),
    (1.38, 1.38, lambda it: math.log1p(len(it.story.stems))),
    (0.06, 2.8, lambda it: math.log1p(len(it.story.paragraphs))),
    (0.33, 0.05, lambda it: math.log1p(len(it.here.text))),
    (-0.3, -0.82, lambda it: not it.after.text),
    (-0.31, -2.28, lambda it: _GOES_ON.match(it.here.text) is not None),
    (-2.35, -1.49, lambda it: _SPEECH.match(it.here.text) is not None),
    (2.81, -0.39, lambda it: _LOOKS_BACK.match(it.last.text) is not None),
    (-1.3, -0.12, lambda it: it.last.text.endswith((":", ",", ";"))),
    (1.37, 0.96, lambda it: _TELLS_SOURCE.search(it.here.text) is not None),
    (0.5, 1.09, lambda it: _TELLS_DAY.search(it.here.text[:200]) is not None),
    (0.56, 1.06, _new_full_name),
    (3.67, 0.0, lambda it: it.gap.promos > 0),
    (0.05, 0.0, lambda it: it.gap.titles > 0),
    (-1.77, 0.0, lambda it: it.gap.notes > 0),
    (3.5, 0.0, lambda it: it.gap.dates > 0),
    (0.42, 0.0, _title_is_of_this),
    (1.0, 0.0, lambda it: _common(it.gap.title.stems, it.here.stems)),
    (-1.05, 0.0, lambda it: _common(it.gap.title.stems, it.story.stems)),
    (2.94, 0.0, lambda it: it.in_tail),
    (1.35, -1.08, lambda it: it.in_tail and _share(it.here, it.story.stems)),
    (-0.24, -0.86, lambda it: it.in_tail and _share(it.after, it.story.stems)),
)
