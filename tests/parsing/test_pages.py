"""Whole pages: what is the article on them, and what is not."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchsvc.model import Article, Failure, Parsed, Place
from searchsvc.parsing.pages import parse_page

PAGES = sorted((Path(__file__).parent / "goldens" / "pages").glob("*.html"))
PLACE = Place("seeds/page.html")
STORY = (
    "Паром через Сизую начнёт ходить с субботы, сообщили в речном порту Приреченска.",
    "Первые рейсы назначены на шесть утра и на полдень, билет стоит сорок рублей.",
    "«Фарватер очистили от топляка, буи стоят на местах», — сказал капитан Кирьян Якорев.",
    "Если ветер усилится до пятнадцати метров в секунду, переправу закроют до утра.",
)
BODY = "".join(f"<p>{line}</p>" for line in STORY)
TEXT = "\n".join(STORY)


def article(html: str, collected: date | None = None) -> Article:
    parsed = parse_page(html, PLACE, collected=collected)
    assert parsed.failures == ()
    (found,) = parsed.articles
    return found


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


def f1(found: str, wanted: str) -> float:
    both = (words(found) & words(wanted)).total()
    return 2 * both / (words(found).total() + words(wanted).total())


def golden(page: Path) -> tuple[Article, dict[str, object]]:
    wanted = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    collected = date.fromisoformat(wanted["collected"]) if "collected" in wanted else None
    return article(page.read_text(encoding="utf-8"), collected), wanted


def said(found: Article) -> dict[str, object]:
    return {
        "title": found.title,
        "date": found.date.isoformat() if found.date else None,
        "authors": list(found.authors),
        "source": found.source,
        "url": found.url,
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_when_who_and_where(page: Path) -> None:
    found, wanted = golden(page)
    assert said(found) == {name: wanted[name] for name in said(found)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_gives_its_body(page: Path) -> None:
    found, wanted = golden(page)
    assert f1(found.text, str(wanted["body"])) >= 0.85


def test_all_pages_together_give_their_bodies() -> None:
    scores = [f1(found.text, str(wanted["body"])) for found, wanted in map(golden, PAGES)]
    assert len(scores) == 30
    assert sum(scores) / len(scores) >= 0.95


def test_paragraphs_are_lines() -> None:
    assert article(f"<article>{BODY}</article>").text == TEXT


def test_the_place_is_kept() -> None:
    found = article(f"<article>{BODY}</article>")
    assert found.origin == "seeds/page.html"
    assert found.language == "ru"


def test_a_page_without_any_title_gets_one_from_its_text() -> None:
    found = article(f"<article>{BODY}</article>")
    assert found.title_made
    assert TEXT.startswith(found.title)


@pytest.mark.parametrize(
    "html", ["", " ", "<html></html>", "<h1>Заголовок</h1>", "<nav>Меню</nav>"]
)
def test_a_page_without_text_is_a_failure(html: str) -> None:
    assert parse_page(html, PLACE) == Parsed(failures=(Failure(PLACE, "no article text"),))


@pytest.mark.parametrize(
    "noise",
    [
        "<p>Читайте также: <a href='/1'>Мост закрыли</a></p>",
        "<p><b>Читайте также:</b></p><ul><li><a href='/1'>Мост закрыли</a></li></ul>",
        "<h3>Материалы по теме</h3><p><a href='/1'>Мост закрыли</a></p>",
        "<p><a href='/1'>Мост закрыли на три дня</a></p>",
        "<figure><img src='1.jpg'><figcaption>Паром у причала</figcaption></figure>",
        "<p>Фото: пресс-служба порта</p>",
        "<p>Подписывайтесь на наш Telegram-канал</p>",
        "<p>Больше новостей — в нашем канале во ВКонтакте</p>",
        "<div class='ya-share2'>Поделиться</div>",
        "<div class='b-banner'>Шубы недорого</div>",
        "<aside>Мост закрыли</aside>",
        "<p>Нашли опечатку? Выделите её и нажмите Ctrl+Enter</p>",
        "<div hidden>Мост закрыли</div>",
        "<div style='display: none'>Мост закрыли</div>",
        "<script>var a = 'Мост закрыли';</script>",
        "<style>p { color: red }</style>",
        "<!-- Мост закрыли -->",
        "<p>Реклама</p>",
        "<p>Теги: паром, река</p>",
        "<div class='commentlist'><p>А мост когда?</p></div>",
    ],
)
def test_what_stands_between_paragraphs_is_no_text(noise: str) -> None:
    first, *rest = (f"<p>{line}</p>" for line in STORY)
    html = f"<h1>Паром вернулся</h1><article>{first}{noise}{''.join(rest)}</article>"
    assert article(html).text == TEXT


@pytest.mark.parametrize(
    "line",
    [
        "Подписывайтесь на перемены, говорил Кирьян Якорев матросам перед каждым рейсом.",
        "Фото утонувшей баржи порт показал журналистам в пятницу, через день после шторма.",
        "Самое трудное — найти мотористов, признал порт, и объявил набор учеников.",
        "Следите за уровнем воды: выше двух метров паром не ходит.",
        "Читайте вслух: так начинался урок.",
    ],
)
def test_a_sentence_that_begins_like_noise_stays(line: str) -> None:
    html = f"<h1>Паром вернулся</h1><article>{BODY}<p>{line}</p></article>"
    assert article(html).text == f"{TEXT}\n{line}"


def test_comments_are_no_text_even_when_they_are_longer() -> None:
    comments = "<p>Паром давно пора было пустить, мы ждали его с самого апреля.</p>" * 40
    html = f"<h1>Паром вернулся</h1>{BODY}<div class='comments'>{comments}</div>"
    assert article(html).text == TEXT


def test_a_story_that_follows_by_scrolling_is_another_one() -> None:
    other = "<h1>Ярмарка в Рудном</h1>" + "<p>На ярмарку привезли три тонны мёда.</p>" * 9
    both = f"<div><div><h1>Паром вернулся</h1>{BODY}</div><div>{other}</div></div>"
    assert article(both).text == TEXT
    both = f"<article><h1>Паром вернулся</h1>{BODY}</article><article>{other}</article>"
    assert article(both).text == TEXT


def test_json_ld_counts_before_what_is_shown() -> None:
    told = {
        "@type": "NewsArticle",
        "headline": "Паром вернулся на Сизую",
        "datePublished": "2024-05-01T10:00:00+03:00",
        "author": [{"name": "Нил Лодкин"}, "Ада Веслова"],
        "articleSection": "Река",
    }
    found = article(
        f"<script type='application/ld+json'>{json.dumps(told)}</script>"
        f"<h1>Новости реки</h1><time datetime='2024-06-01'>1 июня</time><article>{BODY}</article>"
    )
    assert found.title == "Паром вернулся на Сизую"
    assert found.date is not None
    assert found.date.isoformat() == "2024-05-01T10:00+03:00"
    assert found.authors == ("Нил Лодкин", "Ада Веслова")
    assert found.topics == ("Река",)


def test_a_visible_time_of_the_same_day_is_more_exact() -> None:
    found = article(
        "<meta name='date' content='2024-05-01'><h1>Паром вернулся</h1>"
        f"<div class='date'>1 мая 2024, 10:20</div><article>{BODY}</article>"
    )
    assert found.date is not None
    assert found.date.isoformat() == "2024-05-01T10:20+03:00"


def test_when_a_story_was_changed_is_not_when_it_was_written() -> None:
    found = article(
        "<h1>Паром вернулся</h1><p>Обновлено: 3 мая 2024, 12:00</p>"
        f"<time datetime='2024-05-01T10:00'>1 мая</time><article>{BODY}</article>"
    )
    assert found.date is not None
    assert found.date.isoformat() == "2024-05-01T10:00+03:00"


def test_today_is_the_day_the_page_was_saved() -> None:
    html = (
        f"<h1>Паром вернулся</h1><span class='date'>Сегодня, 9:05</span><article>{BODY}</article>"
    )
    found = article(html, date(2024, 5, 1))
    assert found.date is not None
    assert found.date.isoformat() == "2024-05-01T09:05+03:00"
    assert article(html).date is None


def test_a_lead_cut_short_is_no_lead() -> None:
    html = f"<meta name='description' content='{{}}'><h1>Паром</h1><article>{BODY}</article>"
    assert article(html.format("Паром через Сизую начнёт ходить с субботы…")).lead == ""
    assert article(html.format("Капитан обещает шесть рейсов в день")).lead != ""


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "слово",
        "<article>" * 40_000 + BODY,
        "<div itemscope itemprop=articleBody>" * 30_000,
        "<a " + " ".join(f"a{n}=1" for n in range(100_000)) + ">слово",
        f"<a title='{'x' * 5_000_000}'>слово</a>",
        "<" * 5_000_000,
        "<article><p>" + "слово " * 800_000,
        "<p>слово слово" * 100_000,
        "<div class=share>x</div>" * 49_000,
        "<h1>лёд</h1>" + "<div class=author>" * 150 + "слово " * 800_000,
        '<script type="application/ld+json">' + '{"a":[' * 300_000 + "</script>",
        '<script type="application/ld+json">' + '"\\"/*' * 300_000 + "</script>",
    ],
    ids=[
        "nested", "articles", "items", "attributes", "attribute", "brackets", "long", "paragraphs",
        "noise", "authors", "deep JSON", "broken JSON",
    ],
)  # fmt: skip
def test_a_monstrous_page_takes_bounded_time(html: str) -> None:
    begun = perf_counter()
    parse_page(html, PLACE)
    assert perf_counter() - begun < 30


PIECES = st.sampled_from(
    [
        "<h1>", "</h1>", "<article>", "</article>", "<p>", "<div class='text'>", "</div>", "<td>",
        "<time datetime='", "'>", "<script type='application/ld+json'>", "</script>", '{"@type":',
        '"NewsArticle"', '"headline":', "[", "]", "}", ",", "<meta property='og:title' content='",
        "<a rel=author href='//[", "<link rel=canonical href='http://[", "Автор: ", "1 мая 2024",
        "<!--", "<![CDATA[", "&#0;", "&#xD800;", "\x00", "\ud800", "<br>", "<?xml encoding='x'?>",
        "itemscope itemprop='articleBody author'", "Читайте также:", "слово слово слово. ",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text())
def test_any_text_is_a_page(text: str) -> None:
    parsed = parse_page(text, PLACE)
    assert len(parsed.articles) + len(parsed.failures) == 1


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join))
def test_any_markup_is_a_page(text: str) -> None:
    parsed = parse_page(text, PLACE, collected=date(2024, 5, 1))
    assert len(parsed.articles) + len(parsed.failures) == 1
    assert all(it.text.strip() and it.title for it in parsed.articles)
