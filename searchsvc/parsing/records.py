"""Parsing: a record of JSON or CSV goes in, its fields by whatever names; an article comes out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.model import Article, Failure, Parsed
from searchsvc.parsing.cleaning import clean_line
from searchsvc.parsing.dates import parse_date
from searchsvc.parsing.fragments import line_of, text_of
from searchsvc.parsing.identity import article_id, host_of
from searchsvc.parsing.language import DEFAULT, language_of, says_russian
from searchsvc.parsing.plain import joints, parted
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
# For each name the fields it may stand for, with its place among their names.
_FIELDS_OF: dict[str, list[tuple[str, int]]] = {}
for _field, _names in _NAMES.items():
    for _rank, _name in enumerate(_names.split()):
        _FIELDS_OF.setdefault(_name, []).append((_field, _rank))
# {"rendered": …} of WordPress, {"name": …} of schema.org and the like.
_INNER_NAMES = ("rendered", "name", "title", "text", "value", "#text", "html", "content", "url")
# «Наука и техника, космос» may be one topic; authors and tags have no commas of their own.
_DELIMITERS = {
    "topics": re.compile(r"[;|\n]|,(?=\S)"),
    "authors": re.compile(r"[;|\n,]| и (?=[А-ЯЁ])"),
    "tags": re.compile(r"[;|\n,]"),
}
_QUOTED_BREAK = re.compile(r"""['"]\s*,\s*['"]""")
# «за 50 рублей.Как сообщает»: paragraphs that a crawler joined.
_JOINT = re.compile(r"[.!?…»](?=[«\"]?[А-ЯЁ][а-яё]*[\s,])")
_LOWER = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяё")
_LANGUAGE_CODE = re.compile(r"([a-z]{2})(?:[-_][a-z]{2})?", re.I)
_NOTHING = frozenset({"null", "none", "nan"})
_NAMED_IN_REASON = 12
_NAME_LENGTH = 100
_MOST_NAMES = 64
"""The plan of a record is kept where it has so many fields, in names of such a length."""

_SHORT = 100
"""Letters of a value that is remembered once it was read: topics and sources come again."""


class Given(NamedTuple):
    """A record and which of its names may stand for each field, the likeliest first."""

    fields: Mapping[str, object]
    plan: Mapping[str, list[str]]

    def values(self, field: str) -> list[object]:
        """List the values that may be a field's."""
        return [self.fields[name] for name in self.plan.get(field, ())]


class _Ready(NamedTuple):
    """A text ready to be shown; a plain one has no letters of other languages in Cyrillic."""

    text: str
    plain: bool


def parse_record(fields: Mapping[str, object], place: Place) -> Parsed:
    """Make an article of a record; without a title and a text it is a failure."""
    given = Given(fields, plan_of(tuple(fields)))
    lead, (text, plain) = text_of(first_text(given, "lead")), _body(first_text(given, "text"))
    if not text:
        lead, text, plain = "", _unjoined(lead), False
    title, title_plain = _title(first_text(given, "title"))
    if not title and not text:
        return Parsed(failures=(Failure(place, _reason(fields)),))
    url = clean_line(first_text(given, "url"))
    article = Article(
        id=article_id(first_text(given, "id"), url, place),
        title=title or title_from_text(text),
        text=text,
        lead=clean_line(lead),
        url=url,
        date=date_of(given),
        source=one_line(first_text(given, "source")) or host_of(url),
        topics=listed(given, "topics"),
        authors=listed(given, "authors"),
        tags=listed(given, "tags"),
        language=_language(given, title, text, plain=plain and title_plain),
        title_made=not title,
        origin=place.path,
    )
    return Parsed((article,))


def _body(text: str) -> _Ready:
    found = joints(text)
    if found is None:
        return _Ready(_unjoined(text_of(text)), plain=False)
    return _Ready(parted(text, found) if found else text, plain=True)


def _title(text: str) -> _Ready:
    if joints(text) is None or "\n" in text:
        return _Ready(line_of(text), plain=False)
    return _Ready(text, plain=True)


def plan_of(names: tuple[str, ...]) -> dict[str, list[str]]:
    """Tell which of a record's names may stand for each field, the likeliest first."""
    long = len(names) > _MOST_NAMES or sum(map(len, names)) > _MOST_NAMES * _NAME_LENGTH
    return _plan(names) if long else _kept_plan(names)


