"""Drawing short queries: what a reader would type, out of titles.

In: titles. Out: names and noun phrases of one or two words, one of them in another form: of «В
Приморске вручили первые медали» is asked `первыми медали`. The same titles give the same queries,
and our own analysis has no part in it.
"""

from __future__ import annotations

import random
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from pymorphy3 import MorphAnalyzer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KINDS = ("name", "noun", "two names", "phrase")
LEAST = 4
"""Letters of a word that is asked for; shorter ones are mostly acronyms."""

_WORD = re.compile(r"[а-яё]+(?:-[а-яё]+)*", re.IGNORECASE)
_BEGINNING = re.compile(r"(?:^|[.!?:«„\"—–(])\s*$")
_NAMES = frozenset({"Name", "Surn", "Patr", "Geox", "Orgn", "Trad"})
_ODD = frozenset(
    {
        "Abbr",
        "Apro",
        "Arch",
        "Erro",
        "Infr",
        "Dist",
        "Slng",
        "Supr",
        "V-oy",
        "V-ey",
        "V-sh",
        "V-ie",
        "V-be",
    }
    | {"Anum", "Init", "V-bi", "V-ej"}
)
_CASES = frozenset({"nomn", "gent", "datv", "accs", "ablt", "loct"})


class Typed(NamedTuple):
    """A word of a title: its text, where it stands, its likeliest reading, whether it is a name."""

    text: str
    start: int
    end: int
    reading: Any
    name: bool


class Drawn(NamedTuple):
    """A query, its kind, and the title that it comes from."""

    text: str
    kind: str
    title: str


def drawn(titles: Sequence[str]) -> Iterator[Drawn]:
    """Draw distinct queries from titles, without end."""
    chance, morph = random.Random(1), MorphAnalyzer()
    seen: set[str] = set()
    while True:
        kind = KINDS[len(seen) % len(KINDS)]
        title = chance.choice(titles)
        found = _found(_words(title, morph))[kind]
        text = _inflected(chance.choice(found), chance) if found else None
        if text is not None and text not in seen:
            seen.add(text)
            yield Drawn(text, kind, title)


def _words(title: str, morph: MorphAnalyzer) -> list[Typed]:
    return [_typed(title, match, morph) for match in _WORD.finditer(title)]


def _typed(title: str, match: re.Match[str], morph: MorphAnalyzer) -> Typed:
    text = match[0]
    readings = morph.parse(text)
    capital = text[0].isupper() and not text.isupper()
    names = [one for one in readings if not _NAMES.isdisjoint(one.tag.grammemes)]
    first = _BEGINNING.search(title[: match.start()]) is not None
    # A capital inside a sentence makes a name; at its beginning the dictionary has to agree.
    name = capital and (not first or readings[0] in names)
    reading = names[0] if name and names else readings[0]
    shown = text if name or text.isupper() else text.lower()
    return Typed(shown, match.start(), match.end(), reading, name)


def _found(words: Sequence[Typed]) -> dict[str, list[tuple[Typed, ...]]]:
    found: dict[str, list[tuple[Typed, ...]]] = {kind: [] for kind in KINDS}
    for word in words:
        if _is_noun(word) and len(word.text) >= LEAST:
            found["name" if word.name else "noun"].append((word,))
    for left, right in pairwise(words):
        if right.start - left.end != 1 or not _is_noun(right):
            continue
        if left.name and right.name:
            found["two names"].append((left, right))
        elif not right.name and (_agree(left, right) or _owned(left, right)):
            found["phrase"].append((left, right))
    return found


def _is_noun(word: Typed) -> bool:
    tag = word.reading.tag
    return word.name or (
        not word.text.isupper() and tag.POS == "NOUN" and _ODD.isdisjoint(tag.grammemes)
    )


def _agree(left: Typed, right: Typed) -> bool:
    """Первые медали, сильного ветра."""
    one, other = left.reading.tag, right.reading.tag
    if one.POS != "ADJF" or not _ODD.isdisjoint(one.grammemes):
        return False
    return bool(one.case == other.case and one.number == other.number)


def _owned(left: Typed, right: Typed) -> bool:
    """Вручение медалей: another noun's genitive."""
    tags = left.reading.tag, right.reading.tag
    return _is_noun(left) and tags[0].POS == "NOUN" and tags[1].case == "gent"


def _inflected(words: Sequence[Typed], chance: random.Random) -> str | None:
    """Put one of the words into another form; None where none has any."""
    place = chance.randrange(len(words))
    others = _others(words[place])
    if not others:
        return None
    texts = [word.text for word in words]
    texts[place] = chance.choice(others)
    return " ".join(texts)


def _others(word: Typed) -> list[str]:
    reading = word.reading
    found = set()
    for other in reading.lexeme:
        tag = other.tag
        usual = tag.POS == reading.tag.POS and _ODD.isdisjoint(tag.grammemes)
        if not usual or tag.case not in _CASES or (word.name and tag.number != reading.tag.number):
            continue
        found.add("-".join(map(_cased, other.word.split("-"), _parts(word.text, other.word))))
    return sorted(found - {word.text})


def _parts(text: str, other: str) -> list[str]:
    parts = text.split("-")
    return parts + [""] * (other.count("-") + 1 - len(parts))


def _cased(form: str, like: str) -> str:
    return form[:1].upper() + form[1:] if like[:1].isupper() else form
