import logging

import pytest

from searchsvc.errors import EngineUnavailable, IndexMissing


def test_a_problem_names_parameter_limit_and_value(client):
    response = client.get("/api/v1/search?size=101")
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert response.json == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "size must be a whole number from 1 to 100",
        "parameter": "size",
        "limit": 100,
        "value": "101",
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/articles/none", 404),
        ("GET", "/api/v2/search", 404),
        ("POST", "/api/v1/search", 405),
        ("DELETE", "/api/v1/articles/news-1", 405),
        ("GET", "/api/v1/search?q=" + "а" * 501, 400),
        ("GET", "/api/v1/search?q=" + "a" * 8001, 414),
    ],
)
def test_every_error_of_the_api_is_problem_json(client, method, path, status):
    response = client.open(path, method=method)
    assert (response.status_code, response.json["status"]) == (status, status)
    assert response.content_type == "application/problem+json"
    assert response.json["detail"]


def test_a_method_that_is_not_allowed_names_those_that_are(client):
    assert "GET" in client.post("/api/v1/search").headers["Allow"]


def test_a_large_body_is_refused_unread(client):
    response = client.get("/api/v1/search", data=b"x" * (64 * 1024 + 1))
    assert (response.status_code, response.json["status"]) == (413, 413)
    assert client.get("/api/v1/search", data=b"x" * (64 * 1024)).status_code == 200


def test_a_body_without_a_length_is_refused(client):
    response = client.get("/api/v1/search", headers={"Transfer-Encoding": "chunked"})
    assert response.status_code == 411


def test_without_an_index_the_way_out_is_said_and_the_place_is_not(client, service, caplog):
    service.failure = IndexMissing("no index in /somewhere/secret")
    response = client.get("/api/v1/search")
    assert response.status_code == 503
    assert "make index" in response.json["detail"]
    assert "secret" not in response.get_data(as_text=True)
    assert "secret" in caplog.text


def test_a_busy_engine_says_when_to_come_again(client, service):
    service.failure = EngineUnavailable("the query took more than 2 s")
    response = client.get("/api/v1/search")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    page = client.get("/")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "2")
    assert "Поиск сейчас занят" in page.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/api/v1/search", "/", "/articles/news-1"])
def test_a_failure_shows_nothing_and_logs_everything(client, service, caplog, path):
    service.failure = RuntimeError("secret of the house")
    with caplog.at_level(logging.ERROR):
        response = client.get(path)
    assert response.status_code == 500
    assert "secret" not in response.get_data(as_text=True)
    assert "RuntimeError: secret of the house" in caplog.text


def test_readers_get_russian_pages(client):
    page = client.get("/articles/none")
    assert page.status_code == 404
    assert page.content_type.startswith("text/html")
    assert "Такой страницы нет" in page.get_data(as_text=True)
    assert client.get("/nothing").status_code == 404
    assert client.post("/").status_code == 405


@pytest.mark.parametrize(
    ("query", "advice"),
    [
        ("from=вчера", "Дата начала не понята"),
        ("to=2021-02-30", "Дата конца не понята"),
        ("sort=best", "Такого порядка нет"),
        ("page=101", "есть страницы с 1 по 100"),
        ("page=a&q=мэр", "есть страницы с 1 по 100"),
        ("q=" + "а" * 501, "Запрос слишком длинный"),
        ("source=" + "а" * 301, "Такого источника не бывает"),
    ],
)
def test_a_wrong_value_gets_advice_and_keeps_the_form(client, query, advice):
    page = client.get(f"/?{query}")
    assert page.status_code == 400
    text = page.get_data(as_text=True)
    assert advice in text
    assert 'name="q"' in text
    if "мэр" in query:
        assert 'value="мэр"' in text
