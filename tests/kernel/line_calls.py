"""Calls of what reads lines and scans their texts: most of the lines are damaged."""

from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING

from searchsvc.analysis import scanner
from searchsvc.model import NARROW, Place
from searchsvc.parsing import narrow
from searchsvc.parsing.records import parse_record

if TYPE_CHECKING:
    from random import Random
    from types import ModuleType

    from searchsvc.analysis.scanner import Quick
    from searchsvc.model import NarrowArticle

FIELDS = {
    "title": 'Мэр «Катуни» и "Обь"',
    "text": "Мост на ул. Ленина\nзакрыт… А. С. Зорин: «Когда?» 5,5 млн. руб. \\ и т. д. Всё!",
    "url": "https://example.org/1",
    "topics": ["Город", "Мосты"],
    "views": 12,
    "date": "2021-02-01T10:50:00",
}
SCRAPS = ['"', "\\", "\\u0430", "\\u04", "{", "}", "[", "]", ", ", ": ", "true", "null", "-", "0"]
SCRAPS += [". ", "!", "…", "»", "«", " ", "  ", "\u2028", "語", "\x00", "¼", "<", "т. д", "А", "а"]


def read_lines(module: ModuleType, cases: int, chance: Random) -> list[NarrowArticle]:
    """Read damaged lines with a reader; give those that could be read in the short way."""
    narrow.compiled = module
    narrow._read = narrow._reader()
    lines = [json.dumps(FIELDS, ensure_ascii=ascii_only).encode() for ascii_only in (False, True)]
    scraps = [*(scrap.encode() for scrap in SCRAPS), b"\xd0", b"\xe2\x80"]
    found = []
    for number in range(cases):
        line = damaged(lines[number % 2], scraps, chance)
        article = narrow.narrow_article(line, "а.jsonl")
        if article is not None:
            (long_way,) = parse_record(json.loads(line), Place("а.jsonl", (), 1)).articles
            assert article.widened() == long_way, line
            found.append(article)
    return found


def scan_bytes(module: ModuleType, articles: list[NarrowArticle], chance: Random) -> int:
    """Read the words of texts as they are and of damaged ones; give how many there were."""
    scanner.compiled = module
    compiled, portable = scanner.Scanner(), scanner.Scanner(portable=True)
    found = 0
    for article in articles:
        begin_with(portable.forms[-50:], chance)
        text = damaged(article.text, [scrap.encode(NARROW, "ignore") for scrap in SCRAPS], chance)
        for data in (article.title, text):
            terms, compounds = compiled.terms(data)
            assert (terms, compounds) == portable.terms(data), data
            found += len(terms) // 4
            found += some_places(compiled.quick, data.decode(NARROW), portable, chance)
    return found


def begin_with(forms: list[str], chance: Random) -> None:
    """Begin with damaged forms; those that are texts keep their numbers."""
    lines = damaged(
        "\n".join(forms).encode(), [b"\n", b"\xd0", b"\xe2\x80", b"\xf0\x9f", b"x"], chance
    )
    try:
        own = scanner.Scanner(lines)
        known = lines.decode("utf-8", "surrogatepass").split("\n") if lines else []
    except UnicodeDecodeError:
        return
    for form in known:
        places = [place for place, one in enumerate(known) if one == form]
        assert own._number(form) in places, lines
    assert len(own) == len(known), lines


def some_places(quick: Quick, text: str, portable: scanner.Scanner, chance: Random) -> int:
    """Ask for places of some tokens, and give how many there were."""
    starts, ends = portable.places(text)
    tokens = sorted(chance.sample(range(len(starts) + 5), chance.randint(0, len(starts) + 5)))
    given = quick(text, array("i", tokens).tobytes())
    expected = [(starts[n], ends[n]) for n in tokens if n < len(starts)]
    assert given == array("i", [place for pair in expected for place in pair]).tobytes(), text
    return len(expected)


def damaged(whole: bytes, scraps: list[bytes], chance: Random) -> bytes:
    """Put scraps in place of some pieces."""
    for _ in range(chance.randint(0, 4)):
        place = chance.randint(0, len(whole))
        end = place + chance.choice((0, 0, 1, 3, len(whole)))
        whole = whole[:place] + chance.choice(scraps) + whole[end:]
    return whole
