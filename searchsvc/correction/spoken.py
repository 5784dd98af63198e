"""Colloquial spellings: words written as they are said, further from the word than two edits.

In: a folded word. Out: what it may stand for, each with its cost for the noisy channel.
"""

from __future__ import annotations

from types import MappingProxyType

COST = 1.0

WORDS = MappingProxyType(
    {
        "щас": "сейчас",
        "щаз": "сейчас",
        "ща": "сейчас",
        "счас": "сейчас",
        "седня": "сегодня",
        "сення": "сегодня",
        "ваще": "вообще",
        "воще": "вообще",
        "тока": "только",
        "токо": "только",
        "скока": "сколько",
        "стока": "столько",
        "чо": "что",
        "че": "что",
        "шо": "что",
        "ессно": "естественно",
        "естессно": "естественно",
        "собсно": "собственно",
        "собстно": "собственно",
        "канешна": "конечно",
        "канешно": "конечно",
        "никада": "никогда",
        "када": "когда",
        "тада": "тогда",
        "патаму": "потому",
        "нащет": "насчет",
        "исчо": "еще",
        "ишо": "еще",
        "пасиб": "спасибо",
        "терь": "теперь",
        "седьня": "сегодня",
        "тыща": "тысяча",
    }
)
ENDINGS = MappingProxyType(
    {
        "цца": ("ться", "тся"),
        "ццо": ("ться", "тся"),
        "ца": ("ться", "тся"),
        "цо": ("ться", "тся"),
        "ова": ("ого",),
        "ева": ("его",),
    }
)
"""Ends of verbs and adjectives: «становицца», «хорошева»."""


def respelled(word: str) -> dict[str, float]:
    """Give the words that a colloquial spelling may stand for, each with its cost in nats."""
    found = {WORDS[word]: COST} if word in WORDS else {}
    for end, endings in ENDINGS.items():
        if word.endswith(end):
            stem = word.removesuffix(end)
            found.update({stem + other: COST * 2 for other in endings})
    return found
