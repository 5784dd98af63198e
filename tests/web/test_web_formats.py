import csv
import io
import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def rows_of(response):
    text = response.get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_json_lines_are_the_hits(client):
    query = "/api/v1/search?q=цифровизация"
    response = client.get(f"{query}&format=jsonl")
    assert response.content_type == "application/x-ndjson"
    lines = response.get_data(as_text=True).splitlines()
    assert [json.loads(line) for line in lines] == client.get(query).json["hits"]


def test_csv_has_a_row_for_each_hit(client):
    response = client.get("/api/v1/search?q=цифровизация&size=5&format=csv")
    rows = rows_of(response)
    assert response.content_type == "text/csv; charset=utf-8"
    assert len(rows) == 5
    assert rows[0]["title"].startswith("Цифровизация библиотек")
    assert rows[0]["topics"] == "Культура; Технологии"


@pytest.mark.parametrize(
    ("title", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+7 999", "'+7 999"),
        ("-рейтинг", "'-рейтинг"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1+1", "'  =1+1"),
        ("\t=1+1", "'\t=1+1"),
        ("＝1+1", "'＝1+1"),
        ("Мэр: 2+2=4", "Мэр: 2+2=4"),
        ("— Тире, и «кавычки»", "— Тире, и «кавычки»"),
    ],
)
def test_a_spreadsheet_computes_nothing(client, service, title, cell):
    service.articles[:] = [replace(service.articles[0], title=title)]
    assert rows_of(client.get("/api/v1/search?format=csv"))[0]["title"] == cell


def test_a_spreadsheet_sees_utf_8(client):
    assert client.get("/api/v1/search?format=csv").get_data().startswith(b"\xef\xbb\xbfid,")


def test_atom_is_a_feed_of_the_hits(client):
    response = client.get("/api/v1/search?q=цифровизация&size=3&format=atom")
    feed = ET.fromstring(response.get_data())
    assert response.content_type.startswith("application/atom+xml")
    assert feed.find("a:title", ATOM).text == "Поиск: цифровизация"
    assert [e.find("a:id", ATOM).text[:24] for e in feed.findall("a:entry", ATOM)] == [
        "urn:searchsvc:article:ne"
    ] * 3
    assert feed.find("a:entry/a:summary", ATOM).text.startswith("<mark>Цифровизация</mark>")
    assert feed.find("a:entry/a:link", ATOM).get("href").startswith("http://localhost/articles/")


def test_atom_has_what_the_standard_demands(client):
    feed = ET.fromstring(client.get("/api/v1/search?size=100&format=atom").get_data())
    for element in (feed, *feed.findall("a:entry", ATOM)):
        assert element.find("a:id", ATOM).text
        assert element.find("a:title", ATOM) is not None
        assert element.find("a:updated", ATOM).text.endswith("+00:00")
    assert feed.find("a:updated", ATOM).text == "2021-03-24T07:23:00+00:00"


def test_atom_of_control_characters_is_still_xml(client, service):
    odd = replace(service.articles[0], title="нуль\x00 и \x1b, \ufffe", topics=("\x08",))
    service.articles[:] = [odd]
    feed = ET.fromstring(client.get("/api/v1/search?format=atom").get_data())
    assert feed.find("a:entry/a:title", ATOM).text == "нуль\ufffd и \ufffd, \ufffd"


def test_an_unknown_format_is_a_problem(client):
    problem = client.get("/api/v1/search?format=xml")
    assert problem.status_code == 400
    assert problem.json["parameter"] == "format"
    assert problem.json["limit"] == ["json", "jsonl", "csv", "atom"]
