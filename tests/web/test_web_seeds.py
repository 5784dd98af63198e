"""The web over the real service and an index of the seeds."""

import pytest
from bs4 import BeautifulSoup

from searchsvc.web.app import create_app


@pytest.fixture
def client(seed_settings, seed_service):
    return create_app(seed_settings, seed_service).test_client()


def answer(client, **query):
    response = client.get("/api/v1/search", query_string=query)
    assert response.status_code == 200
    return response.json


def test_marked_forms_differ_from_the_typed_one(client):
    response = client.get("/", query_string={"q": "цифровизации здравоохранения"})
    page = BeautifulSoup(response.get_data(as_text=True), "lxml")
    marks = {mark.get_text() for mark in page.select(".hit mark")}
    assert {"цифровизация", "здравоохранения"} <= marks


def test_every_hit_opens_as_page_and_as_json(client):
    for hit in answer(client, size=100)["hits"]:
        found = client.get(f"/api/v1/articles/{hit['id']}").json
        assert found["title"] == hit["title"]
        assert client.get(f"/articles/{hit['id']}?q=город").status_code == 200


def test_cursors_lead_through_every_article_in_date_order(client):
    total = answer(client)["total"]["value"]
    seen, dates, cursor = [], [], ""
    while cursor is not None:
        part = answer(client, size=9, sort="date", cursor=cursor)
        seen += [hit["id"] for hit in part["hits"]]
        dates += [hit["date"] or "" for hit in part["hits"]]
        cursor = part["next"]
    assert len(seen) == len(set(seen)) == total
    days = [date[:10] for date in dates if len(date) >= 10]
    assert days == sorted(days, reverse=True)


def test_each_facet_counts_what_its_filter_finds(client):
    facets = answer(client, facets="source,topic,author,month")["facets"]
    for name in ("source", "topic", "author"):
        assert facets[name]
        for bucket in facets[name][:5]:
            assert answer(client, **{name: bucket["value"]})["total"]["value"] == bucket["count"]
    for bucket in facets["month"]:
        if bucket["value"] is not None:
            month = {"from": bucket["value"], "to": bucket["value"]}
            assert answer(client, **month)["total"]["value"] == bucket["count"]


def test_the_page_opens_every_link_it_shows(client):
    page = BeautifulSoup(client.get("/?q=город").get_data(as_text=True), "lxml")
    links = [link["href"] for link in page.select("main a") if not link["href"].startswith("#")]
    assert len(links) > 10
    for link in links:
        assert client.get(link if link.startswith("/") else f"/{link}").status_code == 200


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"q": "а" * 501}, "q"),
        ({"q": "слово " * 33}, "q"),
        ({"cursor": "нет"}, "cursor"),
        ({"cursor": "AAAA"}, "cursor"),
    ],
)
def test_limits_of_the_library_are_problems_too(client, query, parameter):
    response = client.get("/api/v1/search", query_string=query)
    assert (response.status_code, response.json["parameter"]) == (400, parameter)
    assert client.get("/", query_string=query).status_code == 400


@pytest.mark.parametrize("query", ['"', "((((", "C++", "-", "a\x00b", "дата:", "%", "<b>", "😀"])
def test_any_text_is_a_query(client, query):
    assert answer(client, q=query)["query"]["text"] == query
    assert client.get("/", query_string={"q": query}).status_code == 200
