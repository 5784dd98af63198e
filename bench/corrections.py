"""Corrections against real mistakes and made-up ones, over the vocabulary of all the news.

    python -m bench.corrections DATA [--forms 600000]

In: the folder with ``news/``, ``spelling/`` and ``queries/``. Out: on the terminal, how many
mistakes are mended, how many right words are left alone, and how long a word takes.

A made-up mistake is one deletion, insertion, substitution or swap of neighbours, each as often, at
a random place with a random letter, in a random form of four letters or more that three articles or
more have; one that is itself a word of the vocabulary is drawn anew, as nothing is wrong with it to
a corrector without context. The right word comes first when what is offered shares a lemma with it,
so that the same articles are found; the figures for the very form stand beside.
"""

from __future__ import annotations

import argparse
import difflib
import gzip
import json
import random
import re
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.folding import fold
from searchsvc.correction.corrector import Corrector, Reason
from searchsvc.correction.keyboard import to_latin, to_russian
from searchsvc.correction.vocabulary import Vocabulary
from searchsvc.engines.whoosh.lexicon import Lexicon, pack
from searchsvc.engines.whoosh.portable_lexicon import Packed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SOURCES = ("fontanka", "lenta", "ria", "rucoco", "channel1_headlines")
PART = 1 << 14
LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
OFTEN = 3
TITLES = 2_000
MADE_UP = 2_000
SEED = 1

_WORD = re.compile(r"[а-яё]+(?:-[а-яё]+)*")
_TYPED = re.compile(r"[A-Za-zА-Яа-яЁё]+(?:-[A-Za-zА-Яа-яЁё]+)*")
_RUSSIAN = re.compile("[а-я]{4,40}")
_LATIN = re.compile("[a-z]+")


class Mistake(NamedTuple):
    """What was typed and what was meant, both folded."""

    typed: str
    meant: str


class Listed:
    """Forms with their articles, found as an index finds them."""

    def __init__(self, counts: Counter[str]) -> None:
        self._texts = sorted(counts)
        self._counts = np.array([counts[text] for text in self._texts])
        self._lexicon = Lexicon(Packed(**pack(self._texts)))  # type: ignore[arg-type]

    def distinct(self) -> int:
        """Count them."""
        return len(self._texts)

    def parts(self) -> Iterator[list[str]]:
        """Go through them."""
        for low in range(0, len(self._texts), PART):
            yield list(self._lexicon.between(low, min(low + PART, len(self._texts))))

    def articles(self, form: str) -> int:
        """Count the articles that have a form."""
        number = self._lexicon.find(form)
        return self._counts.item(number) if number >= 0 else 0

    def near(self, form: str, edits: int, least: int = 1) -> list[tuple[str, int, int]]:
        """List the forms near another; those two edits away in ``least`` articles or more."""
        numbers, distances = self._lexicon.near(form, edits)
        counts = self._counts[numbers]
        kept = np.flatnonzero(counts >= np.where(distances > 1, least, 1)).tolist()
        return [(self._texts[numbers[at]], counts.item(at), distances.item(at)) for at in kept]


