import re
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup

from searchsvc.correction.corrector import Reason
from searchsvc.model import ArticleDate, Precision
from searchsvc.searching.answer import Corrected
from searchsvc.web.app import create_app
from searchsvc.web.security import outward


@pytest.fixture
def page(client):
    def get(address, status=200):
        response = client.get(address)
        assert response.status_code == status
        return BeautifulSoup(response.get_data(as_text=True), "lxml")

    return get


def words(node):
    return re.sub(r"\s+", " ", node.get_text()).strip()


def test_nothing_asked_shows_the_newest(page):
    found = page("/")
    assert words(found.h1) == "Новые статьи"
    assert words(found.select_one(".hit h2")) == "Цифровизация библиотек: день 23"
    assert "всего 26 статей" in words(found.select_one(".summary"))


def test_results_are_counted_and_marked(page):
    found = page("/?q=цифровизации")
    assert words(found.h1) == "Нашлось 25 статей"
    assert {words(mark) for mark in found.select("mark")} == {"Цифровизация"}
    assert found.title.text == "цифровизации — Поиск по новостям"


def test_a_hit_shows_source_date_topics_and_where_it_was_cut(page):
    hit = page("/?q=библиотека&to=2021-02-02").select_one(".hit")
    about = words(hit.select_one(".about"))
    assert about == "Верхнереченские вести 2 февраля 2021, 10:01 Культура Технологии"
    assert hit.time["datetime"] == "2021-02-02T10:01+03:00"
    assert words(hit.select_one(".snippet")).endswith("…")
    assert hit.h2.a["href"].startswith("/articles/news-1?q=")


@pytest.mark.parametrize(
    ("when", "line"),
    [
        (ArticleDate(datetime(2021, 2, 1), Precision.MONTH), "февраль 2021"),
        (ArticleDate(datetime(2021, 1, 1), Precision.YEAR), "2021 год"),
        (None, "без даты"),
    ],
)
def test_a_date_is_shown_as_exactly_as_it_is_known(page, service, when, line):
    service.articles[:] = [replace(service.articles[0], date=when)]
    assert line in words(page("/").select_one(".about"))


def test_a_part_of_a_page_links_to_it(page):
    link = page("/?q=скрипт").find("a", string="часть страницы")
    assert link["href"].startswith("/articles/news-1")


def test_hostile_text_stays_text(client, page):
    for address in ("/?q=скрипт", "/articles/a%2Fb%3Fc=1&d%23e?q=скрипт"):
        found = page(address)
        assert not found.select("script:not([src]), img, b, i")
        assert not found.select("[onerror]")
        assert "<script>alert(1)</script>" in found.get_text()
        assert "<mark>Скрипт</mark> &#34;&gt;&lt;img" in client.get(address).get_data(as_text=True)


@pytest.mark.parametrize(
    "query", ['"><script>alert(1)</script>', "' onfocus='x", "{{ 7*7 }}", "а&б"]
)
def test_a_query_comes_back_as_it_was_typed(client, query):
    response = client.get("/", query_string={"q": query})
    found = BeautifulSoup(response.get_data(as_text=True), "lxml")
    assert found.select_one("#q")["value"] == query
    assert not found.select("script:not([src]), [onfocus]")


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://verhnerechensk.example/1", True),
        ("HTTP://verhnerechensk.example", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)//https://x", False),
        ("data:text/html,x", False),
        ("//verhnerechensk.example", False),
        ("/etc/passwd", False),
        ("https:///no-host", False),
        ("http://[broken", False),
        ("https://x/" + "a" * 2000, False),
        ("", False),
    ],
)
def test_only_web_addresses_become_links(url, is_link):
    assert (outward(url) == url) is is_link


def test_an_article_links_to_where_it_came_from(page):
    link = page("/articles/news-1").select_one(".original")
    assert link["href"] == "https://verhnerechensk.example/news/1"
    assert {"noopener", "nofollow", "ugc"} <= set(link["rel"])
    assert page("/articles/a%2Fb%3Fc=1&d%23e").select_one(".original") is None


def test_an_article_has_its_paragraphs_with_marks(page):
    article = page("/articles/news-1?q=цифровизация").article
    paragraphs = [p for p in article.find_all("p") if "about" not in p.get("class", [])]
    assert len(paragraphs) == 3
    assert [words(mark) for mark in paragraphs[2].select("mark")] == ["цифровизации"]
    assert words(article.h1) == "Цифровизация библиотек: день 1"
    assert "2 февраля 2021, 10:01" in words(article.select_one(".about"))
    assert article["lang"] == "ru"


def test_an_article_leads_back_to_the_results(page):
    assert page("/articles/news-1?q=а%26б").select_one(".back a")["href"] == "/?q=а%26б".replace(
        "а", "%D0%B0"
    ).replace("б", "%D0%B1")
    assert page("/articles/news-1").select_one(".back") is None


def test_facets_narrow_and_can_be_taken_off(page):
    found = page("/?q=цифровизация&sort=date")
    heads = [words(head) for head in found.select(".facets h2")]
    assert heads == ["Источник", "Рубрика", "Месяц"]
    link = found.find("a", string="Голос долины")
    narrowed = page("/" + link["href"])
    assert words(narrowed.h1) == "Нашлось 12 статей"
    assert "Источник" not in [words(head) for head in narrowed.select(".facets h2")]
    assert narrowed.select_one("input[name=source]")["value"] == "Голос долины"
    chip = narrowed.select_one(".chips a")
    assert "Источник: Голос долины" in words(chip)
    assert (
        chip["href"]
        == "?q=%D1%86%D0%B8%D1%84%D1%80%D0%BE%D0%B2%D0%B8%D0%B7%D0%B0%D1%86%D0%B8%D1%8F&sort=date"
    )


