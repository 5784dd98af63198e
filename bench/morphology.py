"""Lemmas against OpenCorpora's gold and against keeping every normal form: what is found and kept.

    python -m bench.morphology DATA

DATA holds ``morphology/opencorpora_unambiguous.conllu.gz`` and ``news/fontanka.jsonl.gz``.

Found: the share of tokens of open classes (nouns, names, adjectives, verbs, adverbs) that a query
of the gold lemma finds. Wrong: lemmas kept that are neither the gold one nor another dictionary
form of it (one is a normal form of the other, as a participle's own). Both rules are asked about
the same folded forms, and their speed is measured in turns.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import time
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pymorphy3.analyzer import MorphAnalyzer, lang_dict_path

from searchsvc.analysis import morphology
from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.folding import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Lemmas = tuple[str, ...]

OPEN_CLASSES = frozenset({"NOUN", "PROPN", "ADJ", "VERB", "ADV"})
WORST = 50
TURNS = 5
SAMPLE = 20_000


class Gold(NamedTuple):
    """A folded form and the lemma that OpenCorpora's annotators chose for it."""

    form: str
    lemma: str


class Quality(NamedTuple):
    """What a rule keeps, in tokens; ``unfound`` and ``strange`` count the single words."""

    tokens: int
    kept: int
    unfound: Counter[tuple[str, str]]
    strange: Counter[tuple[str, str]]

    @property
    def found(self) -> float:
        """Share of tokens that the gold lemma finds."""
        return 1 - self.unfound.total() / self.tokens


def gold(path: Path, analyzer: Analyzer) -> Counter[Gold]:
    """Count the tokens of open classes by form and lemma."""
    counts: Counter[Gold] = Counter()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            columns = line.split("\t")
            if len(columns) > 3 and columns[3] in OPEN_CLASSES:
                tokens = analyzer.tokens(columns[1])
                form = tokens[0].form if tokens else fold(columns[1])
                counts[Gold(form, fold(columns[2]))] += 1
    return counts


def news(path: Path, analyzer: Analyzer) -> Counter[str]:
    """Count the forms of titles and texts."""
    counts: Counter[str] = Counter()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            for field in ("title", "text"):
                counts.update(analyzer.analyse(article.get(field) or "").forms)
    return counts


def every_normal_form() -> Callable[[str], Lemmas]:
    """Give the rule compared with: all normal forms, and an unknown word itself."""
    morph = MorphAnalyzer(path=lang_dict_path("ru"), result_type=None)

    def lemmas(form: str) -> Lemmas:
        if not morphology.RUSSIAN.fullmatch(form):
            return (form,)
        normal = [lemma.replace("ё", "е") for lemma in morph.normal_forms(form)]
        known = morph.dictionary.word_is_known(form, morph.char_substitutes)
        return tuple(dict.fromkeys(normal if known else [*normal, form]))

    return lemmas


def quality(
    counts: Counter[Gold], rule: Callable[[str], Lemmas], normal: Callable[[str], Lemmas]
) -> Quality:
    """Ask a rule about every form and its gold lemma."""
    kept = 0
    unfound: Counter[tuple[str, str]] = Counter()
    strange: Counter[tuple[str, str]] = Counter()
    for (form, lemma), tokens in counts.items():
        lemmas = rule(form)
        kept += tokens * len(lemmas)
        if set(lemmas).isdisjoint(rule(lemma)):
            unfound[form, lemma] += tokens
        for other in lemmas:
            if other != lemma and lemma not in normal(other) and other not in normal(lemma):
                strange[form, other] += tokens
    return Quality(counts.total(), kept, unfound, strange)


def mean_lemmas(counts: Counter[str], rule: Callable[[str], Lemmas]) -> float:
    """Give the lemmas a token has on average."""
    return sum(tokens * len(rule(form)) for form, tokens in counts.items()) / counts.total()


def speeds(forms: list[str], *rules: Callable[[str], Lemmas]) -> list[float]:
    """Give forms a second of each rule without caches, the best of some turns."""
    best = [0.0] * len(rules)
    for _ in range(TURNS):
        for number, rule in enumerate(rules):
            begin = time.perf_counter()
            for form in forms:
                rule(form)
            best[number] = max(best[number], len(forms) / (time.perf_counter() - begin))
    return best


def report(data: Path) -> Iterator[str]:
    """Measure and say it, a line at a time."""
    analyzer = Analyzer()
    plain = every_normal_form()
    every = cache(plain)
    counts = gold(data / "morphology" / "opencorpora_unambiguous.conllu.gz", analyzer)
    forms = news(data / "news" / "fontanka.jsonl.gz", analyzer)
    sample = random.Random(1).sample(sorted(forms), min(SAMPLE, len(forms)))
    before = quality(counts, every, every)
    after = quality(counts, cache(morphology.lemmas), every)
    fast = speeds(sample, plain, morphology.lemmas)
    yield f"{counts.total():,} tokens of open classes, {len(forms):,} forms of news"
    yield f"{'':34}{'every normal form':>18}{'kept':>10}"
    yield f"{'found by the gold lemma, %':34}{before.found:18.3%}{after.found:10.3%}"
    wrong = (before.strange.total(), after.strange.total())
    yield f"{'wrong lemmas':34}{wrong[0]:18,}{wrong[1]:10,}  ({wrong[1] / wrong[0]:.2f})"
    means = (mean_lemmas(forms, every), mean_lemmas(forms, cache(morphology.lemmas)))
    yield f"{'lemmas a token, news':34}{means[0]:18.3f}{means[1]:10.3f}"
    kept = (before.kept / before.tokens, after.kept / after.tokens)
    yield f"{'lemmas a token, gold':34}{kept[0]:18.3f}{kept[1]:10.3f}"
    yield f"{'forms a second':34}{fast[0]:18,.0f}{fast[1]:10,.0f}"
    yield from _worst("not found", after.unfound)
    yield from _worst("wrong lemmas", after.strange)


def _worst(title: str, counts: Counter[tuple[str, str]]) -> Iterable[str]:
    yield f"\nworst {WORST} words, {title}:"
    for (form, lemma), tokens in counts.most_common(WORST):
        yield f"{tokens:8} {form} {lemma}"


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path, help="folder of the corpora")
    for line in report(parser.parse_args().data):
        print(line, flush=True)


if __name__ == "__main__":
    main()
