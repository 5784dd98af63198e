from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.model import Place
from searchsvc.parsing.identity import article_id, canonical_url, host_of, story_id

HERE = Place("news.jsonl", (), 7)


@pytest.mark.parametrize(
    "url",
    [
        "https://site.example/a/?id=5",
        "HTTP://www.Site.Example:80/a/?id=5#top",
        "https://site.example:443/a/?utm_source=x&id=5&fbclid=y&yclid=z",
        "//site.example/a/?id=5",
    ],
)
def test_the_same_page(url: str) -> None:
    assert canonical_url(url) == "https://site.example/a/?id=5"


def test_path_query_and_port_tell_pages_apart() -> None:
    urls = ("https://a.example/b", "https://a.example/B", "https://a.example/b?c=1")
    assert len({*map(canonical_url, urls), canonical_url("https://a.example:8080/b")}) == 4


def test_a_given_id_is_kept() -> None:
    assert article_id("fontanka-1", "https://a.example/", HERE) == "fontanka-1"


def test_without_one_the_address_tells() -> None:
    one = article_id("", "https://a.example/x", HERE)
    assert one == article_id("", "http://www.a.example/x#c", Place("other.jsonl"))
    assert len(one) == 16


def test_without_an_address_the_place_tells() -> None:
    places = (HERE, Place("news.jsonl", (), 8), Place("news.zip", ("news.jsonl",), 7))
    assert len({article_id("", "", place) for place in places}) == 3
    assert article_id("", "", HERE) == article_id("", "", Place("news.jsonl", (), 7))


def test_an_endless_id_is_shortened() -> None:
    assert len(article_id("x" * 10_000, "", HERE)) == 16


def test_stories_of_a_page_have_their_own() -> None:
    assert story_id("page", 1) != story_id("page", 2) != story_id("other", 2)


@given(st.text())
def test_no_address_breaks_it(text: str) -> None:
    for url in (text, f"http://{text}", f"https://a.example:{text}/"):
        assert canonical_url(canonical_url(url)) == canonical_url(url)
        assert isinstance(host_of(url), str)
        assert article_id(text, url, HERE)
