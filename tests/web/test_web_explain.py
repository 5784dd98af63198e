"""`explain=1`: what the API says of scores, when it refuses, and that nothing else changes."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from searchsvc.web.app import create_app

README = Path(__file__).parents[2] / "README.md"
GAIN_KEYS = ["what", "signal", "gave", "weight", "idf", "occurrences", "terms"]


@pytest.fixture
def client(seed_settings, seed_service):
    return create_app(seed_settings, seed_service).test_client()


def hits(client, **query):
    response = client.get("/api/v1/search", query_string=query)
    assert response.status_code == 200
    return response.json["hits"]


@pytest.mark.parametrize("q", ["мэр города", "здрав* -рейтинг", '"бивень мамонта"', "дата:2025"])
def test_gains_add_up_to_the_score(client, q):
    found = hits(client, q=q, explain=1, size=100)
    assert found
    for hit in found:
        explain = hit["explain"]
        assert list(explain) == ["second_pass", "length", "average_length", "gains"]
        assert all(list(gain) == GAIN_KEYS for gain in explain["gains"])
        given = math.fsum(gain["gave"] for gain in explain["gains"])
        assert given == pytest.approx(hit["score"], abs=1.6e-4)


def test_bm25_can_be_followed(client):
    (hit,) = hits(client, q="цифровизация -рейтинг", explain="on")
    explain = hit["explain"]
    scored = [g for g in explain["gains"] if g["idf"] and g["signal"] != "closeness"]
    assert {gain["signal"] for gain in scored} == {"words", "forms", "related"}
    for gain in scored:
        tf = gain["occurrences"]["text"]
        norm = 0.7 * (0.25 + 0.75 * explain["length"] / explain["average_length"])
        worth = gain["weight"] * gain["idf"] * 1.7 * tf / (tf + norm)
        assert gain["gave"] == pytest.approx(worth, rel=0.01)


def test_it_is_absent_unasked(client):
    for query in ({}, {"explain": "0"}, {"explain": "off"}, {"explain": ""}):
        for hit in hits(client, q="мэр", **query):
            assert list(hit)[-1] == "duplicates"


def test_it_changes_nothing_else(client):
    explained = hits(client, q="мэр города", explain=1)
    for hit in explained:
        del hit["explain"]
    assert explained == hits(client, q="мэр города")


def test_json_lines_have_it_too(client):
    query = {"q": "мэр", "explain": 1, "format": "jsonl"}
    lines = client.get("/api/v1/search", query_string=query).get_data(as_text=True).splitlines()
    assert lines
    assert all("explain" in json.loads(line) for line in lines)


@pytest.mark.parametrize("wanted", ["csv", "atom"])
def test_formats_without_a_place_for_it_refuse(client, wanted):
    query = {"q": "мэр", "explain": 1, "format": wanted}
    response = client.get("/api/v1/search", query_string=query)
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert response.json["parameter"] == "explain"
    assert "format=json" in response.json["detail"]
    assert client.get("/api/v1/search", query_string=query | {"explain": 0}).status_code == 200


@pytest.mark.parametrize("value", ["2", "yes", "true", "да", "1 ", "ON", "\x00"])
def test_other_values_are_problems(client, value):
    response = client.get("/api/v1/search", query_string={"q": "мэр", "explain": value})
    assert response.status_code == 400
    assert response.json["parameter"] == "explain"
    assert response.json["limit"] == ["1", "on", "0", "off"]


def test_it_is_given_once(client):
    assert client.get("/api/v1/search?q=мэр&explain=1&explain=0").status_code == 400


def test_cursors_keep_it(client):
    response = client.get("/api/v1/search", query_string={"q": "в", "explain": 1, "size": 3})
    address = re.search("<(.*?)>", response.headers["Link"])[1]
    assert all("explain" in hit for hit in client.get(address).json["hits"])


def test_the_page_for_readers_does_not_show_it(client):
    page = client.get("/", query_string={"q": "мэр", "explain": 1}).get_data(as_text=True)
    assert "closeness" not in page


def test_the_example_of_the_readme_is_what_the_seeds_give(client):
    text = README.read_text("utf-8")
    section = text[text.index("### What scores are made of") :]
    query, score = re.search(
        r"hit of `q=(.+?)` over `seeds/`, of score ([\d.]+):", section
    ).groups()
    example = json.loads(re.search(r"```json\n(.+?)```", section, re.DOTALL)[1])
    (hit,) = hits(client, q=query, explain=1)
    assert hit["score"] == float(score)
    assert hit["explain"] == example