class Bench:
    """One vocabulary, its corrector, and what is asked of them."""

    def __init__(self, counts: Counter[str]) -> None:
        self.counts = counts
        self.analyzer = Analyzer()
        self.analyzer.lemmas("слово")
        started = time.perf_counter()
        self.corrector = Corrector(Vocabulary(Listed(counts)), self.analyzer)
        say("forms", f"{len(counts)}, made ready in {time.perf_counter() - started:.1f} s")

    def mistakes(self, name: str, mistakes: Sequence[Mistake]) -> None:
        """Print how often the right word is offered first and among three, and is corrected to."""
        tally: Counter[str] = Counter()
        for typed, meant in mistakes:
            offered = self.corrector.alternatives(typed)
            correction = self.corrector.correct(typed)
            lemmas = set(self.analyzer.lemmas(meant))
            same = [not lemmas.isdisjoint(self.analyzer.lemmas(word)) for word in offered]
            tally["word first"] += any(same[:1])
            tally["word among three"] += any(same)
            tally["form first"] += meant in offered[:1]
            tally["form among three"] += meant in offered
            tally["corrected"] += correction is not None
            tally["rightly"] += correction is not None and any(same[:1])
        shares = (f"{what} {100 * count / len(mistakes):.1f} %" for what, count in tally.items())
        say(f"{name} ({len(mistakes)})", ", ".join(shares))

    def left_alone(self, name: str, words: Iterable[str]) -> None:
        """Print how many right words would be changed."""
        every = Counter(words)
        changed = {word: c.text for word in sorted(every) if (c := self.corrector.correct(word))}
        running = 100 * sum(every[word] for word in changed) / every.total()
        say(f"{name} ({len(every)})", f"changed {100 * len(changed) / len(every):.2f} %")
        say(f"  of them as running words ({every.total()})", f"{running:.2f} %")
        say("", f"as {list(changed.items())[:6]}")

    def layouts(self, titles: Sequence[str]) -> None:
        """Print how many words typed in the other layout are read back."""
        words = [[fold(w) for w in _TYPED.findall(title) if _one_script(w)] for title in titles]
        whole = [self._read_back(title, range(len(title))) for title in words]
        _share("words of whole titles in the wrong layout", whole)
        chance = random.Random(SEED)
        long = [[i for i, word in enumerate(title) if len(word) > 2] for title in words]
        one = [
            self._read_back(title, [chance.choice(places)])
            for title, places in zip(words, long, strict=True)
            if places
        ]
        _share("one word of a title, of three letters or more", one)
        every = sorted({word for title in words for word in title if len(word) > 2})
        for name, script in (("Cyrillic", False), ("Latin", True)):
            alone = [self._read_back([word], [0]) for word in every if word.isascii() is script]
            _share(f"{name} words of titles one by one", alone)

    def _read_back(self, words: Sequence[str], wrong: Iterable[int]) -> tuple[int, int]:
        """Type some words in the other layout; count those read back, and how many there were."""
        chosen = set(wrong)
        typed = [_retyped(word) if i in chosen else word for i, word in enumerate(words)]
        corrected = self.corrector.correct(" ".join(typed))
        read = [fold(word) for word in (corrected.text.split() if corrected else typed)]
        right = sum(i < len(read) and read[i] == words[i] for i in chosen)
        return right, len(chosen)

    def queries(self, queries: Sequence[str]) -> None:
        """Print how many queries of Latin letters alone are recognised, word by word."""
        recognised = kept = 0
        for query in queries:
            corrected = self.corrector.correct(query)
            recognised += corrected is not None and corrected.reason is Reason.LAYOUT
            kept += sum(map(len, _LATIN.findall(corrected.text if corrected else query)))
        letters = sum(len(word) for query in queries for word in _LATIN.findall(query))
        say("Latin-only queries", f"{recognised} of {len(queries)} recognised")
        say("", f"{kept} of their {letters} letters left Latin")

    def times(self, mistakes: Sequence[Mistake], forms: int) -> None:
        """Print how long a wrong word takes, with made-up forms up to a number."""
        larger = self.counts + Counter(dict(_more(self.counts, forms - len(self.counts))))
        started = time.perf_counter()
        corrector = Corrector(Vocabulary(Listed(larger)), self.analyzer)
        ready = time.perf_counter() - started
        for name, clock in (("", time.perf_counter), (" of processor time", time.thread_time)):
            took = []
            for mistake in mistakes:
                since = clock()
                corrector.correct(mistake.typed)
                took.append(1000 * (clock() - since))
            took.sort()
            figures = [f"p{q} {took[len(took) * q // 100]:.1f}" for q in (50, 95, 99)]
            figures.append(f"most {took[-1]:.1f}")
            say(f"ms{name} a wrong word, {len(larger)} forms", ", ".join(figures))
        say("", f"made ready in {ready:.1f} s")


