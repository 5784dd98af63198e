import pytest

from searchsvc.correction.corrector import Reason
from searchsvc.errors import IndexMissing
from searchsvc.searching.answer import Corrected

ANSWER_KEYS = ["query", "total", "took_ms", "generation", "hits", "facets", "next"]
QUERY_KEYS = ["text", "interpreted", "lemmas", "corrected", "widened", "all_words", "warnings"]
HIT_KEYS = [
    *("id", "url", "title", "date", "source", "topics", "authors", "part_of", "score"),
    *("title_html", "snippets", "duplicates"),
]


def test_an_answer_has_the_documented_shape(client):
    answer = client.get("/api/v1/search?q=цифровизация&size=3&facets=source,month").json
    assert list(answer) == ANSWER_KEYS
    assert list(answer["query"]) == QUERY_KEYS
    assert answer["query"]["corrected"] is None
    assert answer["total"] == {"value": 25, "relation": "eq"}
    assert (answer["took_ms"], answer["generation"]) == (3.14, 7)
    assert [list(hit) for hit in answer["hits"]] == [HIT_KEYS] * 3
    assert answer["next"] == "c3"


def test_a_hit_says_what_is_known_of_its_article(client):
    hit = client.get("/api/v1/search?q=цифровизация&size=1&to=2021-02-02").json["hits"][0]
    snippets = hit.pop("snippets")
    assert hit == {
        "id": "news-1",
        "url": "https://verhnerechensk.example/news/1",
        "title": "Цифровизация библиотек: день 1",
        "date": "2021-02-02T10:01+03:00",
        "source": "Верхнереченские вести",
        "topics": ["Культура", "Технологии"],
        "authors": ["Иннокентий Выдуманный"],
        "part_of": None,
        "score": 1.2346,
        "title_html": "<mark>Цифровизация</mark> библиотек: день 1",
        "duplicates": 0,
    }
    assert snippets[0]["marks"] == [[0, 12]]
    assert snippets[0]["html"].startswith("<mark>Цифровизация</mark> районных")


def test_marks_cut_the_words_out_of_the_text(client):
    for hit in client.get("/api/v1/search?q=библиотека").json["hits"]:
        for snippet in hit["snippets"]:
            words = [snippet["text"][start:end] for start, end in snippet["marks"]]
            assert words == ["библиотек"]


def test_facets_are_those_asked_for_and_end_with_the_undated(client):
    facets = client.get("/api/v1/search?facets=source,month").json["facets"]
    assert list(facets) == ["source", "month"]
    assert {"value": "Верхнереченские вести", "count": 13} in facets["source"]
    assert facets["month"][-1] == {"value": None, "count": 1}
    assert client.get("/api/v1/search").json["facets"] == {}


def test_the_last_answer_has_no_next(client):
    assert client.get("/api/v1/search?size=100").json["next"] is None


def test_cursors_lead_through_all_hits(client):
    seen, cursor = [], ""
    while cursor is not None:
        answer = client.get("/api/v1/search", query_string={"size": 7, "cursor": cursor}).json
        seen += [hit["id"] for hit in answer["hits"]]
        cursor = answer["next"]
    assert len(seen) == len(set(seen)) == 26


def test_the_next_hits_are_linked_in_the_header(client):
    answer = client.get("/api/v1/search", query_string={"q": "день", "format": "csv", "size": 5})
    assert answer.headers["Link"].endswith('size=5&cursor=c5>; rel="next"')


def test_russian_stays_readable_in_json(client):
    assert "Цифровизация" in client.get("/api/v1/search?q=день").get_data(as_text=True)


def test_an_article_is_given_whole(client):
    article = client.get("/api/v1/articles/news-2").json
    assert article["title"] == "Цифровизация библиотек: день 2"
    assert article["date"] == "2021-03-03T10:02+03:00"
    assert article["language"] == "ru"
    assert "сканера" in article["text"]


def test_any_characters_may_be_in_an_id(client, service):
    assert client.get("/api/v1/articles/a%2Fb%3Fc=1&d%23e").json["id"] == "a/b?c=1&d#e"


@pytest.mark.parametrize("path", ["/api/v1/articles/none", "/api/v1/nothing", "/api/v1/articles/"])
def test_what_is_not_there_is_404(client, path):
    assert client.get(path).status_code == 404


def test_the_process_lives_even_without_an_index(client, service):
    service.failure = IndexMissing("no index in /somewhere/secret")
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_readiness_names_the_generation(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ready", "generation": 7, "articles": 26}


def test_what_was_meant_is_said(client, service):
    service.understood = {"corrected": Corrected("цифровизация", Reason.TYPO, used=True)}
    query = client.get("/api/v1/search?q=цыфровизация").json["query"]
    assert query["corrected"] == {"text": "цифровизация", "reason": "typo", "used": True}


def test_suggestions_begin_with_what_was_typed(client):
    assert client.get("/api/v1/suggest?q=цифров").json == {
        "query": "цифров",
        "suggestions": [
            {"text": "цифровая", "kind": "word"},
            {"text": "цифровизация здравоохранения", "kind": "word"},
        ],
    }
    assert client.get("/api/v1/suggest").json == {"query": "", "suggestions": []}


def test_a_suggestion_is_asked_for_within_limits(client):
    assert client.get("/api/v1/suggest?q=" + "щ" * 501).status_code == 400
    assert client.get("/api/v1/suggest?q=а&size=5").status_code == 400
    assert client.get("/api/v1/search?q=а&correct=maybe").status_code == 400
