"""Parsing: a record of JSON or CSV goes in, its fields by whatever names; an article comes out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

from searchsvc.model import Article, Failure, Parsed
from searchsvc.parsing.cleaning import clean_line
from searchsvc.parsing.dates import parse_date
from searchsvc.parsing.fragments import line_of, text_of
from searchsvc.parsing.identity import article_id, host_of
from searchsvc.parsing.language import language_of
from searchsvc.parsing.titles import title_from_text

if TYPE_CHECKING:
    from searchsvc.model import ArticleDate, Place

# Names as publishers, crawlers and corpora write them, the likeliest first; case, spaces, hyphens
# and underscores do not matter: pubDate, pub_date, "Pub date".
_NAMES = {
    "id": "id guid uuid articleid newsid docid documentid идентификатор",
    "url": "url link href permalink canonicalurl pageurl articleurl ссылка адрес",
    "title": "title headline name heading header subject заголовок название",
    "text": "text body content fulltext articletext articlebody article maintext contenttext "
    "bodytext contenthtml texthtml bodyhtml rawtext текст полныйтекст содержание",
    "lead": "lead summary description annotation abstract subtitle excerpt teaser intro anons "
    "лид анонс аннотация описание подзаголовок",
    "date": "date published publishedat pubdate datepublished publishdate publicationdate "
    "publisheddate publishedtime datetime timestamp time createdat created dt "
    "updated updatedat datemodified year дата датапубликации опубликовано времяпубликации год",
    "source": "source site publisher sourcename sitename outlet media newspaper domain "
    "источник сайт издание сми",
    "topics": "topics topic category categories rubric rubrics section sections rubrika "
    "рубрика рубрики раздел категория тема темы",
    "authors": "authors author byline creator creators автор авторы",
    "tags": "tags tag keywords теги метки ключевыеслова",
    "language": "language lang язык",
}
_FIELD_NAMES = {field: tuple(names.split()) for field, names in _NAMES.items()}
# {"rendered": …} of WordPress, {"name": …} of schema.org and the like.
_INNER_NAMES = ("rendered", "name", "title", "text", "value", "#text", "html", "content", "url")
# «Наука и техника, космос» may be one topic; authors and tags have no commas of their own.
_DELIMITERS = {
    "topics": re.compile(r"[;|\n]|,(?=\S)"),
    "authors": re.compile(r"[;|\n,]| и (?=[А-ЯЁ])"),
    "tags": re.compile(r"[;|\n,]"),
}
_QUOTED_BREAK = re.compile(r"""['"]\s*,\s*['"]""")
# «за 50 рублей.Как сообщает»: paragraphs that a crawler joined. A capitalised word before the
# stop may be a name: «Яндекс.Такси».
_JOINED = re.compile(r"(\b[а-яё]{2,}[.!?…]|\w[!?…]|\w»[.!?…]?)(?=[«\"]?[А-ЯЁ][а-яё]*[\s,])")
_LANGUAGE_CODE = re.compile(r"([a-z]{2})(?:[-_][a-z]{2})?", re.I)
_NAMED_IN_REASON = 12


def parse_record(fields: Mapping[str, object], place: Place) -> Parsed:
    """Make an article of a record; without a title and a text it is a failure."""
    given = {_plain_name(name): value for name, value in fields.items()}
    lead, text = text_of(_first(given, "lead")), _unjoined(text_of(_first(given, "text")))
    if not text:
        lead, text = "", _unjoined(lead)
    title = line_of(_first(given, "title"))
    if not title and not text:
        return Parsed(failures=(Failure(place, _reason(fields)),))
    url = clean_line(_first(given, "url"))
    article = Article(
        id=article_id(_first(given, "id"), url, place),
        title=title or title_from_text(text),
        text=text,
        lead=clean_line(lead),
        url=url,
        date=_date(given),
        source=line_of(_first(given, "source")) or host_of(url),
        topics=_list(given, "topics"),
        authors=_list(given, "authors"),
        tags=_list(given, "tags"),
        language=_language(given, title, text),
        title_made=not title,
    )
    return Parsed((article,))


def _plain_name(name: object) -> str:
    return re.sub(r"[\s_-]+", "", str(name)[:100]).lower()


def _first(given: Mapping[str, object], field: str) -> str:
    """Return the first text that stands under any of a field's names."""
    texts = (_text(given.get(name)) for name in _FIELD_NAMES[field])
    return next((text for text in texts if text), "")


def _text(value: object) -> str:
    if isinstance(value, str):
        return "" if value.strip().lower() in ("null", "none", "nan") else value.strip()
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float | Decimal):
        return str(value)[:40]
    if isinstance(value, Mapping):
        inner = (value.get(name) for name in _INNER_NAMES)
        return next((it.strip() for it in inner if isinstance(it, str) and it.strip()), "")
    return "\n\n".join(_texts(value)) if isinstance(value, Iterable) else ""


def _texts(values: Iterable[object]) -> Iterator[str]:
    """Yield the texts of a list, not of lists in it."""
    for value in values:
        text = _text(value) if isinstance(value, str | int | float | Mapping) else ""
        if text:
            yield text


def _list(given: Mapping[str, object], field: str) -> tuple[str, ...]:
    for name in _FIELD_NAMES[field]:
        value = given.get(name)
        if isinstance(value, str):
            parts: Iterable[str] = _parted(value, field)
        elif isinstance(value, Iterable) and not isinstance(value, Mapping):
            parts = _texts(value)
        else:
            parts = (_text(value),)
        found = dict.fromkeys(line for part in parts if (line := line_of(part)))
        if found:
            return tuple(found)
    return ()


def _parted(value: str, field: str) -> list[str]:
    value = value.strip()
    if value.startswith("[") and value.endswith("]"):  # a list that was written as a text
        return [part.strip("[]'\" ") for part in _QUOTED_BREAK.split(value)]
    return _DELIMITERS[field].split(_text(value))


def _date(given: Mapping[str, object]) -> ArticleDate | None:
    """Return the first of the dates that can be read; «not known» leaves the article undated."""
    texts = (_text(given.get(name)) for name in _FIELD_NAMES["date"])
    dates = (parse_date(text) for text in texts if text)
    return next((date for date in dates if date is not None), None)


def _language(given: Mapping[str, object], title: str, text: str) -> str:
    code = _LANGUAGE_CODE.fullmatch(_first(given, "language"))
    return code[1].lower() if code else language_of(f"{title}\n{text[:1000]}")


def _unjoined(text: str) -> str:
    return _JOINED.sub("\\1\n", text)


def _reason(fields: Mapping[str, object]) -> str:
    names = ", ".join(repr(str(name)[:40]) for name in islice(fields, _NAMED_IN_REASON))
    return f"neither a title nor a text; the record has {names or 'no fields'}"