def main() -> None:
    """Run everything and print it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("data", type=Path)
    options.add_argument("--forms", type=int, default=600_000)
    given = options.parse_args()
    bench = Bench(counted(given.data))
    made_up = mistaken(bench.counts)
    bench.mistakes("one-edit errors", made_up)
    sentences = list(pairs(given.data))
    real = [
        mistake
        for mistake in aligned(sentences)
        if mistake.typed not in bench.counts and mistake.meant in bench.counts
    ]
    bench.mistakes("ruspellru", real)
    bench.left_alone("right words of ruspellru", (w for _, right in sentences for w in right))
    bench.left_alone("right words of OpenCorpora", opencorpora(given.data))
    bench.layouts(titles(given.data))
    bench.queries(latin_queries(given.data))
    often = (word for word, n in bench.counts.items() if n >= OFTEN and _LATIN.fullmatch(word))
    bench.left_alone("Latin words of three articles or more", often)
    bench.times(real + made_up, given.forms)


def say(what: str, figures: str) -> None:
    """Print a line of the table."""
    print(f"{what:<46} {figures}", flush=True)


def counted(data: Path) -> Counter[str]:
    """Count the articles of every folded form and compound of the news."""
    analyzer = Analyzer()
    counts: Counter[str] = Counter()
    for source in SOURCES:
        for row in rows(data / "news" / f"{source}.jsonl.gz"):
            fields = (row.get(field) for field in ("title", "lead", "summary", "text"))
            texts = [analyzer.analyse(text) for text in fields if isinstance(text, str)]
            forms = {form for text in texts for form in text.forms}
            counts.update(forms | {form for text in texts for _, form in text.compounds})
    return counts


def rows(path: Path) -> Iterator[dict[str, object]]:
    """Read a file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def mistaken(counts: Counter[str]) -> list[Mistake]:
    """Make up one-edit errors that are no words themselves."""
    chance = random.Random(SEED)
    forms = sorted(form for form, n in counts.items() if n >= OFTEN and _RUSSIAN.fullmatch(form))
    made: list[Mistake] = []
    while len(made) < MADE_UP:
        meant = chance.choice(forms)
        typed = _edited(meant, chance)
        if typed not in counts:
            made.append(Mistake(typed, meant))
    return made


def _edited(word: str, chance: random.Random) -> str:
    edit = chance.choice(("delete", "insert", "substitute", "swap"))
    place = chance.randrange(len(word) + {"insert": 1, "swap": -1}.get(edit, 0))
    before, after = word[:place], word[place:]
    match edit:
        case "delete":
            return before + after[1:]
        case "insert":
            return before + chance.choice(LETTERS) + after
        case "substitute":
            return before + chance.choice(LETTERS) + after[1:]
        case _:
            return before + after[1] + after[0] + after[2:]


def pairs(data: Path) -> Iterator[tuple[list[str], list[str]]]:
    """Read the sentences of ruspellru as folded words, as they were written and corrected."""
    for line in (data / "spelling" / "ruspellru.tsv").read_text(encoding="utf-8").splitlines():
        wrong, right = (_WORD.findall(fold(text)) for text in line.split("\t"))
        yield wrong, right


def aligned(sentences: Iterable[tuple[list[str], list[str]]]) -> Iterator[Mistake]:
    """List the mistakes in which one word stands for one."""
    for wrong, right in sentences:
        matcher = difflib.SequenceMatcher(None, wrong, right, autojunk=False)
        for tag, start, end, low, high in matcher.get_opcodes():
            if tag == "replace" and end - start == high - low:
                yield from map(Mistake, wrong[start:end], right[low:high])


def opencorpora(data: Path) -> Iterator[str]:
    """List the Russian words of OpenCorpora's texts, folded."""
    path = data / "morphology" / "opencorpora_unambiguous.conllu.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            columns = line.split("\t")
            if len(columns) > 3 and _WORD.fullmatch(form := fold(columns[1])):
                yield form


def titles(data: Path) -> list[str]:
    """Draw titles of fontanka."""
    every = [str(row["title"]) for row in rows(data / "news" / "fontanka.jsonl.gz")]
    return random.Random(SEED).sample([title for title in every if title], TITLES)


def latin_queries(data: Path) -> list[str]:
    """List the queries without any Cyrillic letter."""
    lines = (data / "queries" / "web_queries.tsv").read_text(encoding="utf-8").splitlines()
    queries = [line.split("\t", 1)[1] for line in lines]
    return [query for query in queries if not re.search("[А-Яа-яЁё]", query)]


def _retyped(word: str) -> str:
    return to_russian(word) if word.isascii() else to_latin(word)


def _one_script(word: str) -> bool:
    return len({letter.isascii() for letter in word if letter != "-"}) == 1


def _share(name: str, counts: Sequence[tuple[int, int]]) -> None:
    right, asked = map(sum, zip(*counts, strict=True))
    say(f"{name} ({asked})", f"{100 * right / asked:.2f} % read back")


def _more(counts: Counter[str], wanted: int) -> Iterator[tuple[str, int]]:
    """Make up forms: the beginning of one and the end of another, in one or two articles."""
    chance = random.Random(SEED)
    forms = sorted(form for form in counts if len(form) > 5)
    made: set[str] = set()
    while len(made) < wanted:
        first, second = chance.choice(forms), chance.choice(forms)
        form = first[: len(first) // 2] + second[len(second) // 2 :]
        if form not in counts:
            made.add(form)
    yield from ((form, 1 + len(form) % 2) for form in sorted(made))


if __name__ == "__main__":
    main()
