from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.model import Article, Place, Precision
from searchsvc.parsing.dumps import parse_dump
from searchsvc.parsing.dumps_lines import Kind, kind_of

SEEDS = Path(__file__).parents[2] / "seeds"
GOLDENS = Path(__file__).parent / "goldens" / "dumps"
HERE = Place("page.txt")


def seed(name: str) -> tuple[Article, ...]:
    return parse_dump((SEEDS / name).read_text("utf-8"), Place(f"seeds/{name}")).articles


def outline(article: Article) -> dict[str, object]:
    paragraphs = article.text.split("\n\n")
    return {
        "title": article.title,
        "title_made": article.title_made,
        "date": article.date.isoformat() if article.date else None,
        "source": article.source,
        "part": bool(article.part_of),
        "paragraphs": len(paragraphs),
        "begins": paragraphs[0][:40],
        "ends": paragraphs[-1][-40:],
    }


@pytest.mark.parametrize("name", ["000_981a7bea91e4e615", "001_43f7259e81000b37"])
def test_the_given_dumps(name: str) -> None:
    golden = json.loads((GOLDENS / f"{name}.json").read_text("utf-8"))
    parsed = parse_dump((SEEDS / f"{name}.txt").read_text("utf-8"), HERE)
    assert [outline(article) for article in parsed.articles] == golden["articles"]
    assert parsed.promos == golden["promos"]


def test_a_date_in_the_first_line_is_no_text() -> None:
    (article,) = seed("000_981a7bea91e4e615.txt")
    assert article.text.startswith("Мэр Москвы")
    assert article.date is not None
    assert article.date.precision is Precision.DAY


def test_a_tail_story_is_found_by_its_own_names_only() -> None:
    page, *tail = seed("001_43f7259e81000b37.txt")
    for name in ("Зрюмов", "Дороганов", "Ледовый"):
        assert name not in page.text
        assert sum(name in story.text for story in tail) == 1
    assert all(story.part_of == page.id and story.date is None for story in tail)
    assert len({page.id, *(story.id for story in tail)}) == 4


PAGE = """Вестник Заречья
Главная / Новости
{head}

В Заречье открыли мост через реку Быструю. Его строили четыре года, сообщила мэрия.

По словам мэра, мост выдержит двести грузовиков. Движение по мосту начнётся в пятницу.
{below}"""


def page(head: str, below: str = "") -> tuple[Article, ...]:
    return parse_dump(PAGE.format(head=head, below=below), HERE).articles


@pytest.mark.parametrize(
    "head",
    [
        "19 февраля 2021 / 10:50\nМост через Быструю открыли раньше срока",
        "Мост через Быструю открыли раньше срока\n19.02.2021 10:50",
        "Опубликовано: 19 февраля 2021, 10:50\n\nМост через Быструю открыли раньше срока",
    ],
)
def test_date_and_title_stand_in_either_order(head: str) -> None:
    (article,) = page(head)
    assert article.title == "Мост через Быструю открыли раньше срока"
    assert article.source == "Вестник Заречья"
    assert article.date is not None
    assert article.date.isoformat() == "2021-02-19T10:50+03:00"
    assert article.text.startswith("В Заречье открыли")


def test_without_a_title_line_it_is_made() -> None:
    (article,) = page("19 февраля 2021")
    assert (article.title, article.title_made) == (
        "В Заречье открыли мост через реку Быструю",
        True,
    )
    assert article.source == "Вестник Заречья"


SHORT = "Губернатор открыл школу"
BODY = "В селе Верхнем теперь учатся рядом с домом. Строили два года, сказал завуч."


@pytest.mark.parametrize(
    ("head", "title", "source"),
    [
        (f"{SHORT}\n", SHORT, ""),
        (f"{SHORT}\n12 марта 2023\n", SHORT, ""),
        (f"12 марта 2023\n{SHORT}\n", SHORT, ""),
        (f"Вестник Заречья\n12.03.2023 10:00\n{SHORT}\n", SHORT, "Вестник Заречья"),
        ("Вестник большого Заречья\n12.03.2023\n", None, "Вестник большого Заречья"),
    ],
)
def test_a_title_of_three_words_is_no_sites_name(head: str, title: str | None, source: str) -> None:
    (article,) = parse_dump(f"{head}\n{BODY}", HERE).articles
    assert article.title == (title or "В селе Верхнем теперь учатся рядом с домом")
    assert (article.title_made, article.source) == (title is None, source)
    assert article.text == BODY


