"""Makes text dumps of pages by rule, with the truth about where each story begins and ends.

A dump is what a reader gets who saves a whole page as text: site line, date, title and body of
one article, then the beginnings of two to four others. Nothing here knows the splitter's rules:
half of the promo phrases (``UNSEEN_PROMOS``) is kept for the held-out set alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from datetime import datetime

SEEN_PROMOS = (
    "Нужно больше новостей? Ищите нас в поиске!",
    "Читайте также",
    "Читайте также: Что изменится для водителей с января",
    "Подписывайтесь на наш канал в Telegram",
    "Подписывайтесь на нас в социальных сетях и будьте в курсе событий!",
    "Фото: пресс-служба администрации",
    "Фото: из открытых источников",
    "Смотрите также",
    "Ещё по теме",
    "Новости партнёров",
    "Главное за день",
    "Популярное",
    "Проекты телеканала",
    "Самые важные новости — в нашей рассылке. Оформите подписку прямо сейчас.",
    "Если вы заметили ошибку в тексте, выделите её и нажмите Ctrl+Enter",
    "Поделиться",
    "Комментарии (0)",
    "Есть новость? Присылайте её нам: news@site.example",
    "Утреннее шоу о самом интересном в городе. Отличное настроение гарантировано!",
    "Еженедельная программа о людях, которые делают край лучше.",
    "Актуальные новости области от корреспондентов нашего телеканала.",
    "Эксклюзивные программы от журналистов радиостанции «Волна»",
)
UNSEEN_PROMOS = (
    "Вам может быть интересно",
    "Материалы по теме:",
    "Следите за нашими новостями в удобном формате",
    "Поставьте лайк, если материал вам понравился!",
    "Свежий номер газеты уже в продаже.",
    "Видео: очевидцы",
    "Выбор редакции",
    "Лента новостей",
    "Скачайте наше приложение, чтобы ничего не пропустить",
    "Телефон рекламной службы: 8 800 000-00-00",
    "Ежедневный разговор с гостями студии о жизни региона.",
    "Все права защищены. При использовании материалов ссылка обязательна.",
    "Больше интересного в нашей группе. Присоединяйтесь!",
    "Загрузить ещё",
    "Обсудить",
    "Реклама",
)
SECTION_LINES = (
    "Новости",
    "Главная / Новости",
    "Главная > Общество",
    "Общество",
    "Новости региона",
)
_MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
MONTHS = _MONTHS.split()
# What sites put among the paragraphs of an article; the truth would be wrong with them.
PAGE_PROMO = re.compile(
    r"Читайте|Подпи[сш]|Подробнее|Смотрите|Следите|Фото|Видео|фото:|http|Instagram"
)


@dataclass(frozen=True)
class Source:
    """An article to make dumps of."""

    site: str
    title: str
    date: datetime
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Story:
    """What a dump holds of one article; a title only where the dump has its line."""

    title: str
    dated: bool
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Dump:
    """A dump's text, and what it was made of; the first story is the page's own article."""

    text: str
    date: datetime
    stories: tuple[Story, ...]
    promos: tuple[str, ...]


def date_line(date: datetime, rng: random.Random) -> str:
    day = f"{date.day} {MONTHS[date.month - 1]} {date.year}"
    return rng.choice(
        (
            f"{day} / {date:%H:%M}",
            f"{day} года, {date:%H:%M}",
            f"{date:%H:%M}, {day}",
            f"{date:%d.%m.%Y %H:%M}",
            f"Опубликовано: {day}, {date:%H:%M}",
            f"{date:%Y-%m-%d %H:%M}",
        )
    )


def usable(paragraph: str) -> bool:
    return bool(paragraph) and not (len(paragraph) < 200 and PAGE_PROMO.search(paragraph))


def make_dump(
    sources: list[Source], rng: random.Random, promos: tuple[str, ...], *, bare: bool = True
) -> Dump:
    """Make a dump; with ``bare`` a fifth of the articles and half of the further stories end
    without any promo line below them.
    """
    main = rng.choice(sources)
    others = _others(main, sources, rng)
    used: list[str] = []
    lines = _head(main, rng)
    lines += main.paragraphs
    stories = [Story(main.title, True, main.paragraphs)]
    lines += _promos(rng, promos, used, most=3, none=0.2 if bare else 0.0)
    for number, other in enumerate(others):
        if number:
            lines += _promos(rng, promos, used, most=2, none=0.5 if bare else 0.0)
        story, head = _beginning(other, rng)
        stories.append(story)
        lines += [*head, *story.paragraphs]
    lines += _promos(rng, promos, used, most=2, none=0.5)
    separator = rng.choice(("\n\n", "\n\n", "\n"))
    return Dump(separator.join(lines), main.date, tuple(stories), tuple(used))


def _others(main: Source, sources: list[Source], rng: random.Random) -> list[Source]:
    """Draw two to four other articles; half of the time of the same site."""
    neighbours = [it for it in sources if it.site == main.site and it.title != main.title]
    strangers = [it for it in sources if it.title != main.title]
    count = rng.randint(2, 4)
    pool = neighbours if len(neighbours) >= count and rng.random() < 0.5 else strangers
    return rng.sample(pool, count)


def _head(main: Source, rng: random.Random) -> list[str]:
    head = [main.site]
    if rng.random() < 0.4:
        head.append(rng.choice(SECTION_LINES))
    dated, title = date_line(main.date, rng), main.title
    return [*head, title, dated] if rng.random() < 0.3 else [*head, dated, title]


def _beginning(source: Source, rng: random.Random) -> tuple[Story, list[str]]:
    paragraphs = source.paragraphs[: rng.randint(1, 4)]
    title = source.title if rng.random() < 0.5 else ""
    head = [title] if title else []
    dated = rng.random() < 0.3
    if dated:
        date = date_line(source.date - timedelta(days=rng.randint(0, 9)), rng)
        head.insert(rng.randint(0, len(head)), date)
    return Story(title, dated, paragraphs), head


def _promos(
    rng: random.Random, promos: tuple[str, ...], used: list[str], *, most: int, none: float
) -> list[str]:
    drawn = [] if rng.random() < none else rng.sample(promos, rng.randint(1, most))
    used.extend(drawn)
    return drawn
