"""Lemmas against gold: OpenCorpora's disambiguated texts and real news."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from bench.morphology import every_normal_form, gold, mean_lemmas, news, quality
from searchsvc.analysis import morphology
from searchsvc.analysis.analyzer import Analyzer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.prove


def test_gold_lemmas_find_their_tokens_with_half_the_wrong_ones(data: Path) -> None:
    every = cache(every_normal_form())
    tokens = gold(data / "morphology" / "opencorpora_unambiguous.conllu.gz", Analyzer())
    before, after = quality(tokens, every, every), quality(tokens, morphology.lemmas, every)
    assert after.found >= 0.9995
    assert before.found - after.found <= 0.001
    assert after.strange.total() <= before.strange.total() / 2


def test_a_token_of_news_has_few_lemmas(data: Path) -> None:
    forms = news(data / "news" / "fontanka.jsonl.gz", Analyzer())
    assert mean_lemmas(forms, morphology.lemmas) <= 1.12