def _plan(names: tuple[str, ...]) -> dict[str, list[str]]:
    """Make a plan; of equal names the last counts."""
    plain = {_plain_name(name): name for name in names}
    ranked = sorted(
        (field, rank, name)
        for plain_name, name in plain.items()
        for field, rank in _FIELDS_OF.get(plain_name, ())
    )
    plan: dict[str, list[str]] = {}
    for field, _, name in ranked:
        plan.setdefault(field, []).append(name)
    return plan


_kept_plan = lru_cache(maxsize=256)(_plan)


def _plain_name(name: object) -> str:
    return re.sub(r"[\s_-]+", "", str(name)[:_NAME_LENGTH]).lower()


def first_text(given: Given, field: str) -> str:
    """Return the first text that stands under any of a field's names."""
    for name in given.plan.get(field, ()):
        text = _text(given.fields[name])
        if text:
            return text
    return ""


def _text(value: object) -> str:
    if isinstance(value, str):
        value = value.strip()
        return "" if len(value) <= 4 and value.lower() in _NOTHING else value
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


def one_line(text: str) -> str:
    """Clean a value on one line."""
    return line_of(text) if len(text) > _SHORT else _kept_line(text)


_kept_line = lru_cache(maxsize=4096)(line_of)


def listed(given: Given, field: str) -> tuple[str, ...]:
    """Give the values of a field that may have several, from the first name that has any."""
    for value in given.values(field):
        found: tuple[str, ...]
        if isinstance(value, str):
            read = _read_list if len(value) > _SHORT else _kept_list
            found = read(value, field)
        elif isinstance(value, Iterable) and not isinstance(value, Mapping):
            found = _lines(_texts(value))
        else:
            found = _lines((_text(value),))
        if found:
            return found
    return ()


def _lines(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for part in parts if (line := one_line(part))))


def _read_list(value: str, field: str) -> tuple[str, ...]:
    return _lines(_parted(value, field))


_kept_list = lru_cache(maxsize=1024)(_read_list)


def _parted(value: str, field: str) -> list[str]:
    value = value.strip()
    if value.startswith("[") and value.endswith("]"):  # a list that was written as a text
        return [part.strip("[]'\" ") for part in _QUOTED_BREAK.split(value)]
    return _DELIMITERS[field].split(_text(value))


def date_of(given: Given) -> ArticleDate | None:
    """Return the first of the dates that can be read; «not known» leaves the article undated."""
    for value in given.values("date"):
        text = _text(value)
        date = parse_date(text) if text else None
        if date is not None:
            return date
    return None


def given_language(given: Given) -> str:
    """Give the code of the language that a record names, empty where it names none."""
    name = first_text(given, "language")
    code = _LANGUAGE_CODE.fullmatch(name) if name else None
    return code[1].lower() if code else ""


def _language(given: Given, title: str, text: str, *, plain: bool) -> str:
    code = given_language(given)
    if code:
        return code
    # A plain text has no letter that would speak against what its words say.
    if plain and says_russian(title, text):
        return DEFAULT
    return language_of(f"{title}\n{text[:1000]}")


def _unjoined(text: str) -> str:
    return _JOINT.sub(_parted_after, text)


def _parted_after(joint: re.Match[str]) -> str:
    """End a line after what ends a sentence: a word and its sign, or a quotation's end."""
    text, place, sign = joint.string, joint.start(), joint[0]
    if sign != "»" and text[place - 1 : place] == "»":
        place -= 1
        ends = _is_word(text[place - 1 : place])
    elif sign == ".":
        ends = _ends_lower_word(text, place)
    else:
        ends = _is_word(text[place - 1 : place])
    return f"{sign}\n" if ends else sign


def _ends_lower_word(text: str, end: int) -> bool:
    """Tell a word from what may be a name with a point in it: «Яндекс.Такси»."""
    start = end
    while start and text[start - 1] in _LOWER:
        start -= 1
    return end - start >= 2 and not _is_word(text[start - 1 : start] if start else "")


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _reason(fields: Mapping[str, object]) -> str:
    names = ", ".join(repr(str(name)[:40]) for name in islice(fields, _NAMED_IN_REASON))
    return f"neither a title nor a text; the record has {names or 'no fields'}"
