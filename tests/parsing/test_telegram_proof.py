"""5,670 real pages: all are read, and without their head they say the same."""

from __future__ import annotations

import os
import random
import re
import tarfile
from functools import cache
from html import unescape
from pathlib import Path
from typing import NamedTuple

import pytest

from searchsvc.model import ArticleDate, Parsed, Place
from searchsvc.parsing.dates import parse_date
from searchsvc.parsing.pages import parse_page

pytestmark = pytest.mark.prove

ARCHIVE = Path("html") / "telegram_2019-11-01.tar.gz"
SEED = 1
SAMPLE = 200


class Facts(NamedTuple):
    title: str
    date: ArticleDate | None
    authors: tuple[str, ...]


@cache
def pages() -> dict[str, str]:
    folder = os.environ.get("SEARCHSVC_DATA")
    if not folder:
        pytest.skip("SEARCHSVC_DATA does not name the folder of test data")
    path = Path(folder) / ARCHIVE
    if not path.exists():
        pytest.skip(f"{ARCHIVE} is not in the folder of test data")
    with tarfile.open(path) as archive:
        members = (member for member in archive if member.name.endswith(".html"))
        return {it.name: archive.extractfile(it).read().decode() for it in members}  # type: ignore[union-attr]


def without_head(page: str) -> str:
    return re.sub(r"<head>.*?</head>", "", page, count=1, flags=re.S)


def meta(page: str, name: str) -> str:
    found = re.search(rf'property="{name}" content="([^"]*)"', page)
    return " ".join(unescape(found[1]).split()) if found else ""


def told(page: str) -> Facts:
    author = re.search(r'rel="author"[^>]*>([^<]*)<', page)
    names = re.split(r"\s*,\s*", " ".join(unescape(author[1]).split())) if author else []
    return Facts(
        meta(page, "og:title"),
        parse_date(meta(page, "article:published_time")),
        tuple(filter(None, names)),
    )


def shown(parsed: Parsed) -> Facts | None:
    return next((Facts(it.title, it.date, it.authors) for it in parsed.articles), None)


def test_every_page_is_read() -> None:
    results = [parse_page(page, Place(name)) for name, page in pages().items()]
    assert len(results) == 5670
    assert all(len(it.articles) + len(it.failures) == 1 for it in results)
    assert sum(len(it.articles) for it in results) >= 5600


def test_pages_without_their_head_say_the_same() -> None:
    names = random.Random(SEED).sample(sorted(pages()), SAMPLE)
    wrong = {
        name: (told(pages()[name]), found)
        for name in names
        if told(pages()[name])
        != (found := shown(parse_page(without_head(pages()[name]), Place(name))))
    }
    print(f"seed {SEED}: {SAMPLE - len(wrong)} of {SAMPLE} pages alike")
    assert len(wrong) <= 0.02 * SAMPLE, wrong
