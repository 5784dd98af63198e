"""Surface forms of an index: counted over segments and deletions as brute force counts them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from reference import edits_between
from writing import article

from searchsvc.engines.whoosh import lexicon

if TYPE_CHECKING:
    from pathlib import Path

    from factories import Factory

    from searchsvc.engines.protocol import Engine

FIRST = ["маяк маяка", "маяк мая", "моя мая", "маяк", "майка"]
SECOND = ["маяк", "моря маяки", "маяка", "мост"]
GONE = {1, 6}


@pytest.fixture(params=["compiled", "portable"])
def engine(
    request: pytest.FixtureRequest,
    factory: Factory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Engine:
    """Two segments; one article of each is deleted."""
    if request.param == "portable":
        monkeypatch.setattr(lexicon, "compiled", None)
    texts = [article(str(number), text) for number, text in enumerate([*FIRST, *SECOND])]
    factory.built(tmp_path, texts[: len(FIRST)])
    factory.updated(tmp_path, texts[len(FIRST) :], [])
    return factory.updated(tmp_path, [], [str(number) for number in GONE])


def living() -> Counter[str]:
    texts = [text for number, text in enumerate([*FIRST, *SECOND]) if number not in GONE]
    return Counter(form for text in texts for form in set(text.split()))


def test_articles_are_counted(engine: Engine) -> None:
    for form in {*" ".join([*FIRST, *SECOND]).split(), "нет", ""}:
        assert engine.forms.articles(form) == living()[form], form


@pytest.mark.parametrize("word", ["маяк", "май", "ммаяк", "мосты", "я"])
@pytest.mark.parametrize("edits", [1, 2])
@pytest.mark.parametrize("least", [1, 2, 4])
def test_near_forms_are_found(engine: Engine, word: str, edits: int, least: int) -> None:
    expected = {
        (form, count, distance)
        for form, count in living().items()
        if (distance := edits_between(word, form)) <= edits and (distance < 2 or count >= least)
    }
    assert set(engine.forms.near(word, edits, least)) == expected


def test_all_forms_are_told(engine: Engine) -> None:
    every = [form for part in engine.forms.parts() for form in part]
    assert set(living()) <= set(every) <= set(" ".join([*FIRST, *SECOND]).split())
    assert engine.forms.distinct() <= len(every)
