"""Parsing dumps: a line of a page comes in, what kind of line it looks like goes out."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

from searchsvc.parsing.cleaning import clean_line
from searchsvc.parsing.dates import find_date
from searchsvc.parsing.dumps_cohesion import piece_of


class Kind(Enum):
    """What a line looks like by itself; what it is depends on where it stands."""

    PARAGRAPH = auto()
    TITLE = auto()
    """A phrase without a full stop: a title, a subheading, an entry of a list."""
    NOTE = auto()
    """A word or two: «Новости», «Поделиться», a subheading."""
    DATE = auto()
    BLURB = auto()
    """What a publisher says to readers of itself, by its words; a title may look the same."""
    PROMO = auto()
    """What invites, credits or labels and tells nothing, whatever stands around."""


class Line(NamedTuple):
    """A line of the dump on which something stands."""

    text: str
    kind: Kind


PROMO_LENGTH = 240
TITLE_LENGTH = 130
_QUESTION_LENGTH = 100
_LEAD_LENGTH = 60
_LEAD_SHARES = 2
"""Stems that a lead without a full stop has in common with the title above it."""
_LONG_DATE_LINE = 100

# A sentence that begins with a call: «Подписывайтесь на нас», «Есть новость? Присылайте её».
_VERBS = (
    "подпи|сле[дж]|чита|смотр|ищ|жм|нажм|вступа|присоедин|пиш|напиш|шл|присыла",
    "пришл|дел|подел|скача|загруз",
    "установ|узна|остав|став|постав|сообщ|звон|позвон|слуша|голос|оформ|включа",
    "переход|выбира|выбер|добав",
    "поддерж|жд|заход|оцен|обсужда|участву|будь",
)
_CALLS = re.compile(
    rf"(?:\A|[.!?—–:…]\s)[«\"]?(?:не\s)?(?:{'|'.join(_VERBS)})\w{{0,8}}[йьи]те(?:сь)?\b", re.I
)
# Labels and credits, by the whole line or its beginning, then by what stands anywhere in it.
_STRONG_PATTERNS = (
    r"\A(?:фото(?: и видео|графия)?|видео|иллюстрация|коллаж|скриншот)\s?(?::|/|\(с\)|\Z)",
    r"\A(?:инфографика|источник|автор|текст|теги)\s?(?::|/|\(с\)|\Z)",
    r"\A(?:метки|материалы? по теме|по теме|реклама|на правах рекламы)\s?(?::|/|\Z)|\A©",
    r"\bчита(?:йте|ть) (?:также|ещё|еще|далее|нас)|\A(?:смотрите|читайте|слушайте)(?: также)?\s?:",
    r"\b(?:смотрите|слушайте) (?:также|нас)",
    r"\b(?:ещё|еще|больше|другие) (?:по теме|новост\w+|материалы)",
    r"\bновости партн[её]ров|\bглавн\w+ за (?:день|неделю|сутки|час)",
    r"\A(?:самое )?(?:популярное|читаемое|обсуждаемое)\b",
    r"\A(?:все|последние|свежие|главные) новости\b",
    r"\bвыбор редакции|\bлента новостей|\bзагрузить ещ[её]|\bпоказать ещ[её]",
    r"\bпросмотр(?:ов|ы)\s?:",
    r"\bподелиться\b.{0,30}\Z|\A(?:оставить )?комментари[йи]\b.{0,20}\Z|\bрекомендуем\b.{0,30}\Z",
    r"\bвсе права защищены|\b(?:использовании|цитировании|копировании|перепечатке)\b.{0,40}\bссылк",
    r"\bctrl\s?\+\s?enter|\b(?:заметили|нашли) (?:ошибку|опечатку)|\bоформ\w+ подписк",
    r"\bнаш\w* (?:telegram|телеграм|канал|групп|рассылк|приложени|сообществ|паблик|страни[цч])",
    r"\b(?:вам )?(?:может|могут) быть интересн",
)
_STRONG = re.compile("|".join(_STRONG_PATTERNS), re.I)
# «прошла», «решили», but not «канала», «материала».
_PAST = re.compile(
    r"\b(?!\w{0,12}(?:канал|материал|журнал|портал|сериал|финал|отдел|раздел|персонал|футбол)а?\b)"
    r"\w{2,30}(?:л|ла|ло|ли|лся|лась|лось|лись)\b",
    re.I,
)
# Of what a channel says of itself, two of these are a blurb: «Ежедневное интервью с гостями…»
_BLURB_CUES = (
    "программ|передач|телеканал|радио|канал|шоу|эфир|ведущ|выпуск|интервью",
    "разговор|беседа|корреспондент",
    "журналист|редакци|проект|студи|подкаст|гост[иья]|рубрик|газет|номер|рассылк",
    "телефон|сайт|новост",
    "ежедневн|еженедельн|ежемесячн|утренн|вечерн|актуальн|эксклюзивн|свеж",
    "гарантир|настроени|интересн",
    r"наш|ваш|вас\b|вам\b|нас\b|нам\b|нами\b|лучш|полезн|удобн",
)
_BLURB = re.compile(rf"\b(?:{'|'.join(_BLURB_CUES)})", re.I)
_CONTACT = re.compile(
    r"\S@\S+\.\w|(?:\+7|\b8)[\s(-]{0,3}\d{3}[\s)-]{0,3}\d{3}|https?://\S+\Z|\A@\w+\Z"
)
_NEWS = re.compile(r"[А-ЯЁ][а-яё]{1,30} [А-ЯЁ][а-яё]{2,30}|\b\d{1,2} [а-я]{3,8}\b")
_SPEECH = ("—", "–", "-", "«", '"')
_ENDS = (".", "!", "?", "…", ".»", "!»", "?»", '."', '!"', '?"', ":", ";", ".)", "»,", ".”", ".“")


def read_lines(text: str) -> list[Line]:
    """Return a clean text's lines that are not blank, each with its kind."""
    lines: list[Line] = []
    title: Line | None = None
    for text_line in text.split("\n"):
        cleaned = clean_line(text_line)
        if not cleaned:
            continue
        line = Line(cleaned, kind_of(cleaned))
        if title is not None and _is_lead(line, title):
            line = Line(cleaned, Kind.PARAGRAPH)
        lines.append(line)
        if line.kind is not Kind.DATE:
            title = line if line.kind is Kind.TITLE else None
    return lines


