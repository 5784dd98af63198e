"""``/api/v1/analyze``: tokens, offsets, terms and why they are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from service_double import ServiceDouble

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.web.app import create_app

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from searchsvc.config import Settings


class Explaining(ServiceDouble):
    def explain(self, text: str):
        return Analyzer().explain(text)


@pytest.fixture
def client(settings: Settings) -> FlaskClient:
    return create_app(settings, Explaining([])).test_client()


def test_every_term_says_where_it_comes_from(client: FlaskClient) -> None:
    answer = client.get("/api/v1/analyze", query_string={"text": "Стали: Зрюмовой, 5.5"})
    tokens = answer.get_json()["tokens"]
    assert [(t["text"], t["start"], t["end"]) for t in tokens] == [
        ("Стали", 0, 5),
        ("Зрюмовой", 7, 15),
        ("5.5", 17, 20),
    ]
    kinds = [{term["lemma"]: term["kind"] for term in token["terms"]} for token in tokens]
    assert kinds[0] == {"стать": "known", "сталь": "known"}
    assert kinds[1]["зрюмов"] in {"guessed", "stem"}
    assert kinds[1]["зрюмовой"] == "literal"
    assert kinds[2] == {"5,5": "literal"}


@pytest.mark.parametrize(
    ("arguments", "limit"),
    [({}, 1), ({"text": ["а", "б"]}, 1), ({"text": "а" * 1_001}, 1_000), ({"q": "а"}, ["text"])],
)
def test_what_is_wrong_is_said(client: FlaskClient, arguments: dict, limit: object) -> None:
    answer = client.get("/api/v1/analyze", query_string=arguments)
    assert answer.status_code == 400
    assert answer.get_json()["limit"] == limit


def test_an_empty_text_has_no_tokens(client: FlaskClient) -> None:
    assert client.get("/api/v1/analyze?text=").get_json() == {"tokens": []}
