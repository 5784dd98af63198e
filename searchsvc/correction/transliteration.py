"""Transliteration: from a Russian word in Latin letters to what it may read in Cyrillic.

In: a folded Latin word. Out: Cyrillic readings, a bounded number. News, passports (ICAO 9303),
ISO 9 and everyday typing differ, so that many letters have several readings.
"""

from __future__ import annotations

from types import MappingProxyType

READINGS = MappingProxyType(
    {
        "shch": ("щ",),
        "sch": ("щ", "сч"),
        "yo": ("е", "йо"),
        "jo": ("е", "йо"),
        "yu": ("ю", "ью"),
        "ju": ("ю",),
        "iu": ("ю", "иу"),
        "ya": ("я", "ья"),
        "ja": ("я",),
        "ia": ("я", "ия"),
        "ye": ("е", "ье"),
        "je": ("е",),
        "zh": ("ж",),
        "kh": ("х",),
        "ch": ("ч",),
        "sh": ("ш",),
        "ts": ("ц", "тс"),
        "tz": ("ц",),
        "ck": ("к",),
        "ph": ("ф",),
        "iy": ("ий",),
        "ij": ("ий",),
        "yy": ("ый",),
        "a": ("а",),
        "b": ("б",),
        "c": ("ц", "с", "к"),
        "d": ("д",),
        "e": ("е", "э"),
        "f": ("ф",),
        "g": ("г",),
        "h": ("х",),
        "i": ("и", "й"),
        "j": ("й", "ж"),
        "k": ("к",),
        "l": ("л", "ль"),
        "m": ("м",),
        "n": ("н", "нь"),
        "o": ("о",),
        "p": ("п",),
        "q": ("к",),
        "r": ("р", "рь"),
        "s": ("с", "сь"),
        "t": ("т", "ть"),
        "u": ("у",),
        "v": ("в",),
        "w": ("в", "ш"),
        "x": ("кс", "х"),
        "y": ("ы", "й", "ый", "ий", "и"),
        "z": ("з",),
        "'": ("ь", ""),
        "-": ("-",),
    }
)
"""What each group of Latin letters may stand for, the usual reading first."""

LONGEST_GROUP = 4
MOST_READINGS = 256
"""Readings kept after each letter; those that need the fewest unusual steps stay."""


def readings(word: str) -> list[str]:
    """List the Cyrillic readings of a folded Latin word, the usual ones first; none of a digit."""
    ways: list[dict[str, int]] = [{"": 0}]
    for end in range(1, len(word) + 1):
        here: dict[str, int] = {}
        for start in range(max(0, end - LONGEST_GROUP), end):
            for rank, letters in enumerate(READINGS.get(word[start:end], ())):
                for reading, steps in ways[start].items():
                    longer = reading + letters
                    here[longer] = min(steps + rank, here.get(longer, steps + rank))
        ways.append(_fewest(here))
    return list(_fewest(ways[-1]))


def _fewest(ways: dict[str, int]) -> dict[str, int]:
    kept = sorted(ways.items(), key=lambda way: way[1])
    return dict(kept[:MOST_READINGS])
