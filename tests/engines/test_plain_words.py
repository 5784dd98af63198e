"""What is mostly asked is laid out in C as Python lays it out, or left to it."""

from __future__ import annotations

import gc
import os
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from searchsvc.engines.whoosh import kernel
from searchsvc.engines.whoosh.evaluation import PROGRAMS, Evaluation
from searchsvc.engines.whoosh.kernel import ALL, ANY
from searchsvc.engines.whoosh.plain_words import SIGNAL, TREE, known, lay
from searchsvc.engines.whoosh.reader import WhooshEngine
from searchsvc.engines.whoosh.second_pass import typed
from searchsvc.model import Article
from searchsvc.query.tree import All, Near, Not, Phrase, Ranked, Signal, Word
from searchsvc.query.tree import Any as AnyOf
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from pathlib import Path

    from factories import Factory

    from searchsvc.engines.whoosh.kernel import Program
    from searchsvc.engines.whoosh.operands import Index
    from searchsvc.query.tree import Node

LEMMAS = ("маяк", "берег", "лодка", "парус")
WORDS = tuple(Word((lemma,)) for lemma in LEMMAS)
TITLES = tuple(Word((lemma,), Field.TITLE, weight=0.4) for lemma in LEMMAS)
ODD: tuple[Node, ...] = (
    WORDS[0],
    Word(("маяк",), weight=0.4),
    Word(("маяк",), stream=Stream.FORMS),
    Word(("маяк",), Field.TITLE, Stream.FORMS),
    Word(("парусник",)),
    Word(("парусник",), Field.TITLE),
    Not(WORDS[0]),
    Phrase((WORDS[0], WORDS[0])),
    Phrase((WORDS[1], WORDS[0])),
    Phrase(WORDS[:3]),
    Phrase(TITLES[:2]),
)


@pytest.fixture
def index(factory: Factory, tmp_path: Path) -> Index:
    if kernel.compiled is None:
        assert not os.environ.get("CI"), "CI installs with a compiler"
        pytest.skip("needs the compiled kernel: install again where there is gcc")
    articles = [
        Article(id="a", title="Маяк и лодка", text="Берег, лодка и парус стоят у маяка."),
        Article(id="b", title="Берег", text="Лодка под парусом и маяк."),
    ]
    engine = factory.built(tmp_path, articles)
    assert isinstance(engine, WhooshEngine)
    found = engine._index
    for word in (*WORDS, *[node for node in ODD if isinstance(node, Word)]):
        found.word(word)
    for word in TITLES:
        found.titled(word)
    return found


def laid(index: Index, tree: Node) -> Program | None:
    return lay(TREE, tree, index.lemmas, index.titles)


def laid_by_python(index: Index, tree: Node) -> Program:
    program: Program = PROGRAMS[type(tree)](Evaluation(index, tree, None), tree)
    return program if program[0] >= ALL else (ANY, (program,))


PLAIN: tuple[Node, ...] = (
    WORDS[0],
    All(WORDS),
    All(WORDS[:1]),
    AnyOf(WORDS),
    Ranked(WORDS[0], TITLES[:1]),
    Ranked(WORDS[0], ()),
    Ranked(AnyOf(WORDS[:1]), TITLES[:1]),
    Ranked(All(WORDS[:2]), (*TITLES[:2], Phrase(WORDS[:2]))),
    Ranked(All(WORDS[:3]), (*TITLES[:3], Phrase(WORDS[:2]), Near(WORDS[1:3], 2))),
    Ranked(AnyOf(WORDS[:3]), (*TITLES[:3], Phrase(WORDS[:2]), Near(WORDS[1:3], 2))),
    Ranked(AnyOf(WORDS[:2]), (Phrase((Word(("маяк",)), Word(("берег",)))),)),
)


@pytest.mark.parametrize("tree", PLAIN)
def test_plain_words_and_what_ranks_them_are_laid_out(index: Index, tree: Node) -> None:
    assert laid(index, tree) == laid_by_python(index, tree)


