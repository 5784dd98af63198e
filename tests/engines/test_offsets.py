"""Token offsets: read again from a hit's texts as the index read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import article

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.whoosh.offsets import token_offsets

ANALYZER = Analyzer()
texts = st.text("абв АБё-.5,«»\u0301\n", max_size=40)


@given(texts, texts, st.booleans())
def test_they_are_those_of_title_and_text(title: str, text: str, made: bool) -> None:
    one = article("а", text, title, title_made=made)
    starts, ends = token_offsets(one, ANALYZER)
    read = [ANALYZER.analyse(own) for own in ([text] if made else [title, text])]
    assert starts.tolist() == [start for own in read for start in own.starts]
    assert ends.tolist() == [end for own in read for end in own.ends]


@pytest.mark.parametrize(("title", "text"), [("", ""), ("Мост", ""), ("", "Мост открыли")])
def test_texts_may_be_empty(title: str, text: str) -> None:
    one = article("а", text, title)
    assert token_offsets(one, ANALYZER)[0].size == len(f"{title} {text}".split())