@pytest.mark.parametrize("title", [SHORT, f"{SHORT} в новом селе"])
def test_a_line_below_the_title_that_tells_something_is_text(title: str) -> None:
    lead = "На празднике выступил детский хор"
    (article,) = parse_dump(f"{title}\n{lead}\n\n{BODY}", HERE).articles
    assert article.title == title
    assert article.text == f"{lead}\n\n{BODY}"
    assert not article.source


TITLE = "Пекарь удивил ярмарку караваем"
STORY = "Пекарь из Лугового испёк каравай весом в сорок килограммов. Его съели за час на ярмарке."


@pytest.mark.parametrize(
    ("above", "title", "date"),
    [
        ("Читайте также\n", "", None),
        (f"Подписывайтесь на нас!\n{TITLE}\n", TITLE, None),
        (f"{TITLE}\n18 февраля 2021\n", TITLE, "2021-02-18"),
        ("18.02.2021 09:00\n", "", "2021-02-18T09:00+03:00"),
    ],
)  # fmt: skip
def test_a_story_below_is_its_own_article(above: str, title: str, date: str | None) -> None:
    main, story = page("19 февраля 2021\nМост через Быструю открыли", f"\n{above}\n{STORY}")
    assert main.text.endswith("в пятницу.")
    assert story.text == STORY
    assert (story.title_made, story.part_of) == (not title, main.id)
    assert not title or story.title == title
    assert (story.date.isoformat() if story.date else None) == date


def test_promo_lines_are_counted_and_belong_to_nobody() -> None:
    promos = "Подписывайтесь на наш канал\nФото: мэрия\nЧитайте также\nПоделиться"
    parsed = parse_dump(PAGE.format(head="Мост через Быструю открыли", below=promos), HERE)
    (article,) = parsed.articles
    assert parsed.promos == 4
    assert article.text.endswith("в пятницу.")


def test_a_promo_inside_an_article_does_not_end_it() -> None:
    more = "\nЧитайте также\n\nМост через Быструю строили рабочие из Заречья, напомнил мэр."
    (article,) = page("Мост через Быструю открыли", more)
    assert article.text.endswith("напомнил мэр.")
    assert "Читайте" not in article.text


def test_one_article_is_never_torn() -> None:
    wandering = "\n\n".join(f"Слово{n} другое{n} третье{n} пятое{n} совсем{n}." for n in range(30))
    assert len(parse_dump(wandering, HERE).articles) == 1


@pytest.mark.parametrize("text", ["", " \n\n ", "— …", "\x00"])
def test_a_dump_without_a_word_fails(text: str) -> None:
    parsed = parse_dump(text, HERE)
    assert not parsed.articles
    assert [failure.reason for failure in parsed.failures] == ["no text in the dump"]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Подписывайтесь на нас в социальных сетях!", Kind.BLURB),
        ("Еженедельная программа о людях нашего края", Kind.BLURB),
        ("Фото: пресс-служба", Kind.PROMO),
        ("Все права защищены", Kind.PROMO),
        ("19 февраля 2021 / 10:50", Kind.DATE),
        ("Почему подорожал бензин?", Kind.TITLE),
        ("Мост открыли раньше срока", Kind.TITLE),
        ("Поделились новостью", Kind.NOTE),
        ("«Приходите завтра, будем рады», — сказал мэр.", Kind.PARAGRAPH),
        ("Мост открыли раньше срока.", Kind.PARAGRAPH),
    ],
)
def test_lines_look_like_what_they_are(line: str, kind: Kind) -> None:
    assert kind_of(line) is kind


lines = st.sampled_from(
    [
        STORY,
        "Читайте также",
        "Мост открыли",
        "19.02.2021",
        "Заречье",
        "Фото: мэр",
        "",
        "— Да.",
        "Что?",
    ]
)


@given(st.text() | st.lists(lines, max_size=25).map("\n".join))
def test_any_text_gives_articles_or_a_failure(text: str) -> None:
    parsed = parse_dump(text, HERE)
    assert bool(parsed.articles) != bool(parsed.failures)
    for article in parsed.articles:
        assert article.title
        assert not article.title_made or article.text.startswith(article.title)
        assert not article.part_of or article.part_of == parsed.articles[0].id


@pytest.mark.parametrize(
    "unit",
    [
        "а",
        " ",
        "\n",
        "а ",
        "а.\n",
        "Читайте ",
        "Ёж бежал.\n",
        "19.02.2021 ",
        "«",
        "Аб Вг ",
        "сообщ",
        "8 800 ",
    ],
)
def test_a_megabyte_of_anything_takes_seconds(unit: str) -> None:
    begun = time.process_time()
    parse_dump(unit * (1_000_000 // len(unit)), HERE)
    assert time.process_time() - begun < 20