def test_a_month_is_a_facet_and_a_period(page):
    found = page("/?q=цифровизация")
    months = [words(a) for a in found.select(".facets section:last-child li a")]
    assert months == ["март 2021", "февраль 2021", "январь 2021"]
    narrowed = page("/" + found.find("a", string="февраль 2021")["href"])
    assert "Период: февраль 2021" in words(narrowed.select_one(".chips"))
    assert narrowed.select_one("input[name=from]")["value"] == "2021-02-01"
    assert narrowed.select_one("input[name=to]")["value"] == "2021-02-28"


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("from=2021&to=2021", "2021 год"),
        ("from=2021-02-03&to=2021-02-03", "3 февраля 2021"),
        ("from=2021-02-03", "с 3 февраля 2021"),
        ("to=2021-03", "по 31 марта 2021"),
        ("from=2021-02&to=2021-03", "с 1 февраля 2021 по 31 марта 2021"),
    ],
)
def test_a_period_is_named_shortly(page, query, line):
    assert f"Период: {line}" in words(page(f"/?{query}").select_one(".chips"))


def test_the_undated_are_counted(page):
    assert words(page("/").select_one(".undated")) == "без даты 1"


def test_pages_are_numbered_and_linked(page):
    found = page("/?q=цифровизация&page=2")
    paging = found.select_one(".paging")
    assert words(paging) == "← Назад 1 2 3 Дальше →"
    assert words(paging.select_one("[aria-current]")) == "2"
    assert found.select_one(".hits")["start"] == "11"
    assert paging.select_one("[rel=next]")["href"].endswith("&page=3")
    assert len(page("/?q=цифровизация&page=3").select(".hit")) == 5
    assert page("/?q=цифровизация&page=3").select_one("[rel=next]") is None


def test_past_the_last_page_the_way_back_is_shown(page):
    empty = page("/?q=цифровизация&page=99").select_one(".empty")
    assert words(empty) == "Результаты кончились раньше. К первой странице."
    assert "page=" not in empty.select_one("a")["href"]


def test_far_pages_are_skipped_over(page, service):
    service.articles[:] = [replace(service.articles[0], id=str(n)) for n in range(1500)]
    assert words(page("/?page=50").select_one(".paging")) == (
        "← Назад 1 … 48 49 50 51 52 … 100 Дальше →"
    )


def test_past_the_window_a_cursor_goes_on(page, service):
    service.articles[:] = [replace(service.articles[0], id=str(n)) for n in range(1500)]
    link = page("/?page=100").select_one("[rel=next]")
    assert link["href"] == "?cursor=c1000"
    onward = page("/" + link["href"])
    assert words(onward.select_one(".paging")) == "← В начало Дальше →"


def test_nothing_found_is_said_with_advice(page):
    found = page("/?q=небывальщина")
    assert words(found.h1) == "Ничего не нашлось"
    assert "опечатки" in words(found.select_one(".empty"))


def test_nothing_found_under_filters_offers_to_take_them_off(page):
    link = page("/?q=цифровизация&source=Нет").select_one(".empty a")
    assert link["href"].startswith("?q=")
    assert "source" not in link["href"]


def test_how_the_query_was_read_is_said(page, service):
    service.understood = {
        "interpreted": "цифровизация И библиотека",
        "widened": True,
        "all_words": 1,
        "warnings": ("Лишняя скобка пропущена",),
    }
    text = words(page("/?q=цифровизация библиотек)").main)
    assert "Понято так: цифровизация И библиотека" in text
    assert "Все слова есть в 1 статье, показаны и статьи с любым из них." in text
    assert "Лишняя скобка пропущена" in text


def test_every_answer_carries_the_security_headers(client, service):
    for path in ("/", "/api/v1/search", "/articles/none", "/healthz", "/static/style.css"):
        with client.get(path) as response:
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Referrer-Policy"] == "same-origin"


def test_pages_are_accessible_in_their_bones(page):
    for address in ("/", "/?q=цифровизация", "/articles/news-1"):
        found = page(address)
        assert found.html["lang"] == "ru"
        assert len(found.select("h1")) == 1
        assert len(found.select("main")) == 1
        for field in found.select("input:not([type=hidden]), select"):
            label = field.find_parent("label") or found.select_one(f"label[for={field.get('id')}]")
            assert words(label)


def test_a_corrected_query_says_so_and_offers_the_original(page, service):
    service.understood = {"corrected": Corrected("цифровизация", Reason.LAYOUT, used=True)}
    found = page("/?q=цифровизация&source=Голос+долины")
    notice = found.select_one(".notice")
    assert "исправлена раскладка клавиатуры" in words(notice)
    meant, original = notice.select("a")
    assert words(meant) == "цифровизация"
    assert "correct" not in meant["href"]
    assert "source=" in meant["href"]
    assert "correct=off" in original["href"]


def test_what_was_probably_meant_is_offered(page, service):
    service.understood = {"corrected": Corrected("библиотека", Reason.TYPO)}
    notice = page("/?q=цифровизация&correct=off").select_one(".notice")
    assert words(notice) == "Возможно, вы имели в виду: библиотека"
    assert "correct" not in notice.a["href"]


def test_hits_of_a_corrected_query_mark_its_words(page, service):
    service.understood = {"corrected": Corrected("библиотек", Reason.TYPO, used=True)}
    assert parse_qs(urlsplit(page("/?q=цифровизация").select_one(".hit h2 a")["href"]).query) == {
        "q": ["библиотек"]
    }


def test_the_form_takes_as_much_as_a_query_may_have(service, settings) -> None:
    longer = create_app(replace(settings, query_length=2_000), service).test_client()
    assert 'maxlength="2000"' in longer.get("/").text
    assert 'maxlength="2000"' in longer.get("/articles/news-1").text
