"""Calls of the compiled lexicon with a small dictionary whose files and tables are damaged."""

from __future__ import annotations

import struct
from array import array
from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple

from pymorphy3 import dawg

from searchsvc.analysis import lexicon

if TYPE_CHECKING:
    from random import Random
    from types import ModuleType

FORMS = ["кот", "кота", "котом", "счет", "счетом", "ее", "лучше", "получше", "наикот", "суперкот"]
FORMS += ["рокотом", "зрюмотом", "", "а", "поелее", "я" * 64, "я" * 65, "кот-а", "cot", "語"]
WORDS = [("кот", (0, 0)), ("кота", (0, 1)), ("котом", (0, 2)), ("счёт", (0, 0)), ("её", (1, 1))]
WORDS += [("ее", (1, 1)), ("лучше", (1, 0)), ("получше", (1, 2)), ("кот", (1, 0)), ("щека", (0, 1))]
LINES = b"\xd0\n".join(form.encode() for form in FORMS)
PARADIGMS = [
    array("H", [0, 1, 2, 0, 1, 2, 0, 0, 0]),
    array("H", [0, 0, 0, 3, 1, 0, 0, 0, 1]),
]


class Tag(NamedTuple):
    name: str

    def is_productive(self) -> bool:
        return self.name != "CONJ"


class Files(NamedTuple):
    """What a lexicon is made of."""

    graphs: list[bytes]
    tables: list[bytes]


def files() -> Files:
    """Make a small dictionary."""
    endings = [("том", (7, 0, 2)), ("ом", (3, 0, 2)), ("а", (1, 0, 1)), ("ё", (2, 1, 0))]
    graphs = [
        dawg.WordsDawg(WORDS),
        dawg.ConditionalProbDistDAWG([(("кот", "NOUN"), 0.7), (("ее", "CONJ"), 0.1)]),
        *(dawg.PredictionSuffixesDAWG(endings[some:]) for some in range(3)),
    ]
    tables = SimpleNamespace(
        paradigms=PARADIGMS,
        gramtab=[*map(Tag, ("NOUN", "CONJ", "NOUN", "VERB"))],
        suffixes=["", "а", "ом"],
        paradigm_prefixes=["", "по", "наи"],
    )
    return Files([graph.tobytes() for graph in graphs], [*lexicon._tables(tables, ["супер"])])


def look_up(module: ModuleType, cases: int, chance: Random) -> int:
    """Look forms up in damaged dictionaries; give how many lemmas were found."""
    found = 0
    whole = files()
    assert module.Lexicon(*map(tuple, whole), 3).lemmas("котом") == ("кот",)
    for _ in range(cases):
        graphs, tables = map(list, whole)
        for _ in range(chance.randint(1, 3)):
            some = chance.choice((graphs, graphs, tables))
            number = chance.randrange(len(some))
            some[number] = harmed(some[number], chance)
        try:
            small = module.Lexicon(tuple(graphs), tuple(tables), chance.choice((3, 3, 3, 0, -1, 9)))
            counts, _ = small.lemmatise(LINES, rules_of(chance), keys_of, lambda form: (form,))
            assert len(counts) == 4 * len(FORMS)
            for form in FORMS:
                small.counted(form)
                small.readings(form)
                small.parses(form)
                small.guessed(form)
                small.guesses(form)
                found += len(small.lemmas(form) or ())
        except ValueError:
            continue
    return found


def rules_of(chance: Random) -> tuple[object, ...]:
    """Lay out rules, some of them damaged."""
    needed = struct.pack("<2d", 0.02, 0.3)
    parts = [b"\0\1\0\1", b"\x19\1\x3c\2", b"NOUNCONJNOUNVERB", struct.pack("<4i", 4, 8, 12, 16)]
    parts += [needed, b"\0\2"]
    if chance.random() < 0.3:
        place = chance.randrange(len(parts))
        parts[place] = harmed(parts[place], chance)
    numbers = (3, 8, chance.choice((4, 4, 0, -1)), 4)
    return (*parts, numbers, (0.02, 0.9), ("ов",), ("ом",), ("щека",), tuple("аеиоуыэюя"))


def keys_of(form: str) -> tuple[str, ...]:
    """Give keys, some of them unusual."""
    return (form[:-1] or "я", "кот", "a", "щ" * 63, *(form * 9)[: 7 if "щ" in form else 0])


def harmed(data: bytes, chance: Random) -> bytes:
    """Change some bytes, or cut some off."""
    changed = bytearray(data)
    for _ in range(chance.randint(0, 6) if changed else 0):
        changed[chance.randrange(len(changed))] = chance.choice((0, 1, 0xFF, chance.randrange(256)))
    return bytes(changed[: len(changed) - chance.choice((0, 0, 0, 0, 1, 4, 20))])
