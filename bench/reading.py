"""A hundred short queries to be read by eye: what a reader would type, and the five best answers.

    python -m bench.reading DATA [--index FOLDER] [--variant plain]

In: the folder that has ``news/``, an index of fontanka, and a variant's name (``ours`` by default).
Out: text for reading: each query, how it was understood, and its first five articles with their
dates and first snippets, words marked. Without an index only the queries.

A query is a name or a noun phrase of one or two words out of a title, one of its words in another
form: of «В Приморске вручили первые медали» is asked `первыми медали`. The same ones are drawn
every time, and our own analysis has no part in it. Texts are their publishers': nothing of the
output belongs into a repository.
"""

from __future__ import annotations

import argparse
import random
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pymorphy3 import MorphAnalyzer

from bench.retrieval.sets import articles
from bench.retrieval.variants import OURS, VARIANTS
from searchsvc.config import Settings
from searchsvc.searching.answer import Question
from searchsvc.searching.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from searchsvc.highlighting.snippet import Snippet
    from searchsvc.searching.answer import Answer

KINDS = ("name", "noun", "two names", "phrase")
QUERIES = 100
HITS = 5
LEAST = 4
"""Letters of a word that is asked for; shorter ones are mostly acronyms."""

SHOWN = 220
"""Characters of a snippet."""

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
    return one.case == other.case and one.number == other.number


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


def lines(number: int, query: Drawn, service: Service) -> Iterator[str]:
    """Write one query's answer for reading."""
    answer = service.search(Question(text=query.text, size=HITS))
    understood = answer.query
    yield f"{number:3}. {query.text}   ({query.kind})"
    yield f"     {_sizes(answer)}; {understood.interpreted}; {' '.join(understood.lemmas)}"
    if understood.corrected:
        used = "instead" if understood.corrected.used else "offered"
        yield f"     {used}: {understood.corrected.text} ({understood.corrected.reason})"
    titled = service.search(Question(text=f'заголовок:"{query.text}"', size=1, correct=False))
    yield f"     in titles side by side: {titled.total}"
    for place, found in enumerate(answer.hits, 1):
        sign = "=" if found.article.title == query.title else " "
        date = found.article.date
        day = date.first_day.isoformat() if date else "no date   "
        yield f"   {sign}{place}  {day} {found.score:.2f}  {_marked(found.title)}"
        for snippet in found.snippets[:1]:
            yield f"        {_marked(snippet)[:SHOWN]}"
    yield ""


def _sizes(answer: Answer) -> str:
    widened = f", {answer.query.all_words} with all words" if answer.query.widened else ""
    return f"{answer.total} found{widened}"


def _marked(snippet: Snippet) -> str:
    text = snippet.text
    for start, end in sorted(snippet.marks, reverse=True):
        text = f"{text[:start]}⟦{text[start:end]}⟧{text[end:]}"
    return " ".join(text.split())


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder that has news/fontanka.jsonl.gz")
    parser.add_argument("--index", type=Path, help="index of fontanka; without it only queries")
    parser.add_argument("--variant", default=OURS, choices=[one.name for one in VARIANTS])
    options = parser.parse_args()
    corpus = options.data / "news" / "fontanka.jsonl.gz"
    titles = sorted({article.title for article in articles(corpus)})
    queries = [query for query, _ in zip(drawn(titles), range(QUERIES), strict=False)]
    for line in _read(queries, options.index, options.variant):
        print(line)


def _read(queries: Iterable[Drawn], index: Path | None, name: str) -> Iterator[str]:
    if index is None:
        yield from (f"{number:3}. {query.text}" for number, query in enumerate(queries, 1))
        return
    (variant,) = (one for one in VARIANTS if one.name == name)
    with variant.weighing():
        service = Service(replace(variant.applied(Settings()), index=index))
        for number, query in enumerate(queries, 1):
            yield from lines(number, query, service)
        service.close()


if __name__ == "__main__":
    main()
