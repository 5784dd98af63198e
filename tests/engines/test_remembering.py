"""What is remembered between queries, and what is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from writing import article, form, found, lemma

from searchsvc.engines.whoosh import operands, segment
from searchsvc.engines.whoosh.reader import WhooshEngine
from searchsvc.engines.whoosh.remembering import Remembered
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from factories import Factory

    from searchsvc.engines.protocol import Engine

WORDS = ("в", "на", "и", "город", "в", "река", "и", "дом", "в", "на")


def test_what_was_asked_for_lately_is_recalled_once() -> None:
    held: Remembered[str, int] = Remembered()
    held["река"] = 1
    held.turn()
    assert "река" not in held
    assert held.recalled("река") == 1
    assert held.recalled("река") is None


def test_what_was_not_asked_for_lately_is_forgotten() -> None:
    held: Remembered[str, int] = Remembered()
    held["река"] = 1
    held.turn()
    held["дом"] = 2
    held.turn()
    assert held.recalled("река") is None
    assert held.recalled("дом") == 2


def test_no_more_words_are_held_than_may_be(
    factory: Factory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operands, "HELD_BYTES", 0)
    for module in (operands, segment):
        monkeypatch.setattr(module, "HELD", 6)
    index, field = looked_up(factory, tmp_path)
    for held in (index.lemmas, index._forms, field._held):
        assert 0 < len(held) + len(held._earlier) <= 6


def test_no_more_postings_are_held_than_may_be(
    factory: Factory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operands, "HELD_BYTES", 0)
    for module in (operands, segment):
        monkeypatch.setattr(module, "HELD_POSTINGS", 12)
    index, field = looked_up(factory, tmp_path)
    words = [*index.lemmas.values(), *index.lemmas._earlier.values()]
    words += [*index._forms.values(), *index._forms._earlier.values()]
    assert 0 < sum(word.postings for word in words) <= 12
    lists = [*field._held.values(), *field._held._earlier.values()]
    assert 0 < sum(term.articles for term in lists) <= 12


def test_a_word_in_titles_is_held_no_longer_than_the_word(
    factory: Factory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lists are those of the word, which counts them."""
    monkeypatch.setattr(operands, "HELD_BYTES", 0)
    monkeypatch.setattr(operands, "HELD_POSTINGS", 12)
    index, _ = looked_up(factory, tmp_path)
    word, others = "слово1", range(5, 20, 3)
    for number in others:
        index.titled(lemma(word, field=Field.TITLE))
        index.word(lemma(f"слово{number}"))
        index.word(lemma(f"слово{number + 1}"))
        title = index.titled(lemma(word, field=Field.TITLE))
        held = index.lemmas.get((word,)) or index.lemmas._earlier.get((word,))
        assert held is not None
        assert title.item[1] is held.item[1]


def test_of_few_articles_more_postings_are_held() -> None:
    held = [operands.most_postings(articles) for articles in (0, 50_000, 1_000_000, 10_000_000)]
    assert held == sorted(held, reverse=True)
    assert held[0] > held[1] > 1.5 * held[2]
    assert held[2] == held[3] == operands.HELD_POSTINGS


def looked_up(factory: Factory, root: Path) -> tuple[operands.Index, segment.PostingField]:
    """Look up twenty words of two articles each, and give what may hold them."""
    texts = [f"слово{number} слово{number + 1}" for number in range(21)]
    engine = factory.built(root, [article(f"a{n}", text) for n, text in enumerate(texts)])
    assert isinstance(engine, WhooshEngine)
    index = engine._index
    for number in range(1, 21):
        assert index.word(form(f"слово{number}")).postings == 2
        index.word(lemma(f"слово{number}"))
    return index, index.segments[0].field(Field.TEXT, Stream.FORMS)


def test_words_are_found_whatever_is_forgotten(
    seeds: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [found(seeds, form(word)) for word in WORDS]
    assert expected[0]
    monkeypatch.setattr(operands, "HELD_BYTES", 0)
    for module in (operands, segment):
        monkeypatch.setattr(module, "HELD_POSTINGS", 10)
    for _ in range(2):
        assert [found(seeds, form(word)) for word in WORDS] == expected
