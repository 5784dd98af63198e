"""The short way of plain searches gives what the application gives, byte for byte."""

from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from searchsvc.errors import EngineUnavailable
from searchsvc.web import directly

PATH = "/api/v1/search"
ASKED = (
    "",
    "q=цифровизация",
    "q=%D1%86%D0%B8%D1%84%D1%80%D1%8B+день&size=3&facets=source,month&page=2",
    "q=день&size=5&cursor=c5",
    "q=<script>&sort=date&from=2021&to=2021-03&correct=off",
    "q=%ff%00&size=1",
    "q=%D0%B4%d0%b5%d&size=1",
    "q=%D0&q=%B4",
    "q=%ED%A0%80",
    "q=день&format=json",
    "q=день&format=csv&size=2",
    "q=день&form%61t=jsonl&size=2",
    "q=день&format=xml",
    "q=день&explain=1",
    "q=день&q=ночь",
    "page=0",
    "colour=red",
    "q=" + "щ" * 501,
    "q=" + "a" * 8_001,
    "q=100%&size=1",
    "q=%5Cx41&size=1",
    "q=\\x41%20%zz&size=1",
    "q=\\x41%20&size=1",
    "q=%u0416+%&size=1",
    "&&==;q",
)


@pytest.fixture
def whole(app):
    """A client of the application without the short way."""
    return Client(lambda environ, start: Flask.wsgi_app(app, environ, start))


def escaped(query):
    """Escape what is no ASCII, as every client does."""
    return quote(query, safe="%+=&;<>")


def told(answer):
    return answer.status, list(answer.headers), answer.data


@pytest.mark.parametrize("query", ASKED)
def test_both_ways_give_the_same(client, whole, query):
    for written in (query, escaped(query)):
        address = f"{PATH}?{written}"
        assert told(client.get(address)) == told(whole.get(address))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=1_200), max_size=30))
def test_both_ways_give_the_same_for_any_query_string(client, whole, query):
    for written in (query.replace("#", ""), escaped(query), quote(query)):
        for address in (f"{PATH}?q={written}", f"{PATH}?{written}"):
            assert told(client.get(address)) == told(whole.get(address))


@pytest.mark.parametrize(
    "host", ["localhost:8000", "[::1]:80", "a b", "a/b", "a:99999", "", "x" * 64, "a..b", ".a"]
)
def test_a_host_is_checked_either_way(client, whole, host):
    headers = {"Host": host}
    assert told(client.get(PATH, headers=headers)) == told(whole.get(PATH, headers=headers))


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS", "DELETE"])
def test_other_methods_are_the_applications(client, whole, method):
    assert told(client.open(PATH, method=method)) == told(whole.open(PATH, method=method))


def test_a_head_has_the_headers_of_the_answer(client):
    assert list(client.head(f"{PATH}?q=день").headers) == list(client.get(f"{PATH}?q=день").headers)


@pytest.mark.parametrize("body", [{"CONTENT_LENGTH": "9" * 9}, {"HTTP_TRANSFER_ENCODING": "x"}])
def test_a_body_is_refused_either_way(client, whole, body):
    answer = client.get(PATH, environ_overrides=body)
    assert answer.status_code in (411, 413)
    assert told(answer) == told(whole.get(PATH, environ_overrides=body))


def test_a_link_leads_to_where_the_application_stands(client):
    answer = client.get(f"{PATH}?q=день&size=5", environ_overrides={"SCRIPT_NAME": "/news"})
    assert answer.headers["Link"].startswith("</news/api/v1/search?q=")


@pytest.mark.parametrize("failure", [EngineUnavailable("too slow"), ZeroDivisionError()])
def test_an_error_is_told_by_the_application_and_the_search_not_repeated(
    client, whole, service, monkeypatch, failure
):
    asked = []
    service.failure = failure
    search = service.search
    monkeypatch.setattr(
        service, "search", lambda question: asked.append(question) or search(question)
    )
    answer = client.get(f"{PATH}?q=a")
    assert len(asked) == 1
    assert answer.content_type == "application/problem+json"
    assert told(answer) == told(whole.get(f"{PATH}?q=a"))


def test_a_plain_search_does_not_reach_the_application(app, service):
    def unreachable(environ, start):
        raise AssertionError(environ["QUERY_STRING"])

    short = Client(directly.Directly(unreachable, app.wsgi_app._our))
    assert short.get(f"{PATH}?q={quote('день')}").json["total"]["value"] == 25