def drawn(chance: np.random.Generator) -> Node:
    """Draw a tree that is nearly plain: sometimes anything else is in it."""

    def some(nodes: tuple[Any, ...], most: int) -> tuple[Any, ...]:
        chosen = [nodes[at] for at in chance.permutation(len(nodes))[: chance.integers(most + 1)]]
        odd = ODD[chance.integers(len(ODD))]
        return (*chosen, odd) if chance.integers(6) == 0 else tuple(chosen)

    words = some(WORDS, 3)
    branch = (All(words), AnyOf(words), words[0] if words else All(()))[chance.integers(3)]
    pairs = tuple(Phrase((one, two)) for one, two in pairwise(words))
    wished = (*some(TITLES, 2), *pairs[: chance.integers(3)])
    return Ranked(branch, wished) if chance.integers(3) else branch


def test_what_is_laid_out_is_what_python_lays_out(index: Index) -> None:
    chance, count = np.random.default_rng(4), 0
    for _ in range(2_000):
        tree = drawn(chance)
        program = laid(index, tree)
        assert program is None or program == laid_by_python(index, tree), tree
        count += program is not None
    assert 400 < count < 1_900


def test_words_that_are_not_at_hand_are_left_to_python(index: Index) -> None:
    assert laid(index, Word(("неизвестное",))) is None
    assert laid(index, Ranked(WORDS[0], (Word(("новое",), Field.TITLE),))) is None


class Forgetful:
    """Lets go of all words when it is let go of itself."""

    def __init__(self, *held: dict[Any, Any]) -> None:
        self.held = held
        self.itself = self

    def __del__(self) -> None:
        for words in self.held:
            words.clear()


def test_words_may_be_forgotten_while_they_are_laid_out(index: Index) -> None:
    """Where Python collects garbage, as 3.11 does when it makes a tuple, other code may run."""
    tree = Ranked(All(WORDS), (*TITLES[:2], Phrase(WORDS[:2]), Phrase(WORDS[1:3])))
    expected = laid(index, tree)
    programs, threshold = [], gc.get_threshold()
    used: list[Any] = [(number,) * size for number in range(2_500) for size in range(1, 9)]
    for patience in range(12):
        words = {word.terms: replace(index.word(word)) for word in WORDS}
        titles = {word.terms: replace(index.titled(word)) for word in TITLES}
        gc.collect()
        Forgetful(words, titles)
        used += [(number,) * size for number in range(50) for size in range(1, 9)]  # none is left
        gc.set_threshold(gc.get_count()[0] + patience)
        try:
            programs.append(lay(TREE, tree, words, titles))
        finally:
            gc.set_threshold(*threshold)
    assert all(program in {None, expected} for program in programs)


def test_a_weight_that_is_no_number_is_refused(index: Index) -> None:
    odd: Any = "тяжело"
    title = Word(("маяк",), Field.TITLE, weight=odd)
    for tree in (Word(("маяк",), weight=odd), Ranked(WORDS[0], (title,))):
        with pytest.raises(TypeError):
            laid(index, tree)


def test_typed_words_that_are_known_are_found(index: Index) -> None:
    signals = tuple(Signal(word, (lemma,)) for word, lemma in zip(WORDS, LEMMAS, strict=True))
    assert known(SIGNAL, signals, index.known) is None
    looked_up = index.typed(signals, typed)
    found = known(SIGNAL, signals, index.known)
    assert found is not None
    assert all(one is two for one, two in zip(found, looked_up, strict=True))
    exact = Signal(Word(("маяк",), stream=Stream.FORMS), ("маяк",))
    assert known(SIGNAL, (exact,), index.known) is None


@pytest.mark.parametrize("parts", [(), TREE[:-1], TREE[::-1], SIGNAL, list(TREE)])
def test_other_parts_are_refused(index: Index, parts: Any) -> None:
    with pytest.raises(TypeError):
        lay(parts, WORDS[0], index.lemmas, index.titles)
