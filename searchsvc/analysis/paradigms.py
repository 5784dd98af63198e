"""Paradigms: what an unknown word would be in the forms that all its cases share.

In: a folded form that the dictionary lacks. Out: keys, such that the cases of one name have one
in common: «шольц», «шольца», «шольцем» → шольц; «мамнулу», «мамнул» → мамнул; «цоя», «цоем» → цой;
«чалого», «чалой» → чалый. Masculine, feminine and plural of one stem share it, as surnames do.

A key is a hypothesis: the ending may belong to the word («малком» is no case of «малк»), so the
form itself stays a lemma beside its keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

VOWELS = frozenset("аеиоуыэюя")
_SOFT_ONLY = frozenset("гкхжшщч")
"""Letters that «ы» and «я» do not follow: «Глинки», «чалого» but «белинского»."""
_SIBILANTS = frozenset("жшщчц")
_NEVER_SOFT = _SIBILANTS | frozenset("гкх")
_LEAST = 3
"""Letters of a stem: «Коха» → кох; acronyms of three letters are no cases of one of two."""

_SURNAMES = ("ов", "ев", "ин", "ын")
_ADJECTIVES = ("ск", "цк", "н", "ов", "ев", "л", "р", "г", "х", "ж", "щ", "ч")
"""Ends of stems that «-ом», «-ой», «-ым» may make adjectives of: «в Грозном», but «Трампом»."""


def keys(form: str) -> tuple[str, ...]:
    """Give the distinct keys of an unknown Russian form without hyphens; often none."""
    found: dict[str, None] = {}
    for size in range(min(3, len(form) - 2), 0, -1):
        for key_of in _ENDINGS.get(form[-size:], ()):
            stem = form[:-size]
            key = "" if VOWELS.isdisjoint(stem) else key_of(stem)
            if key and key != form:
                found[key] = None
    return tuple(found)


def _hard(stem: str) -> str:
    """Шольц-у, Мамнул-ой: the bare stem."""
    return stem if len(stem) >= _LEAST and _ends_hard(stem) else ""


def _soft(stem: str) -> str:
    """Гогол-ю → гоголь."""
    plain = _ends_hard(stem) and stem[-1] not in _NEVER_SOFT
    return f"{stem}ь" if plain and len(stem) >= _LEAST else ""


def _jot(stem: str) -> str:
    """Цо-я → цой, Севиль-и → севилья."""
    if stem[-1] == "ь":
        return f"{stem}я" if len(stem) > _LEAST else ""
    return f"{stem}й" if stem[-1] in VOWELS else ""


def _velar(stem: str) -> str:
    """Глинк-и, Рыбач-ей: the bare stem where «и» or «е» stands for «ы» or «о»."""
    return _hard(stem) if stem[-1] in _SOFT_ONLY | _SIBILANTS else ""


def _after_soft(stem: str) -> str:
    return "" if stem[-1] in _SOFT_ONLY else _soft(stem)


def _surname(stem: str) -> str:
    """Зрюмов-ых, Мурин-о: names in -ов and -ин are half adjectives, half nouns."""
    return stem if len(stem) >= _LEAST and stem.endswith(_SURNAMES) else ""


def _adjective(stem: str) -> str:
    """Чал-ого → чалый, Синицк-ую → синицкий; «Толстой» and «Толстый» are one."""
    if len(stem) < 2 or not _ends_hard(stem):
        return ""
    return stem + ("ий" if stem[-1] in _SOFT_ONLY else "ый")


def _likely_adjective(stem: str) -> str:
    return _adjective(stem) if stem.endswith(_ADJECTIVES) else ""


def _soft_adjective(stem: str) -> str:
    return f"{stem}ий" if len(stem) >= 2 and _ends_hard(stem) else ""


def _velar_adjective(stem: str) -> str:
    return _adjective(stem) if stem[-1] in _SOFT_ONLY else ""


def _fleeting(vowel: str, consonant: str) -> Callable[[str], str]:
    """Лисов-ец → лисовц, Коломо-ец → коломойц, Шол-ец → шольц: as before endings."""

    def key(stem: str) -> str:
        if len(stem) < 2 or stem[-1] in "ьйъ":
            return ""
        if stem[-1] in VOWELS:
            return f"{stem}й{consonant}"
        soft = stem[-1] == "л" and vowel == "е" and consonant in "цк"
        return f"{stem}ь{consonant}" if soft else stem + consonant

    return key


def _ends_hard(stem: str) -> bool:
    return stem[-1] not in VOWELS and stem[-1] not in "ьйъ"


_ENDINGS: dict[str, tuple[Callable[[str], str], ...]] = {
    "а": (_hard,),
    "у": (_hard,),
    "ы": (_hard,),
    "ом": (_hard, _likely_adjective),
    "ой": (_hard, _likely_adjective),
    "ою": (_hard,),
    "ам": (_hard,),
    "ах": (_hard,),
    "ами": (_hard,),
    "я": (_soft, _jot),
    "ю": (_soft, _jot),
    "е": (_hard, _soft, _jot),
    "и": (_velar, _after_soft, _jot),
    "ем": (_velar, _soft, _jot),
    "ей": (_velar, _soft, _jot),
    "ью": (_soft, _jot),
    "ям": (_soft, _jot),
    "ях": (_soft, _jot),
    "ями": (_soft, _jot),
    "о": (_surname,),
    "ым": (_surname, _likely_adjective),
    "ыми": (_surname, _adjective),
    "ых": (_surname, _adjective),
    "ые": (_adjective,),
    "ого": (_adjective,),
    "ому": (_adjective,),
    "ая": (_adjective,),
    "ую": (_adjective,),
    "ое": (_adjective,),
    "им": (_velar_adjective,),
    "ими": (_soft_adjective,),
    "их": (_soft_adjective,),
    "ие": (_velar_adjective,),
    "его": (_soft_adjective,),
    "ему": (_soft_adjective,),
    "яя": (_soft_adjective,),
    "юю": (_soft_adjective,),
    "ее": (_soft_adjective,),
    "ец": (_fleeting("е", "ц"),),
    "ок": (_fleeting("о", "к"),),
    "ек": (_fleeting("е", "к"),),
}
"""Endings and what may stand before them."""
