"""Articles recombined from real ones: any number of them, the same for the same number.

In: real articles. Out: an endless stream of others. Each takes runs of sentences from three
articles of one topic, so that words that stand together in life stand together here, and invented
surnames in such numbers that distinct forms grow with all tokens as they do in the real articles
(Heaps' law: ``forms = K · tokens ** beta``).
"""

from __future__ import annotations

import math
import random
import re
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.corpus import Row

SEED = 20_210_219
DONORS = 3
REUSED = 2
"""Invented forms of earlier articles that an article repeats: few are frequent, most are rare."""

_SENTENCE_END = re.compile(r"(?<=[.!?…»])\s+(?=[А-ЯЁA-Z«\"—])|\n+")
_NAME = re.compile(r"(?<=[а-яё,] )[А-ЯЁ][а-яё]{3,}")
_TOKEN = re.compile(r"\w+")

_ONSETS = (*"бвгджзклмнпрстфхцчш", "бр", "вл", "гр", "др", "кл", "кр", "пр", "ст", "тр")
_VOWELS = "аеиоуыяю"
_ENDINGS = ("ов", "ова", "ову", "овым")


class Growth(NamedTuple):
    """How distinct forms grow with tokens, measured on the real articles."""

    tokens: int
    forms: int
    beta: float

    def forms_at(self, tokens: int) -> int:
        """Give how many distinct forms so many tokens have."""
        return int(self.forms * (tokens / self.tokens) ** self.beta)


class MadeUp(NamedTuple):
    """A recombined article, with the fields of a corpus row."""

    id: str
    title: str
    text: str
    date: str
    source: str
    topic: str
    url: str


def measured(articles: Sequence[Row]) -> Growth:
    """Measure tokens, forms and the exponent over the second half of the articles."""
    forms: set[str] = set()
    tokens, half, middle = 0, (0, 0), len(articles) // 2
    for number, row in enumerate(articles):
        if number == middle:
            half = (tokens, len(forms))
        found = _TOKEN.findall(f"{row.title} {row.text}".lower())
        tokens += len(found)
        forms.update(found)
    beta = math.log(len(forms) / half[1]) / math.log(tokens / half[0])
    return Growth(tokens, len(forms), beta)


def invented(number: int) -> str:
    """Make an invented surname's form; four numbers in a row are forms of one surname.

    >>> invented(0)[-2:], invented(1)[-3:]
    ('ов', 'ова')
    """
    stem, case = divmod(number, len(_ENDINGS))
    size = len(_ONSETS) * len(_VOWELS)
    # A multiplier coprime to the modulus visits every three-syllable stem once.
    code = (stem + 1) * 1_000_003 % size**3 + (stem // size**3) * size**3
    syllables = []
    while code or len(syllables) < 3:
        code, syllable = divmod(code, size)
        syllables.append(_ONSETS[syllable // len(_VOWELS)] + _VOWELS[syllable % len(_VOWELS)])
    return ("".join(syllables) + "вл" + _ENDINGS[case]).capitalize()


def recombined(articles: Sequence[Row], first: int) -> Iterator[MadeUp]:
    """Make article after article, numbered from ``first``."""
    growth = measured(articles)
    topics: dict[tuple[str, str], list[Row]] = {}
    for row in articles:
        topics.setdefault((row.source, row.topic), []).append(row)
    tokens, used = growth.tokens, 0
    for number in count(first):
        chance = random.Random(f"{SEED} {number}")
        like = chance.choice(articles)
        donors = chance.choices(topics[like.source, like.topic], k=DONORS)
        title = chance.choice(donors).title
        text = " ".join(_sentences(donors, len(_SENTENCE_END.split(like.text)), chance))
        tokens += len(_TOKEN.findall(title)) + len(_TOKEN.findall(text))
        due = max(0, growth.forms_at(tokens) - growth.forms - used)
        names = [invented(used + step) for step in range(due)]
        names += [invented(int(used * chance.random() ** 3)) for _ in range(REUSED)]
        used += due
        yield MadeUp(
            id=f"n{number:07d}",
            title=title,
            text=_named(text, names),
            date=like.date,
            source=like.source,
            topic=like.topic,
            url=f"https://news.example/{number}",
        )


def _sentences(donors: Sequence[Row], total: int, chance: random.Random) -> list[str]:
    taken: list[str] = []
    for donor in donors:
        own = _SENTENCE_END.split(donor.text)
        share = max(1, total // len(donors))
        start = chance.randrange(max(1, len(own) - share + 1))
        taken += own[start : start + share]
    return taken


def _named(text: str, names: list[str]) -> str:
    """Put the names where other names stand; those without a place go to the end."""
    waiting = list(reversed(names))
    text = _NAME.sub(lambda found: waiting.pop() if waiting else found[0], text)
    return f"{text} Названы: {', '.join(reversed(waiting))}." if waiting else text
