"""Queries about an article's end: their words stand only there, two in another form."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from bench.retrieval.tails import INFLECTED, WORDS, tail_queries
from searchsvc.analysis.analyzer import Analyzer

if TYPE_CHECKING:
    from searchsvc.evaluation.dataset import Dataset


@pytest.fixture(scope="module")
def body(invented: Dataset) -> str:
    assert invented.corpus is not None
    lines = invented.corpus.read_text("utf-8").splitlines()
    return "\n".join(json.loads(line)["text"] for line in lines[:10])


@pytest.mark.parametrize("seed", range(20))
def test_four_words_of_the_last_two_fifths(body: str, seed: int) -> None:
    analyzer = Analyzer()
    forms = analyzer.analyse(body).forms
    end = round(len(forms) * 0.6)
    before, after = (
        {lemma for form in part for lemma in analyzer.lemmas(form)}
        for part in (forms[:end], forms[end:])
    )
    query = tail_queries(body, random.Random(seed))
    assert query is not None
    words = query.split()
    assert len(words) == WORDS
    assert len([word for word in words if word not in forms[end:]]) <= INFLECTED
    for word in words:
        assert after.intersection(analyzer.lemmas(word)), word
        if word in forms[end:]:
            assert before.isdisjoint(analyzer.lemmas(word)), word


def test_the_same_seed_asks_the_same(body: str) -> None:
    assert tail_queries(body, random.Random(3)) == tail_queries(body, random.Random(3))


def test_too_short_a_body_has_no_end() -> None:
    assert tail_queries("Маяк погас, смотритель зажёг фонарь.", random.Random(1)) is None
