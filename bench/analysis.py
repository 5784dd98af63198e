"""Analysis against the least that could be done: words by a regex, and one look-up for each.

    python -m bench.analysis DATA [--articles 46695]

In: the folder that has ``news/``. Out: a table. Both read the same batches of texts in turns, in
one process. The least is ``re.finditer`` with spans and one dictionary look-up a token; ours gives
forms, compounds, spans and every lemma of each form. Cold begins with empty caches; warm is the
second reading.
"""

from __future__ import annotations

import argparse
import re
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from bench.corpus import real
from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from searchsvc.analysis.lemmatising import Lemmatised

BATCH = 500

WORDS = re.compile(r"\w+")


class Least:
    """Words with their spans, and what a dictionary has for each."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self.tokens = 0

    def read(self, texts: Iterable[str]) -> None:
        """Read texts."""
        known = self._known
        for text in texts:
            for match in WORDS.finditer(text):
                match.span()
                word = match[0]
                if known.get(word) is None:
                    known[word] = len(known)
                self.tokens += 1


class Ours:
    """Forms by number with their spans, and the lemmas of each number."""

    def __init__(self) -> None:
        self._analyzer = Analyzer()
        self._scanner = Scanner()
        self._known = 0
        self._lemmas: list[Lemmatised] = []
        self.tokens = 0

    @property
    def forms(self) -> int:
        """How many distinct forms it met."""
        return len(self._scanner)

    def read(self, texts: Iterable[str]) -> None:
        """Read texts."""
        for text in texts:
            self.tokens += self._scanner.scan(text).forms.size
        new = self._scanner.lines(self._known)
        self._known = len(self._scanner)
        self._lemmas.append(self._analyzer.lemmas_of_lines(new))


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder that has news/fontanka.jsonl.gz")
    parser.add_argument("--articles", type=int, default=46_695, help="articles to read")
    options = parser.parse_args()
    texts = [f"{row.title}\n{row.text}" for row in islice(real(options.data), options.articles)]
    Analyzer().lemmas("слово")  # the dictionary is loaded once in a process
    least, ours = Least(), Ours()
    before = _resident()
    for name in ("cold", "warm"):
        one, other = _in_turns(least, ours, texts)
        print(f"{name}: least {len(texts) / one:8.0f} articles/s, ours {len(texts) / other:8.0f}")
        print(f"      ours is {one / other:.2f} times as fast")
    grown = (_resident() - before) / 1e6
    print(f"{ours.forms} forms, {ours.tokens} tokens; both hold {grown:.0f} MB more than before")


def _in_turns(least: Least, ours: Ours, texts: list[str]) -> tuple[float, float]:
    """Give the processor's seconds of each."""
    spent = [0.0, 0.0]
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        turns = [(0, least), (1, ours)]
        for number, reader in turns if start // BATCH % 2 else turns[::-1]:
            began = time.process_time()
            reader.read(batch)
            spent[number] += time.process_time() - began
    return spent[0], spent[1]


def _resident() -> int:
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * 4096


if __name__ == "__main__":
    main()