def _is_lead(line: Line, title: Line) -> bool:
    if line.kind is not Kind.TITLE or len(line.text) < _LEAD_LENGTH:
        return False
    return len(piece_of(line.text).stems & piece_of(title.text).stems) >= _LEAD_SHARES


def kind_of(line: str) -> Kind:
    """Tell what a line looks like."""
    if len(line) <= _LONG_DATE_LINE and find_date(line) is not None:
        return Kind.DATE
    if len(line) <= PROMO_LENGTH and (_STRONG.search(line) or _CONTACT.search(line)):
        return Kind.PROMO
    if _is_blurb(line):
        return Kind.BLURB
    if len(line) > TITLE_LENGTH or (line.endswith(_ENDS) and not _is_question(line)):
        return Kind.PARAGRAPH
    return Kind.TITLE if line.count(" ") >= 2 else Kind.NOTE


def tells(line: str) -> bool:
    """Tell whether a line says that something happened, as a site's name does not."""
    return _PAST.search(line) is not None


def _is_question(line: str) -> bool:
    """Tell «Почему подорожал бензин?», which may be a title, from a sentence of a text."""
    short = len(line) < _QUESTION_LENGTH and line.count(" ") >= 2
    return short and line.rstrip('»"”').endswith(("?", "!"))


def _is_blurb(line: str) -> bool:
    if len(line) > PROMO_LENGTH or line.startswith(_SPEECH) or _PAST.search(line):
        return False
    if _CALLS.search(line):
        return True
    cues = {cue.lower() for cue in _BLURB.findall(line)}
    # «программа Схемы Андрея Портнова»: who is named is news.
    return len(cues) >= 2 and len(line) <= 160 and not _NEWS.search(line)
